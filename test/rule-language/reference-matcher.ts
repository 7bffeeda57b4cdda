/**
 * Which Rule takes a request, read off spec ALB sections 3 and 4 line by line, as slow and plain as that: sort all rules, try
 * one after the other. It shares no code with the product: hosts, queries, cookies, addresses, regular expressions and the
 * order are judged by the platform's own means (URLSearchParams, BlockList, RegExp).
 */
import { BlockList, isIP } from 'node:net';
import type { Dslx, DslxTerm } from '@causeway/apis/gateway/rule';
import type { RequestFacts } from '@causeway/dataplane/policy/request-facts';

export interface ReferenceRule {
  readonly name: string;
  readonly priority: number;
  readonly dslx: Dslx;
}

/** Section 4: priority, complexity, length of the data-plane form, name. */
export function inReferenceOrder(rules: readonly ReferenceRule[]): ReferenceRule[] {
  const keyed = rules.map((rule) => ({ rule, weight: complexity(rule.dslx), length: dataPlaneLength(rule.dslx) }));
  keyed.sort(
    (a, b) =>
      a.rule.priority - b.rule.priority ||
      b.weight - a.weight ||
      b.length - a.length ||
      Buffer.compare(Buffer.from(a.rule.name), Buffer.from(b.rule.name)),
  );
  return keyed.map(({ rule }) => rule);
}

/** @param ordered see {@link inReferenceOrder} */
export function referenceMatch(ordered: readonly ReferenceRule[], request: RequestFacts): string | undefined {
  return ordered.find(({ dslx }) => dslx.every((term) => termHolds(term, request)))?.name;
}

function complexity(dslx: Dslx): number {
  return dslx.map(weightOf).reduce((a, b) => a + b, 0);
}

function weightOf({ type, values = [] }: DslxTerm): number {
  if (type === 'HOST') {
    const first = values[0]?.[0];
    return first === 'EQ' || first === 'IN' ? 50_000 : first === 'ENDS_WITH' ? 10_000 : 0;
  }
  if (type !== 'URL') return 100 * values.length;
  return values
    .map(([operator, operand = '']) => {
      if (operator === 'EQ') return 2000;
      if (operator === 'STARTS_WITH') return 1000 + Buffer.byteLength(operand) + 2;
      return operator === 'REGEX' ? 1000 + Buffer.byteLength(operand) : 0;
    })
    .reduce((a, b) => a + b, 0);
}

/** Section 3.4: `["AND",["EQ","METHOD","POST"],["OR",[..],[..]]]`; one term or row stands alone. */
function dataPlaneLength(dslx: Dslx): number {
  const terms: unknown[] = dslx.map(({ type, key, values = [] }) => {
    const rows: unknown[] = values.map(([operator, ...operands]) => [
      operator,
      type,
      ...(key === undefined ? [] : [key]),
      ...operands,
    ]);
    return rows.length === 1 ? rows[0] : ['OR', ...rows];
  });
  return Buffer.byteLength(JSON.stringify(terms.length === 1 ? terms[0] : ['AND', ...terms]));
}

function termHolds(term: DslxTerm, request: RequestFacts): boolean {
  return valuesOf(term, request).some((value) => (term.values ?? []).some((row) => rowHolds(term, row, value)));
}

/** Section 3.1; a missing value is no value, so that no operator is true. */
function valuesOf({ type, key = '' }: DslxTerm, request: RequestFacts): readonly string[] {
  switch (type) {
    case 'HOST':
      return [request.host ?? ''];
    case 'URL':
      return [request.path ?? '/'];
    case 'METHOD':
      return [request.method ?? 'GET'];
    case 'SRC_IP':
      return [request.sourceAddress ?? ''];
    case 'PARAM':
      return new URLSearchParams(request.query ?? '').getAll(key);
    case 'HEADER': {
      const spelled = headerValue(request, key);
      const value = spelled ?? headerValue(request, key.replaceAll('_', '-'));
      return value === undefined ? [] : [value];
    }
    case 'COOKIE': {
      const pairs = (headerValue(request, 'cookie', '; ') ?? '').split(';').map((pair) => pair.trim());
      const found = pairs.find((pair) => pair.startsWith(`${key}=`));
      return found === undefined ? [] : [found.slice(key.length + 1)];
    }
  }
}

function headerValue(request: RequestFacts, name: string, separator = ', '): string | undefined {
  const same = Object.entries(request.headers ?? {}).find(([each]) => each.toLowerCase() === name.toLowerCase());
  return same?.[1].join(separator);
}

/** Section 3.2. */
function rowHolds({ type }: DslxTerm, row: readonly string[], value: string): boolean {
  const [operator, ...written] = row;
  const operands = type === 'HOST' && operator !== 'REGEX' ? written.map((text) => text.toLowerCase()) : written;
  const [first = '', second = ''] = operands;
  switch (operator) {
    case 'EQ':
      return value === first;
    case 'IN':
      return operands.includes(value);
    case 'STARTS_WITH':
      return value.startsWith(first);
    case 'ENDS_WITH':
      return type === 'HOST' ? wildcardHolds(first, value) : value.endsWith(first);
    case 'REGEX':
      return finds(first, value);
    case 'RANGE':
      return isBetween(first, second, value);
    case 'EXIST':
      return true;
    default:
      throw new TypeError(`no operator ${operator}`);
  }
}

/** Section 3.3: `*.s` and `.s` are one label and `.s`. */
function wildcardHolds(operand: string, host: string): boolean {
  const suffix = operand.replace(/^\*/, '');
  if (!suffix.startsWith('.')) return host.endsWith(suffix);
  const [label, ...rest] = host.split('.');
  return label !== '' && rest.length > 0 && `.${rest.join('.')}` === suffix;
}

const regexes = new Map<string, RegExp>();

/** Patterns are matched on the bytes of the UTF-8 form. */
function finds(pattern: string, value: string): boolean {
  const regex = regexes.get(pattern) ?? new RegExp(bytesOf(pattern));
  regexes.set(pattern, regex);
  return regex.test(bytesOf(value));
}

function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** All addresses of one family: numerically; an address of the other family is outside (ADR 3); else by bytes. */
function isBetween(low: string, high: string, value: string): boolean {
  const [from, to, asked] = [withoutBrackets(low), withoutBrackets(high), withoutBrackets(value)];
  const family = isIP(from);
  if (family !== 0 && isIP(to) === family && isIP(asked) !== 0) {
    return isIP(asked) === family && addressesBetween(from, to).check(asked, family === 4 ? 'ipv4' : 'ipv6');
  }
  const text = Buffer.from(value);
  return Buffer.compare(Buffer.from(from), text) <= 0 && Buffer.compare(text, Buffer.from(to)) <= 0;
}

function withoutBrackets(address: string): string {
  return address.replace(/^\[(.*:.*)\]$/, '$1');
}

const ranges = new Map<string, BlockList>();

function addressesBetween(from: string, to: string): BlockList {
  const key = `${from}-${to}`;
  const known = ranges.get(key);
  if (known !== undefined) return known;
  const list = new BlockList();
  list.addRange(from, to, isIP(from) === 4 ? 'ipv4' : 'ipv6');
  ranges.set(key, list);
  return list;
}
