import type { Dslx, DslxTerm } from '@causeway/apis/gateway/rule';
import type { RouteOrderIR } from '@causeway/ir/gateway';

/**
 * Where a Rule stands on its port: priority, then complexity, then length of the
 * data-plane form, then name.
 *
 * Source: spec ALB section 4.
 */
export function ruleOrder(rule: {
  readonly name: string;
  readonly priority: number;
  readonly dslx: Dslx;
}): RouteOrderIR {
  return {
    priority: rule.priority,
    specificity: [complexity(rule.dslx), bytes(JSON.stringify(internalDsl(rule.dslx)))],
    tie: rule.name,
  };
}

/** Weight of a dslx; exact hosts beat wildcards, exact paths beat prefixes, longer prefixes beat shorter ones. */
export function complexity(dslx: Dslx): number {
  let sum = 0;
  for (const term of dslx) sum += termWeight(term);
  return sum;
}

/** A nested prefix form: `["AND",["EQ","HOST","a.com"],["STARTS_WITH","URL","/x"]]`. */
export type InternalDsl = readonly (string | InternalDsl)[];

/** The data-plane form of spec ALB 3.4. One term stands alone, as does one row; no terms: `[]`. */
export function internalDsl(dslx: Dslx): InternalDsl {
  const terms = dslx.map((term) => {
    const rows = (term.values ?? []).map(([operator = '', ...operands]) => {
      const key = term.key === undefined || term.key === '' ? [] : [term.key];
      return [operator, term.type, ...key, ...operands];
    });
    return only(rows) ?? ['OR', ...rows];
  });
  if (terms.length === 0) return [];
  return only(terms) ?? ['AND', ...terms];
}

function only<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}

function termWeight(term: DslxTerm): number {
  const rows = term.values ?? [];
  switch (term.type) {
    case 'HOST':
      return hostWeight(rows[0]?.[0]);
    case 'URL': {
      let sum = 0;
      for (const row of rows) sum += pathWeight(row);
      return sum;
    }
    default:
      return 100 * rows.length;
  }
}

function hostWeight(operator: string | undefined): number {
  switch (operator) {
    case 'EQ':
    case 'IN':
      return 50_000;
    case 'ENDS_WITH':
      return 10_000;
    default:
      return 0;
  }
}

function pathWeight([operator, operand = '']: readonly string[]): number {
  switch (operator) {
    case 'EQ':
      return 2000;
    case 'STARTS_WITH':
      return 1000 + bytes(operand) + 2;
    case 'REGEX':
      return 1000 + bytes(operand);
    default:
      return 0;
  }
}

function bytes(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
