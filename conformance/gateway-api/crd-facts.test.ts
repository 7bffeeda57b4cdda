import { BUNDLE_VERSION } from '@causeway/apis/gateway-api/bundle';
import { GATEWAY_API_KINDS } from '@causeway/apis/gateway-api/index';
import { crdOf } from '@causeway/apis/meta/crd';
import { describe, expect, test } from 'vitest';
import { differences, factsOf } from './crds/facts.ts';
import { digestOf, readRecording } from './crds/recording.ts';

/** `./causeway conformance gateway-api --only crds` says where, when a kind fails here. */
describe("GW-01 the definitions say what upstream's do", () => {
  const { release, digests } = readRecording();

  test('of the same release', () => expect(release).toBe(BUNDLE_VERSION));

  for (const definition of GATEWAY_API_KINDS.map(crdOf)) {
    const name = definition.metadata?.name ?? '';
    test(name, () => {
      const found = [...factsOf(definition)].map(([version, facts]) => [
        version === '' ? name : `${name} ${version}`,
        digestOf(facts),
      ]);
      const wanted = Object.entries(digests).filter(([key]) => key.split(' ')[0] === name);
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted));
    });
  }
});

test('another fact, one more and one less are differences', () => {
  const ours = new Map<string, unknown>([
    ['.a maximum', 1],
    ['.b type', 'string'],
  ]);
  const theirs = new Map<string, unknown>([
    ['.a maximum', 2],
    ['.c type', 'string'],
  ]);
  expect(differences(ours, theirs)).toEqual([
    '.a maximum: ours 1, upstream 2',
    '.b type: ours "string", upstream undefined',
    '.c type: ours undefined, upstream "string"',
  ]);
  expect(digestOf(ours)).not.toBe(digestOf(theirs));
});
