import { isDyn, type Type, typeText } from '../type.ts';

/** `%.3f`: verb `f`, three digits. */
export interface FormatClause {
  readonly verb: string;
  readonly digits: number;
}

const CLAUSE = /%(?:%|(?:\.(\d*))?([\s\S]?))/gu;
const PRECISION_DEFAULT = 6;
const PRECISION_MAX = 100;

/** What a format asks for, in order; or what is wrong with it. Source: cel-go ext, formatting.go. */
export function formatClauses(text: string): readonly FormatClause[] | string {
  const clauses: FormatClause[] = [];
  for (const [all, precision, verb] of text.matchAll(CLAUSE)) {
    if (all === '%%') continue;
    if (verb === undefined || verb === '') return 'unexpected end of string';
    if (VERBS[verb] === undefined) return `could not parse formatting clause: unrecognized formatting clause "${verb}"`;
    const digits = precision === undefined ? PRECISION_DEFAULT : Math.min(PRECISION_MAX, Number(precision));
    clauses.push({ verb, digits });
  }
  return clauses;
}

/** `format` with each clause replaced by what `by` returns. The format must be right. */
export function replaceClauses(text: string, by: (index: number) => string): string {
  let index = 0;
  return text.replace(CLAUSE, (all) => (all === '%%' ? '%' : by(index++)));
}

interface Verb {
  readonly name: string;
  readonly wanted: string;
  readonly types: readonly string[];
}

const VERBS: Readonly<Record<string, Verb>> = {
  s: {
    name: 'string',
    wanted: 'strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
    types: 'string bool bytes int uint double map list type duration timestamp null_type object'.split(' '),
  },
  d: { name: 'decimal', wanted: 'integers', types: ['int', 'uint'] },
  f: { name: 'fixed-point', wanted: 'doubles', types: ['double'] },
  e: { name: 'scientific', wanted: 'doubles', types: ['double'] },
  b: { name: 'binary', wanted: 'integers and bools', types: ['int', 'uint', 'bool'] },
  o: { name: 'octal', wanted: 'integers', types: ['int', 'uint'] },
  x: { name: 'hex', wanted: 'integers, byte buffers, and strings', types: ['int', 'uint', 'string', 'bytes'] },
  X: { name: 'hex', wanted: 'integers, byte buffers, and strings', types: ['int', 'uint', 'string', 'bytes'] },
};

/** Why a clause does not take values of a type; undefined when it does. */
export function takesType(verb: string, type: Type): string | undefined {
  if (isDyn(type) || VERBS[verb]?.types.includes(type.kind) === true) return undefined;
  return wrongType(verb, typeText(type));
}

/** @param given the name of the type of a value */
export function wrongType(verb: string, given: string): string {
  const { name = '', wanted = '' } = VERBS[verb] ?? {};
  return `error during formatting: ${name} clause can only be used on ${wanted}, was given ${given}`;
}
