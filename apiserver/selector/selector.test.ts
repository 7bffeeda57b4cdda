import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labelsMatch, parseLabelSelector } from './label-selector.ts';
import { parseSelectors, SelectorError } from './selector.ts';

const SERVICE: KindRef = { group: '', version: 'v1', kind: 'Service', plural: 'services', namespaced: true };

describe('label selectors', () => {
  const labels = { app: 'web', tier: 'front', 'example.com/n': '5', empty: '' };
  const cases: readonly { text: string; want: boolean }[] = [
    { text: '', want: true },
    { text: 'app=web', want: true },
    { text: 'app==web, tier = front', want: true },
    { text: 'app=other', want: false },
    { text: 'app!=web', want: false },
    { text: 'absent!=x', want: true },
    { text: 'app in (web, other)', want: true },
    { text: 'app notin (web)', want: false },
    { text: 'absent notin (web)', want: true },
    { text: 'app', want: true },
    { text: '!app', want: false },
    { text: '!absent,app', want: true },
    { text: 'empty=', want: true },
    { text: 'empty=,app', want: true },
    { text: 'empty in ()', want: true },
    { text: 'app in (,web)', want: true },
    { text: 'example.com/n>4', want: true },
    { text: 'example.com/n<4', want: false },
    { text: 'app>4', want: false },
    { text: 'in in (in),notin', want: false },
  ];
  for (const c of cases) {
    test(c.text, () => expect(labelsMatch(parseLabelSelector(c.text), labels)).toBe(c.want));
  }

  const wrong: readonly { text: string; message: string }[] = [
    { text: 'a=b=c', message: "found '=', expected: ',' or 'end of string'" },
    { text: ',a', message: "found ',', expected: !, identifier, or 'end of string'" },
    { text: 'a,', message: "found '', expected: identifier after ','" },
    { text: 'a in b', message: "unable to parse requirement: found 'b' expected: '('" },
    { text: 'a in (b', message: "unable to parse requirement: found '', expected: ',' or ')'" },
    { text: '!', message: "unable to parse requirement: found '', expected: identifier" },
    { text: 'a>b', message: 'the value must be an integer' },
    { text: 'a=$', message: 'a valid label must be an empty string' },
  ];
  for (const c of wrong) {
    test(`${c.text} is wrong`, () => expect(() => parseLabelSelector(c.text)).toThrow(c.message));
  }

  test('any text is parsed or refused, never a crash', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ' ', '=', '!', '(', ')', ',', '<', '>', 'in ', 'notin ', '$'),
    });
    fc.assert(
      fc.property(text, (each) => isParsedOrRefused(() => parseLabelSelector(each))),
      { seed: 3, numRuns: 2000 },
    );
  });
});

describe('field selectors', () => {
  const service: KubernetesObject & { spec: object } = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { type: 'ClusterIP', color: 'a,b=c' },
  };
  const cases: readonly { text: string; want: boolean }[] = [
    { text: 'metadata.name=web', want: true },
    { text: 'metadata.name!=web', want: false },
    { text: 'metadata.namespace==shop,spec.type=ClusterIP', want: true },
    { text: 'spec.type=NodePort', want: false },
    { text: String.raw`spec.color=a\,b\=c`, want: true },
  ];
  for (const c of cases) {
    test(c.text, () =>
      expect(parseSelectors(SERVICE, { fieldSelector: c.text }, ['.spec.color']).matches(service)).toBe(c.want),
    );
  }

  test('demanded names are known before looking at objects', () => {
    expect(parseSelectors(SERVICE, { fieldSelector: 'metadata.name=web' })).toMatchObject({
      name: 'web',
      matchesAll: false,
    });
    expect(parseSelectors(SERVICE, {})).toMatchObject({ name: undefined, matchesAll: true });
  });

  const wrong: readonly { text: string; message: string }[] = [
    { text: 'spec.nothing=x', message: 'field label not supported: spec.nothing' },
    { text: 'metadata.name', message: "invalid selector: 'metadata.name'; can't understand 'metadata.name'" },
    { text: 'metadata.name=a=b', message: 'unescaped character in value: 61' },
  ];
  for (const c of wrong) {
    test(`${c.text} is wrong`, () =>
      expect(() => parseSelectors(SERVICE, { fieldSelector: c.text })).toThrow(c.message));
  }

  test('any text is parsed or refused, never a crash', () => {
    const text = fc.string({ unit: fc.constantFrom('metadata.name', 'a', '=', '!', ',', '\\') });
    const parse = (fieldSelector: string): unknown => parseSelectors(SERVICE, { fieldSelector });
    fc.assert(
      fc.property(text, (each) => isParsedOrRefused(() => parse(each))),
      { seed: 4, numRuns: 2000 },
    );
  });
});

function isParsedOrRefused(parse: () => unknown): boolean {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
  }
  return true;
}
