/** Rules and requests made so that they meet: few letters, few names, operands that are parts of what requests have. */
import type { DslxOperator, DslxTerm, DslxType } from '@causeway/apis/gateway/rule';
import type { RequestFacts } from '@causeway/dataplane/policy/request-facts';
import type { Random } from './random.ts';
import type { ReferenceRule } from './reference-matcher.ts';

/** Spec ALB section 3.2: what admission accepts. */
const OPERATORS: Readonly<Record<DslxType, readonly DslxOperator[]>> = {
  HOST: ['EQ', 'IN', 'STARTS_WITH', 'ENDS_WITH', 'REGEX'],
  URL: ['EQ', 'IN', 'STARTS_WITH', 'ENDS_WITH', 'REGEX'],
  METHOD: ['EQ', 'IN', 'REGEX'],
  HEADER: ['EQ', 'IN', 'STARTS_WITH', 'ENDS_WITH', 'REGEX', 'RANGE', 'EXIST'],
  PARAM: ['EQ', 'IN', 'STARTS_WITH', 'ENDS_WITH', 'REGEX', 'RANGE', 'EXIST'],
  COOKIE: ['EQ', 'IN', 'STARTS_WITH', 'ENDS_WITH', 'REGEX', 'RANGE', 'EXIST'],
  SRC_IP: ['EQ', 'IN', 'STARTS_WITH', 'REGEX', 'RANGE'],
};
/** Hosts and paths more often than the rest, as in practice. */
const TYPES: readonly DslxType[] = [
  'HOST',
  'HOST',
  'HOST',
  'URL',
  'URL',
  'URL',
  'METHOD',
  'HEADER',
  'PARAM',
  'COOKIE',
  'SRC_IP',
];

const METHODS = ['GET', 'POST', 'PUT', 'get'];
const HEADERS = ['x-env', 'X_Env', 'X-Tenant', 'x_tenant'];
const NAMES = ['a', 'b', 'A', 'ab', 'ä b'];
const WORDS = ['', 'a', 'b', 'ab', 'aB', 'b a', '10', '9', 'é', 'a.b'];
const ADDRESSES = [
  '10.0.0.1',
  '10.0.0.9',
  '10.0.0.10',
  '10.0.1.1',
  '9.255.0.1',
  '2001:db8::1',
  '2001:db8::a',
  '2001:db8:0:1::',
  '::1',
];
const ELEMENTS = ['a', 'b', 'ab', 'a.b', 'é', 'v1', 'v22', ''];
const LABELS = ['a', 'b', 'app', 'x1'];

export function randomRules(random: Random): ReferenceRule[] {
  const count = 1 + random.below(random.oneIn(8) ? 40 : 12);
  return Array.from({ length: count }, (_, i) => ({
    name: `r${i.toString(36)}`,
    priority: random.pick([-100, 0, 4, 5, 5, 5, 5, 1000]),
    dslx: random.list(1, 4, () => randomTerm(random)),
  }));
}

export function randomRequest(random: Random): RequestFacts {
  const headers: Record<string, readonly string[]> = {};
  for (const name of ['X-Env', 'x_env', 'x-tenant']) {
    if (random.oneIn(3)) headers[name] = random.list(1, 2, () => random.pick(WORDS));
  }
  if (random.oneIn(2)) {
    headers['Cookie'] = random.list(1, 2, () =>
      random.list(1, 3, () => `${random.pick(NAMES.slice(0, 4))}=${random.pick(WORDS)}`).join(random.pick(['; ', ';'])),
    );
  }
  return {
    host: random.oneIn(20) ? '' : randomHost(random),
    path: randomPath(random),
    method: random.pick(METHODS),
    headers,
    query: random.oneIn(2) ? '' : randomQuery(random),
    sourceAddress: random.pick(ADDRESSES),
  };
}

function randomHost(random: Random): string {
  return random.list(1, 3, () => random.pick(LABELS)).join('.');
}

function randomPath(random: Random): string {
  return `/${random.list(0, 3, () => random.pick(ELEMENTS)).join('/')}`;
}

function randomQuery(random: Random): string {
  const encoded = (text: string) =>
    random.oneIn(2) ? encodeURIComponent(text) : encodeURIComponent(text).replaceAll('%20', '+');
  return random
    .list(1, 4, () => {
      const name = encoded(random.pick(NAMES));
      return random.oneIn(4) ? name : `${name}=${random.oneIn(12) ? '%zz%4' : encoded(random.pick(WORDS))}`;
    })
    .join(random.oneIn(8) ? '&&' : '&');
}

