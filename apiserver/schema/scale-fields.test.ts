import { expect, test } from 'vitest';
import { fieldErrorText } from './field-error.ts';
import type { JsonObject } from './json.ts';
import { scaleErrors } from './scale-fields.ts';

const scale = {
  specReplicasPath: '.spec.size',
  statusReplicasPath: '.status.counts.ready',
  labelSelectorPath: '.status.selector',
};

const cases: readonly (readonly [name: string, object: JsonObject, ofStatus: boolean, want: readonly string[]])[] = [
  ['nothing', {}, false, []],
  ['numbers and a selector', { spec: { size: 1 }, status: { counts: { ready: 0 }, selector: 'a=b' } }, false, []],
  ['null on the way', { spec: { size: 1 }, status: { counts: null } }, false, []],
  ['negative', { spec: { size: -1 } }, false, ['.spec.size: Invalid value: -1: should be a non-negative integer']],
  [
    'too many',
    { spec: { size: 2 ** 31 } },
    false,
    ['.spec.size: Invalid value: 2147483648: should be less than or equal to 2147483647'],
  ],
  [
    'no number',
    { spec: { size: 'x' } },
    false,
    ['.spec.size: Invalid value: 0: .spec.size accessor error: x is of the type string, expected int64'],
  ],
  [
    'nothing to look into',
    { status: { counts: 5, selector: true } },
    false,
    [
      '.status.counts.ready: Invalid value: 0: .status.counts accessor error: 5 is of the type int64, expected map[string]interface{}',
      '.status.selector: Invalid value: "": .status.selector accessor error: true is of the type bool, expected string',
    ],
  ],
  ['a spec that nobody writes', { spec: { size: -1 } }, true, []],
];

test.each(cases)('%s', (_name, object, ofStatus, want) => {
  expect(scaleErrors(scale, object, ofStatus).map(fieldErrorText)).toEqual(want);
});
