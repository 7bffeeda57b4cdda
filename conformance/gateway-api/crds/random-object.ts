/**
 * Objects of a kind as a seed determines them: mostly of the shape that the schema asks for, with values of small sets, so that what CEL
 * compares is often equal, often there twice, and often of another type than the field beside it says.
 */
import type { JsonSchema } from '@causeway/apis/meta/schema';

/** A number of [0, 1); the same sequence for the same seed. Source: mulberry32, Tommy Ettinger. */
export type Random = () => number;

export function randomOf(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What a text without a pattern may well be. */
const PATHS = ['/', '/a', '/a//b', '/a/..', '/a/.', '/a/./b', '/a/../b', '/%2fa', '/%2Fa', '/a#b', 'relative'];

const TEXTS = [
  '/a',
  'a',
  'b',
  'Service',
  'Gateway',
  'HTTPS',
  'TLS',
  'HTTP',
  'TCP',
  '*',
  '*.example.com',
  'example.com',
  'a.*.com',
  'x.cluster.local',
  '10.0.0.1',
  'fd00::1',
  'Hostname',
  'IPAddress',
  'example.com/name',
  'https://example.com',
  'spiffe://a/b',
  'System',
  'foo.Bar',
  'foo bar',
  '1s',
  '500ms',
  '2h',
  '0s',
  '',
];

const MOST_ITEMS = 3;
const SAME_AGAIN = 0.4;
const FITTING = 0.8;

/** How the objects are: how often a field that need not be there is, and how often something is not what the schema asks for. */
interface Manner {
  readonly random: Random;
  readonly present: number;
  readonly wrong: number;
}

/** A value for a schema; some are sparse and some full, and one of five is wrong here and there. */
export function randomValue(schema: JsonSchema, random: Random): unknown {
  return valueFor(schema, { random, present: 0.1 + 0.6 * random(), wrong: random() < 0.2 ? 0.05 : 0 });
}

function valueFor(schema: JsonSchema, manner: Manner): unknown {
  const { random, wrong } = manner;
  const pick = <T>(values: readonly T[]): T | undefined => values[Math.floor(random() * values.length)];
  if (random() < wrong) return pick<unknown>(['wrong', 0, true, [], {}, null]);
  if (schema.enum !== undefined) return pick(schema.enum);
  switch (schema.type) {
    case 'object':
      return fieldsOf(schema, manner);
    case 'array':
      return itemsOf(schema, manner);
    case 'integer':
    case 'number':
      return pick([schema.minimum ?? 1, schema.minimum ?? 2, schema.maximum ?? 100, 80, 443, 500]);
    case 'boolean':
      return random() < 0.5;
    default:
      return textOf(schema, manner);
  }
}

/** Items are often the one before, or that with another field. */
function itemsOf({ items = {}, minItems = 0 }: JsonSchema, manner: Manner): readonly unknown[] {
  const { random } = manner;
  const count = Math.max(minItems, Math.floor(random() * (MOST_ITEMS + 1)));
  const found: unknown[] = [];
  while (found.length < count) {
    const fresh = valueFor(items, manner);
    const before = found.at(-1);
    if (before === undefined || random() > SAME_AGAIN) found.push(fresh);
    else if (!isObject(before) || !isObject(fresh)) found.push(before);
    else {
      const names = Object.keys(fresh);
      const name = names[Math.floor(random() * names.length)];
      found.push(name === undefined ? before : { ...before, [name]: fresh[name] });
    }
  }
  return found;
}

function fieldsOf(schema: JsonSchema, manner: Manner): unknown {
  const { random, present, wrong } = manner;
  const found: Record<string, unknown> = {};
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const isRequired = schema.required?.includes(name) === true;
    if (random() < (isRequired ? 1 - wrong : present)) found[name] = valueFor(child, manner);
  }
  if (schema.additionalProperties !== undefined && random() < present) {
    found[textOf({}, manner)] = valueFor(schema.additionalProperties, manner);
  }
  if (random() < FITTING) fit(schema, found, manner);
  return found;
}

/** Of fields that are named like a type, only that of the type stays, and is there. */
function fit({ properties = {} }: JsonSchema, found: Record<string, unknown>, manner: Manner): void {
  const names = Object.keys(properties);
  for (const discriminator of ['type', 'protocol']) {
    const types = properties[discriminator]?.enum ?? [];
    for (const type of types) {
      const field = names.find((name) => name.toLowerCase() === String(type).toLowerCase());
      if (field === undefined) continue;
      if (found[discriminator] !== type) delete found[field];
      else found[field] ??= valueFor(properties[field] ?? {}, manner);
    }
  }
}

function textOf({ pattern, minLength = 0 }: JsonSchema, { random, wrong }: Manner): string {
  const expression = pattern === undefined || random() < wrong ? undefined : new RegExp(pattern);
  if (pattern === undefined && random() < 0.5) return PATHS[Math.floor(random() * PATHS.length)] ?? '/';
  const allowed = TEXTS.filter((text) => text.length >= minLength && expression?.test(text) !== false);
  return allowed[Math.floor(random() * allowed.length)] ?? 'a';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
