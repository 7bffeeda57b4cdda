import { expect, expectTypeOf, test } from 'vitest';
import { array, boolean, integer, intOrString, map, object, oneOf, optional, string, type TypeOf } from './schema.ts';

const port = object('A port.', {
  number: integer('Its number.', { minimum: 1, maximum: 65_535 }),
  protocol: oneOf('Its protocol.', ['http', 'tcp']),
  name: optional(string('Its name.', { pattern: '^[a-z]+$' })),
  limits: optional(map('Limits.', intOrString('Quantity.'))),
  open: optional(array('Whether.', boolean('Open.'))),
});

test('one description gives the type', () => {
  expectTypeOf<TypeOf<typeof port>>().toEqualTypeOf<{
    readonly number: number;
    readonly protocol: 'http' | 'tcp';
    readonly name?: string;
    readonly limits?: Readonly<Record<string, string | number>>;
    readonly open?: readonly boolean[];
  }>();
});

test('and the structural schema', () => {
  expect(port.json).toEqual({
    type: 'object',
    description: 'A port.',
    required: ['number', 'protocol'],
    properties: {
      number: { type: 'integer', description: 'Its number.', minimum: 1, maximum: 65_535 },
      protocol: { type: 'string', description: 'Its protocol.', enum: ['http', 'tcp'] },
      name: { type: 'string', description: 'Its name.', pattern: '^[a-z]+$' },
      limits: {
        type: 'object',
        description: 'Limits.',
        additionalProperties: { description: 'Quantity.', 'x-kubernetes-int-or-string': true },
      },
      open: { type: 'array', description: 'Whether.', items: { type: 'boolean', description: 'Open.' } },
    },
  });
});

test('unknown fields are kept only where it says so', () => {
  expect(object('', {}).json).not.toHaveProperty('x-kubernetes-preserve-unknown-fields');
  expect(object('', {}, { preserveUnknown: true }).json).toHaveProperty('x-kubernetes-preserve-unknown-fields', true);
});
