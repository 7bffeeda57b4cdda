import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/structural.ts';
import type { FieldOwner } from './owner.ts';
import { appliedObject, appliedOwners, fieldsOfConfig, ownersAfterUpdate } from './ownership.ts';
import { pathText } from './path-element.ts';

const SCHEMA: StructuralSchema = {
  type: 'object',
  properties: {
    set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    atomic: { type: 'array', items: { type: 'string' } },
    list: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', properties: { name: { type: 'string' }, value: { type: 'integer' } } },
    },
    map: { type: 'object', additionalProperties: { type: 'string' } },
    inner: { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } } },
  },
};

const name = fc.constantFrom('a', 'b', 'c');
const config = fc.record(
  {
    set: fc.uniqueArray(name, { minLength: 1 }),
    atomic: fc.array(name, { minLength: 1, maxLength: 2 }),
    list: fc.uniqueArray(fc.record({ name, value: fc.integer({ min: 0, max: 2 }) }), {
      minLength: 1,
      selector: (item) => item.name,
    }),
    map: fc.dictionary(name, fc.constantFrom('1', '2'), { minKeys: 1, maxKeys: 3 }),
    inner: fc.record({ a: fc.integer({ min: 0, max: 2 }), b: fc.integer({ min: 0, max: 2 }) }, { requiredKeys: ['a'] }),
  },
  { requiredKeys: [] },
);

const state = (object: unknown): JsonObject => JSON.parse(JSON.stringify(object));
const writer = (manager: string) =>
  ({ manager, operation: 'Apply', apiVersion: 'v1', subresource: '', now: '2026-01-01T00:00:00Z' }) as const;

function apply(manager: string, said: JsonObject, live: JsonObject, owners: readonly FieldOwner[]) {
  const { fields } = fieldsOfConfig(SCHEMA, said);
  const application = { schema: SCHEMA, live, config: said, fields, owners, writer: writer(manager) };
  const object = appliedObject(application);
  return { object, ...appliedOwners(application, object) };
}

const RUNS = { seed: 20_261_121, numRuns: 500 };

test('what is applied is there, and applying it again changes nothing', () => {
  fc.assert(
    fc.property(config, config, config, (first, second, third) => {
      const one = apply('one', state(first), {}, []);
      const two = apply('two', state(second), one.object, one.owners);
      const three = apply('one', state(third), two.object, two.owners);
      for (const said of fieldsOfConfig(SCHEMA, state(third)).fields.paths()) {
        expect(fieldsOfConfig(SCHEMA, three.object).fields.has(said)).toBe(true);
      }
      const again = apply('one', state(third), three.object, three.owners);
      expect(again).toEqual({ ...three, owners: expect.anything(), conflicts: [] });
    }),
    RUNS,
  );
});

test('two who share nothing leave no trace of the one who goes', () => {
  fc.assert(
    fc.property(config, config, (first, second) => {
      const alone = apply('two', state(second), {}, []);
      const one = apply('one', state(first), alone.object, alone.owners);
      fc.pre(one.conflicts.length === 0);
      const gone = apply('one', {}, one.object, one.owners);
      const fieldsIn = (object: JsonObject): unknown =>
        new Set([...fieldsOfConfig(SCHEMA, object).fields.paths()].map(pathText));
      expect(fieldsIn(gone.object)).toEqual(fieldsIn(alone.object));
      const owning = (owners: readonly FieldOwner[]): unknown => owners.filter(({ fields }) => !fields.isEmpty);
      expect(owning(gone.owners)).toEqual(owning(alone.owners));
    }),
    RUNS,
  );
});

test('whoever updates owns what he changed, and nobody else does', () => {
  fc.assert(
    fc.property(config, config, (before, after) => {
      const made = apply('one', state(before), {}, []);
      const owners = ownersAfterUpdate({
        schema: SCHEMA,
        before: state(before),
        after: state(after),
        owners: made.owners,
        writer: { ...writer('two'), operation: 'Update' },
      });
      const [one, two] = ['one', 'two'].map((manager) => owners.find((owner) => owner.manager === manager)?.fields);
      for (const path of two?.paths() ?? []) expect(one?.has(path)).not.toBe(true);
      const left = fieldsOfConfig(SCHEMA, state(after)).fields;
      for (const path of left.paths()) expect(one?.has(path) === true || two?.has(path) === true).toBe(true);
    }),
    RUNS,
  );
});
