import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProtobufWriter } from '../openapi/protobuf-writer.ts';
import { builtInDefinitions, definitionName } from '../schema/built-in.ts';
import { decodeObject } from './decode.ts';
import { FIELD_NUMBERS } from './field-numbers.ts';
import { ProtobufError } from './reader.ts';

// That real clients are understood is tested with kubectl (test/kubectl); here are the corners.

const definitions = builtInDefinitions();

function envelope(apiVersion: string, kind: string, write: (object: ProtobufWriter) => void): Buffer {
  const unknown = new ProtobufWriter();
  unknown.message(1, (type) => {
    type.string(1, apiVersion);
    type.string(2, kind);
  });
  unknown.message(2, write);
  return Buffer.concat([Buffer.from('k8s\0'), unknown.finish()]);
}

function entry(writer: ProtobufWriter, field: number, key: string, value: string): void {
  writer.message(field, (each) => {
    each.string(1, key);
    each.string(2, value);
  });
}

test('texts, maps, bytes, times, lists', () => {
  const body = envelope('v1', 'Secret', (secret) => {
    secret.message(1, (metadata) => {
      metadata.string(1, 's');
      metadata.message(8, (time) => time.integer(1, 1_700_000_000));
      entry(metadata, 11, 'a', '1');
      entry(metadata, 11, 'b', '');
      metadata.string(14, 'f/1');
      metadata.string(14, 'f/2');
    });
    entry(secret, 2, 'password', 'hidden');
    secret.string(3, 'Opaque');
  });
  expect(decodeObject(body, definitions)).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 's',
      creationTimestamp: '2023-11-14T22:13:20Z',
      labels: { a: '1', b: '' },
      finalizers: ['f/1', 'f/2'],
    },
    data: { password: 'aGlkZGVu' },
    type: 'Opaque',
  });
});

test('numbers or texts, and messages that JSON has in place', () => {
  const service = envelope('v1', 'Service', (object) =>
    object.message(2, (spec) => {
      for (const [kind, number, text] of [
        [0, 8080, ''],
        [1, 0, 'http'],
      ] as const) {
        spec.message(1, (port) => {
          port.integer(3, 80);
          port.message(4, (target) => {
            target.integer(1, kind);
            target.integer(2, number);
            target.string(3, text);
          });
        });
      }
    }),
  );
  expect(decodeObject(service, definitions)).toHaveProperty('spec', {
    ports: [
      { port: 80, targetPort: 8080 },
      { port: 80, targetPort: 'http' },
    ],
  });
  const pod = envelope('v1', 'Pod', (object) =>
    object.message(2, (spec) =>
      spec.message(1, (volume) => {
        volume.string(1, 'v');
        volume.message(2, (source) => source.message(6, (secret) => secret.string(1, 's')));
      }),
    ),
  );
  expect(decodeObject(pod, definitions)).toHaveProperty('spec', {
    volumes: [{ name: 'v', secret: { secretName: 's' } }],
  });
});

test('every built-in kind but CRDs has its field numbers', () => {
  const names = BUILT_IN_KINDS.filter((kind) => kind.kind !== 'CustomResourceDefinition').map(definitionName);
  for (const name of names) expect(FIELD_NUMBERS, name).toHaveProperty([name.split('.').slice(-3).join('.')]);
});

test('fields are called as in JSON', () => {
  const unknown: string[] = [];
  const inlined = new Set(Object.values(FIELD_NUMBERS).flatMap((fields) => fields.match(/=\w+/g) ?? []));
  for (const [name, definition] of Object.entries(definitions)) {
    const message = name.split('.').slice(-3).join('.');
    const { properties = {} } = definition as { properties?: object };
    for (const field of FIELD_NUMBERS[message]?.split(' ') ?? []) {
      const key = field.replace('?', '');
      if (key === '-' || key.startsWith('=') || Object.hasOwn(properties, key)) continue;
      if (!inlined.has(`=${message.split('.').at(-1) ?? ''}`)) unknown.push(`${message}.${key}`);
    }
  }
  const byType = /^meta\.v1\.(Time|MicroTime|FieldsV1)/;
  expect(unknown.filter((field) => !byType.test(field))).toEqual([]);
});

test('bytes that are no object are refused, never a crash', () => {
  const kinds = fc.constantFrom('Pod', 'Service', 'Secret', 'Frob');
  fc.assert(
    fc.property(kinds, fc.uint8Array({ maxLength: 64 }), fc.boolean(), (kind, noise, enveloped) => {
      const head = envelope('v1', kind, () => {});
      const raw = Buffer.concat([Buffer.from([0x12, noise.length]), noise]);
      const body = enveloped ? Buffer.concat([head.subarray(0, head.length - 2), raw]) : Buffer.from(noise);
      try {
        decodeObject(body, definitions);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtobufError);
      }
    }),
    { seed: 7, numRuns: 3000 },
  );
});
