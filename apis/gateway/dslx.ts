import { compareAddresses, parseAddress } from '../meta/address.ts';
import { isHost } from './host.ts';
import { checkRegex } from './regex.ts';
import { DSLX_OPERATORS, DSLX_TYPES, type Dslx, type DslxOperator, type DslxTerm, type DslxType } from './rule.ts';

/** A mistake in a dslx; `field` is relative to the list, e.g. `[0].values[1]`. */
export interface DslxMistake {
  readonly field: string;
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

const KEYED: ReadonlySet<string> = new Set(['HEADER', 'PARAM', 'COOKIE']);

/** Operators that make no sense for a type (spec ALB section 3.2). */
const REFUSED: Readonly<Record<DslxType, readonly DslxOperator[]>> = {
  HOST: ['RANGE', 'EXIST'],
  URL: ['RANGE', 'EXIST'],
  METHOD: ['STARTS_WITH', 'ENDS_WITH', 'RANGE', 'EXIST'],
  HEADER: [],
  PARAM: [],
  COOKIE: [],
  SRC_IP: ['ENDS_WITH', 'EXIST'],
};

/** Number of operands: exactly, or at least. */
const OPERANDS: Readonly<Record<DslxOperator, { readonly count: number; readonly more: boolean }>> = {
  EQ: { count: 1, more: false },
  IN: { count: 1, more: true },
  STARTS_WITH: { count: 1, more: false },
  ENDS_WITH: { count: 1, more: false },
  REGEX: { count: 1, more: false },
  RANGE: { count: 2, more: false },
  EXIST: { count: 0, more: false },
};

/**
 * Everything that is wrong with a dslx; empty when it can be served.
 *
 * Admission refuses an object with errors; the translator leaves a stored one
 * out and says so. Source: spec ALB sections 3.2 to 3.4.
 */
export function checkDslx(dslx: Dslx): readonly DslxMistake[] {
  if (dslx.length === 0) return [error('', 'Required value: an empty list never matches')];
  return dslx.flatMap((term, index) => checkTerm(term, `[${index}]`));
}

function checkTerm(term: DslxTerm, at: string): DslxMistake[] {
  // Objects stored before the schema said so may hold anything.
  if (!isType(term.type)) return [unsupported(`${at}.type`, term.type, DSLX_TYPES)];
  const mistakes: DslxMistake[] = [];
  const hasKey = term.key !== undefined && term.key !== '';
  if (KEYED.has(term.type) && !hasKey) mistakes.push(error(`${at}.key`, `Required value: ${term.type} needs a key`));
  if (!KEYED.has(term.type) && hasKey) mistakes.push(error(`${at}.key`, `Forbidden: ${term.type} takes no key`));
  const rows = term.values ?? [];
  if (rows.length === 0) mistakes.push(error(`${at}.values`, 'Required value: at least one row'));
  for (const [index, row] of rows.entries()) {
    mistakes.push(...checkRow(term.type, row, `${at}.values[${index}]`));
  }
  return mistakes;
}

function checkRow(type: DslxType, row: readonly string[], at: string): DslxMistake[] {
  const [operator, ...operands] = row;
  if (operator === undefined) return [error(at, 'Required value: a row is an operator and its operands')];
  if (!isOperator(operator)) return [unsupported(`${at}[0]`, operator, DSLX_OPERATORS)];
  if (REFUSED[type].includes(operator))
    return [error(`${at}[0]`, `Invalid value: "${operator}": not usable with ${type}`)];
  const { count, more } = OPERANDS[operator];
  if (more ? operands.length < count : operands.length !== count) {
    const wanted = `${more ? 'at least' : 'exactly'} ${count} ${count === 1 ? 'operand' : 'operands'}`;
    return [error(at, `Invalid value: ${operator} takes ${wanted}, got ${operands.length}`)];
  }
  if (operator === 'REGEX') return checkPattern(operands[0] ?? '', `${at}[1]`);
  if (operator === 'RANGE') return checkRange(operands[0] ?? '', operands[1] ?? '', at);
  if (operator !== 'EQ' && operator !== 'IN') return [];
  return operands.flatMap((operand, index) => {
    const message = neverEqual(type, operand);
    return message === undefined ? [] : [{ field: `${at}[${index + 1}]`, message, severity: 'warning' as const }];
  });
}

/** Why no request can have this value; undefined: one may. Allowed, because an ALB took such Rules. */
function neverEqual(type: DslxType, operand: string): string | undefined {
  const text = quoted(operand);
  switch (type) {
    case 'HOST':
      return isHost(operand) ? undefined : `${text} is no host name, which has no port; ENDS_WITH takes wildcards`;
    case 'URL':
      return operand.startsWith('/') ? undefined : `${text} is no path: paths begin with /`;
    case 'METHOD':
      return operand === operand.toUpperCase() ? undefined : `${text} is no method: they are sent in upper case`;
    case 'SRC_IP':
      return parseAddress(operand) === undefined
        ? `${text} is no address; RANGE takes the ends of a network`
        : undefined;
    default:
      return undefined;
  }
}

function checkPattern(pattern: string, at: string): DslxMistake[] {
  const verdict = checkRegex(pattern);
  switch (verdict.dialect) {
    case 'portable':
      return [];
    case 'pcre':
      return [
        {
          field: at,
          message: `regular expression ${quoted(pattern)} is for nginx only (it looks around or back, or RE2 reads it otherwise); its cost is limited per request`,
          severity: 'warning',
        },
      ];
    case 'invalid':
      return [error(at, `Invalid value: ${quoted(pattern)}: ${verdict.error}`)];
  }
}

/** The message is for people, and an event holds 1,024 characters. */
function quoted(pattern: string): string {
  return JSON.stringify(pattern.length > 100 ? `${pattern.slice(0, 100)}...` : pattern);
}

function checkRange(low: string, high: string, at: string): DslxMistake[] {
  const from = parseAddress(low);
  const to = parseAddress(high);
  const addresses = from !== undefined && to !== undefined && from.length === to.length;
  const order = addresses ? compareAddresses(from, to) : Buffer.compare(Buffer.from(low), Buffer.from(high));
  return order > 0 ? [error(at, `Invalid value: range start above end: ${low} > ${high}`)] : [];
}

function isType(text: string): text is DslxType {
  return DSLX_TYPES.some((type) => type === text);
}

function isOperator(text: string): text is DslxOperator {
  return DSLX_OPERATORS.some((operator) => operator === text);
}

function error(field: string, message: string): DslxMistake {
  return { field, message, severity: 'error' };
}

function unsupported(field: string, value: string, supported: readonly string[]): DslxMistake {
  const list = supported.map((name) => `"${name}"`).join(', ');
  return error(field, `Unsupported value: "${value}": supported values: ${list}`);
}
