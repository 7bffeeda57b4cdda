import type { JsonObject } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../../sequence.ts';
import { get, JSON_PATCH, MERGE_PATCH, object, patch, post, sequence } from '../steps.ts';
import { CRD, defined, definition, GROUP, props, W, WIDGETS, widget } from './widget.ts';

/** Rule of CEL for `spec` with fields a and b (integers), s (text), l (list) and m (map); objects to try. */
const RULES: readonly (readonly [string, JsonObject, readonly JsonObject[]])[] = [
  ['less', { rule: 'self.a < self.b' }, [{ a: 1, b: 2 }, { a: 2, b: 1 }, { a: 1 }]],
  ['message', { rule: 'self.a < self.b', message: 'a must be less than b' }, [{ a: 2, b: 1 }]],
  ['messageExpression', { rule: 'self.a < self.b', messageExpression: '"s is " + self.s' }, [{ a: 2, b: 1, s: 'x' }]],
  ['reason and path', { rule: 'self.a < self.b', reason: 'FieldValueForbidden', fieldPath: '.a' }, [{ a: 2, b: 1 }]],
  ['has', { rule: '!has(self.a) || has(self.b)' }, [{}, { a: 1 }, { a: 1, b: 1 }]],
  ['lists', { rule: 'self.l.all(x, x.startsWith("a"))' }, [{ l: ['a', 'ab'] }, { l: ['b'] }, {}]],
  ['maps', { rule: '!("k" in self.m) || self.m["k"] == "v"' }, [{ m: { k: 'v' } }, { m: { k: 'x' } }]],
  ['texts', { rule: 'self.s.matches("^[a-z]+$") && self.s.size() < 4' }, [{ s: 'abc' }, { s: 'ABC' }, { s: 'abcd' }]],
  ['division', { rule: '10 / self.a > 1' }, [{ a: 2 }, { a: 0 }]],
  ['quantity', { rule: 'quantity(self.s).isGreaterThan(quantity("1Gi"))' }, [{ s: '2Gi' }, { s: '1Mi' }, { s: 'x' }]],
  ['url', { rule: 'isURL(self.s) && url(self.s).getScheme() == "https"' }, [{ s: 'https://example.org' }, { s: 'x' }]],
  ['ip', { rule: 'isIP(self.s) && ip(self.s).family() == 4' }, [{ s: '1.2.3.4' }, { s: '::1' }]],
];

/** Rules in CEL, and mistakes that were there before. */
export const RULE_SEQUENCES: readonly Sequence[] = [
  ...RULES.map(([what, rule, specs]) =>
    sequence(
      `cel/${what}`,
      ...defined(
        definition(
          props(
            {
              a: { type: 'integer' },
              b: { type: 'integer' },
              s: { type: 'string', maxLength: 50 },
              l: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 50 } },
              m: { type: 'object', maxProperties: 10, additionalProperties: { type: 'string', maxLength: 50 } },
            },
            { 'x-kubernetes-validations': [rule] },
          ),
        ),
        ...specs.map((spec, index) => post(WIDGETS, object(`${GROUP}/v1`, 'Widget', `w${index}`, { spec }))),
      ),
    ),
  ),
  sequence(
    'cel/oldSelf',
    ...defined(
      definition(
        props({
          a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'may only grow' }] },
        }),
      ),
      post(WIDGETS, widget({ spec: { a: 5 } })),
      patch(W, MERGE_PATCH, { spec: { a: 4 } }),
      patch(W, MERGE_PATCH, { spec: { a: 6 } }),
      patch(W, MERGE_PATCH, { spec: { a: null } }),
      patch(W, MERGE_PATCH, { spec: { a: 1 } }),
    ),
  ),
  sequence(
    'cel/optionalOldSelf',
    ...defined(
      definition(
        props({
          a: {
            type: 'integer',
            'x-kubernetes-validations': [{ rule: 'oldSelf.hasValue() || self == 1', optionalOldSelf: true }],
          },
        }),
      ),
      post(WIDGETS, widget({ spec: { a: 5 } })),
      post(WIDGETS, widget({ spec: { a: 1 } })),
      patch(W, MERGE_PATCH, { spec: { a: 9 } }),
    ),
  ),
  sequence(
    'cel/immutable',
    ...defined(
      definition(props({ a: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } })),
      post(WIDGETS, widget({ spec: { a: 'x' } })),
      patch(W, MERGE_PATCH, { spec: { a: 'y' } }),
      patch(W, MERGE_PATCH, { metadata: { labels: { a: 'b' } } }),
    ),
  ),
  sequence(
    'cel/several',
    ...defined(
      definition(
        props(
          { a: { type: 'integer' } },
          {
            'x-kubernetes-validations': [
              { rule: 'self.a > 1', message: 'one' },
              { rule: 'self.a > 2', message: 'two' },
            ],
          },
        ),
      ),
      post(WIDGETS, widget({ spec: { a: 0 } })),
      post(WIDGETS, widget({ spec: { a: 2 } })),
    ),
  ),
  sequence(
    'ratcheting/old mistakes stay',
    ...defined(
      definition(props({ a: { type: 'string' }, b: { type: 'string' } })),
      post(WIDGETS, widget({ spec: { a: 'long text', b: 'x' } })),
      patch(
        CRD,
        JSON_PATCH,
        [
          {
            op: 'add',
            path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/a/maxLength',
            value: 3,
          },
        ],
        { unseen: true },
      ),
      get(CRD, { unseen: true }),
      patch(`${W}?dryRun=All`, MERGE_PATCH, { spec: { a: 'other long text' } }, { until: 422 }),
      patch(W, MERGE_PATCH, { spec: { b: 'y' } }),
    ),
  ),
];