function randomTerm(random: Random): DslxTerm {
  const type = random.pick(TYPES);
  const key = keyOf(type, random);
  const values = random.list(1, 3, () => {
    const drawn = random.pick(OPERATORS[type]);
    // Compiling expressions takes most of the time: every other one is something else.
    const operator = drawn === 'REGEX' && random.oneIn(2) ? 'EQ' : drawn;
    return [operator, ...randomOperands(type, operator, random)];
  });
  return key === undefined ? { type, values } : { type, key, values };
}

function keyOf(type: DslxType, random: Random): string | undefined {
  if (type === 'HEADER') return random.pick(HEADERS);
  return type === 'PARAM' || type === 'COOKIE' ? random.pick(NAMES.slice(0, type === 'COOKIE' ? 4 : 5)) : undefined;
}

function randomOperands(type: DslxType, operator: DslxOperator, random: Random): string[] {
  switch (operator) {
    case 'EXIST':
      return [];
    case 'EQ':
      return [randomValue(type, random)];
    case 'IN':
      return random.list(1, 4, () => randomValue(type, random));
    case 'STARTS_WITH': {
      const value = randomValue(type, random);
      return [value.slice(0, 1 + random.below(value.length))];
    }
    case 'ENDS_WITH':
      return [type === 'HOST' ? randomWildcard(random) : randomValue(type, random).slice(random.below(3))];
    case 'REGEX':
      return [randomRegex(random, type === 'HOST' || type === 'URL')];
    case 'RANGE':
      return randomRange(type, random);
  }
}

function randomValue(type: DslxType, random: Random): string {
  switch (type) {
    case 'HOST':
      return random.oneIn(6) ? randomHost(random).toUpperCase() : randomHost(random);
    case 'URL':
      return randomPath(random);
    case 'METHOD':
      return random.pick(METHODS);
    case 'SRC_IP':
      return random.pick(ADDRESSES);
    default:
      return random.pick(WORDS);
  }
}

function randomWildcard(random: Random): string {
  const suffix = random.list(1, 2, () => random.pick(LABELS)).join('.');
  return random.pick([`*.${suffix}`, `.${suffix}`, suffix]);
}

function randomRange(type: DslxType, random: Random): string[] {
  if (type !== 'SRC_IP' && !random.oneIn(4)) {
    return [random.pick(WORDS), random.pick(WORDS)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }
  const family = random.oneIn(2) ? ADDRESSES.slice(0, 5) : ADDRESSES.slice(5);
  const [low = 0, high = 0] = [random.below(family.length), random.below(family.length)].sort((a, b) => a - b);
  const ordered = family.toSorted((a, b) => Buffer.compare(numericOrder(a), numericOrder(b)));
  const brackets = (text = '') => (text.includes(':') && random.oneIn(2) ? `[${text}]` : text);
  return [brackets(ordered[low]), brackets(ordered[high])];
}

/** Sorts the few addresses above; nothing more. */
function numericOrder(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const order = ['::1', '2001:db8::1', '2001:db8::a', '2001:db8:0:1::'];
  return Buffer.from([order.indexOf(address)]);
}

/**
 * Of the subset that PCRE, RE2 and RegExp read alike. No repetition within a repetition: RegExp has no limit, the data plane has.
 *
 * @param pathLike begins with what paths and hosts begin with, more often
 */
function randomRegex(random: Random, pathLike: boolean): string {
  const start = random.oneIn(2) ? '' : pathLike && random.oneIn(2) ? '^/' : '^';
  return `${start}${alternatives(random, 2, true)}${random.oneIn(3) ? '$' : ''}`;
}

function alternatives(random: Random, depth: number, mayRepeat: boolean): string {
  return random.list(1, random.oneIn(3) ? 3 : 1, () => sequence(random, depth, mayRepeat)).join('|');
}

function sequence(random: Random, depth: number, mayRepeat: boolean): string {
  return random.list(depth === 2 ? 1 : 0, 3, () => piece(random, depth, mayRepeat)).join('');
}

const ATOMS = [
  'a',
  'b',
  '/',
  '\\.',
  '.',
  '[ab]',
  '[^b]',
  '[0-9]',
  '\\d',
  '\\w',
  '[a-z.]',
  'é',
  'v',
  'app',
  'x1',
  '\\/',
  '[\\w.]',
  '-',
];
const REPETITIONS = ['*', '+', '?', '{2}', '{0,1}', '{1,}', '*?', '+?', '??'];

function piece(random: Random, depth: number, mayRepeat: boolean): string {
  const repetition = mayRepeat && random.oneIn(3) ? random.pick(REPETITIONS) : '';
  if (depth > 0 && random.oneIn(4)) {
    return `${random.pick(['(', '(?:'])}${alternatives(random, depth - 1, repetition === '')})${repetition}`;
  }
  return random.pick(ATOMS) + repetition;
}
