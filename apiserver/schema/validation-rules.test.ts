import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestClient, type TestServer } from '../testing/server.ts';
import { REFUSED_RULES, RULE_CASES, SAMPLE, UPDATE_CASES } from '../testing/validation-rule-cases.ts';
import { type JsonObject, type JsonValue, objectAt, objectsAt, textAt } from './json.ts';

/*
 * Rules of CRDs, through the verbs: one CRD has a field for each case.
 */

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const OBJECTS = '/apis/example.org/v1/namespaces/default';

const SAMPLE_FIELDS: JsonObject = { a: { type: 'string' }, b: { type: 'object' } };

let running: TestServer;
let client: TestClient;

beforeAll(async () => {
  running = await startTestServer();
  client = running.client;
});

afterAll(() => running.stop());

function definition(kind: string, fields: JsonObject, more: JsonObject = {}): JsonObject {
  const plural = `${kind.toLowerCase()}s`;
  const openAPIV3Schema: JsonObject = {
    type: 'object',
    properties: { spec: { type: 'object', properties: fields }, ...more },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.org` },
    spec: {
      group: 'example.org',
      scope: 'Namespaced',
      names: { kind, plural },
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema }, subresources: { status: {} } },
      ],
    },
  };
}

function object(kind: string, name: string, spec: JsonValue, more: JsonObject = {}): JsonObject {
  return { apiVersion: 'example.org/v1', kind, metadata: { name }, spec, ...more };
}

async function install(crd: JsonObject): Promise<void> {
  const answer = await client.post(DEFINITIONS, crd);
  expect(answer.code, answer.text).toBe(201);
}

/** `path: message` of each cause, without the part of the path that is the same for all. */
function causes(body: JsonObject, prefix: string): string[] {
  return objectsAt(objectAt(body, 'details'), 'causes').map(
    (cause) => `${textAt(cause, 'field').replace(prefix, '')}: ${textAt(cause, 'message')}`,
  );
}

describe('what rules can say', () => {
  beforeAll(async () => {
    const fields = RULE_CASES.map(([rule], index): readonly [string, JsonObject] => [
      `c${index}`,
      { ...SAMPLE, 'x-kubernetes-validations': [{ rule }] },
    ]);
    await install(definition('Rule', Object.fromEntries(fields)));
  });

  test.each(RULE_CASES.map((each, index) => [each[0], index, each] as const))('%s', async (rule, index, each) => {
    const [, value, wrong] = each;
    const answer = await client.post(`${OBJECTS}/rules`, object('Rule', `case-${index}`, { [`c${index}`]: value }));
    if (wrong === undefined) {
      expect(answer.code, answer.text).toBe(201);
      return;
    }
    const message = wrong === false ? `failed rule: ${rule}` : wrong;
    expect(answer.code, answer.text).toBe(422);
    expect(causes(answer.body, `spec.c${index}`)).toEqual([`: Invalid value: "object": ${message}`]);
  });
});

describe('rules that are refused', () => {
  test.each(REFUSED_RULES)('%s', async (rule, message) => {
    const crd = definition('Refused', { a: { ...SAMPLE, 'x-kubernetes-validations': [{ rule }] } });
    const answer = await client.post(`${DEFINITIONS}?dryRun=All`, crd);
    expect(answer.code, answer.text).toBe(422);
    const [cause, ...others] = objectsAt(objectAt(answer.body, 'details'), 'causes');
    expect(others).toEqual([]);
    expect(textAt(cause, 'field')).toBe(
      'spec.validation.openAPIV3Schema.properties[spec].properties[a].x-kubernetes-validations[0].rule',
    );
    expect(textAt(cause, 'message').replace(/^Invalid value: apiextensions\.ValidationRule\{.*\(nil\)\}: /s, '')).toBe(
      message,
    );
  });
});

describe('creates and updates', () => {
  beforeAll(async () => {
    await install(
      definition('Change', Object.fromEntries(UPDATE_CASES.map(({ schema }, index) => [`u${index}`, schema]))),
    );
  });

  test.each(UPDATE_CASES.map((each, index) => [each.name, index, each] as const))('%s', async (_name, index, each) => {
    const { before, after, wrong = [] } = each;
    const name = `case-${index}`;
    const body = (value: JsonValue): JsonObject => object('Change', name, { [`u${index}`]: value });
    let answer = await client.post(`${OBJECTS}/changes`, body(before ?? after));
    if (before !== undefined) {
      expect(answer.code, answer.text).toBe(201);
      const operations = [{ op: 'replace', path: `/spec/u${index}`, value: after }];
      answer = await client.patch(`${OBJECTS}/changes/${name}`, operations, 'application/json-patch+json');
    }
    expect(causes(answer.body, `spec.u${index}`)).toEqual(wrong);
    expect(answer.code).toBe(wrong.length > 0 ? 422 : before === undefined ? 201 : 200);
  });
});

describe('the form of a rule', () => {
  const FORMS: readonly (readonly [string, JsonObject, string])[] = [
    ['no rule', { rule: ' ' }, 'rule: Required value: rule is not specified'],
    [
      'a message of white space',
      { rule: 'true', message: ' ' },
      'message: Invalid value: " ": message must be non-empty if specified',
    ],
    [
      'a message of two lines',
      { rule: 'true', message: 'a\nb' },
      'message: Invalid value: "a\\nb": message must not contain line breaks',
    ],
    [
      'a rule of two lines without a message',
      { rule: 'true &&\ntrue' },
      'message: Required value: message must be specified if rule contains line breaks',
    ],
    [
      'an unknown reason',
      { rule: 'true', reason: 'Why' },
      'reason: Unsupported value: "Why": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
    ],
    [
      'a path that leads nowhere',
      { rule: 'true', fieldPath: '.none' },
      'fieldPath: Invalid value: ".none": fieldPath must be a valid path',
    ],
    [
      'optionalOldSelf without oldSelf',
      { rule: 'true', optionalOldSelf: true },
      'optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule',
    ],
  ];
  test.each(FORMS)('%s', async (_name, rule, wanted) => {
    const crd = definition('Formed', { a: { ...SAMPLE, 'x-kubernetes-validations': [rule] } });
    const answer = await client.post(`${DEFINITIONS}?dryRun=All`, crd);
    expect(answer.code, answer.text).toBe(422);
    const prefix = 'spec.validation.openAPIV3Schema.properties[spec].properties[a].x-kubernetes-validations[0].';
    expect(causes(answer.body, prefix)).toEqual([wanted]);
  });

  test('a message expression that is no text, and oldSelf where nothing corresponds', async () => {
    const rules = (...list: JsonObject[]): JsonObject => ({ type: 'integer', 'x-kubernetes-validations': list });
    const crd = definition('Formed', {
      a: rules({ rule: 'true', messageExpression: 'self' }),
      b: { type: 'array', maxItems: 3, items: rules({ rule: 'self == oldSelf' }) },
    });
    const answer = await client.post(`${DEFINITIONS}?dryRun=All`, crd);
    const texts = causes(answer.body, 'spec.validation.openAPIV3Schema.properties[spec].properties');
    expect(texts).toHaveLength(2);
    expect(texts[0]).toMatch(
      /^\[a\]\.x-kubernetes-validations\[0\]\.messageExpression: .*: messageExpression must evaluate to a string$/,
    );
    expect(texts[1]).toBe(
      '[b].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable ' +
        'portion of the schema within spec.validation.openAPIV3Schema.properties[spec].properties[b]',
    );
  });
});

// Quadratic work would be hours: the test's own time limit would end it.
test('what would take long takes no longer than it may', async () => {
  const long = (text: string): string => text.repeat(500_000);
  const rules = [
    "self.s.trim() != 'x'",
    '!isQuantity(self.s)',
    'self.list.all(a, self.list.exists(b, true))',
    'self.list.all(a, [self.list] == [self.list])',
    "self.s.replace('', self.s) == ''",
  ];
  const inner = { s: { type: 'string' }, list: { type: 'array', items: { type: 'integer' } } };
  const fields = Object.fromEntries(
    rules.map((rule, index): readonly [string, JsonObject] => [
      `f${index}`,
      { type: 'object', properties: inner, 'x-kubernetes-validations': [{ rule }] },
    ]),
  );
  await install(definition('Long', fields));
  const list = Array.from({ length: 200_000 }, () => 1);
  const values: JsonObject = {
    f0: { s: `${long(' ')}x${long(' ')}x` },
    f1: { s: long('1') },
    f2: { list },
    f3: { list },
    f4: { s: long('a') },
  };
  for (const [key, value] of Object.entries(values)) {
    const answer = await client.post(`${OBJECTS}/longs`, object('Long', key, { [key]: value }));
    expect([201, 422], answer.text.slice(0, 300)).toContain(answer.code);
  }
});

test('fields that selectors may use', async () => {
  const crd = definition('Selectable', SAMPLE_FIELDS);
  const [version] = objectsAt(objectAt(crd, 'spec'), 'versions');
  const paths = ['.spec.a', '.spec.b', '.spec.none', '.metadata.name', '.spec.a', '', ".spec['a']"];
  if (version !== undefined) version['selectableFields'] = paths.map((jsonPath) => ({ jsonPath }));
  const answer = await client.post(`${DEFINITIONS}?dryRun=All`, crd);
  expect(answer.code, answer.text).toBe(422);
  expect(causes(answer.body, 'spec.selectableFields')).toEqual([
    '[1].jsonPath: Invalid value: ".spec.b": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
    '[2].jsonPath: Invalid value: ".spec.none": is an invalid path: does not refer to a valid field',
    '[3].jsonPath: Invalid value: ".metadata.name": is an invalid path: does not refer to a valid field',
    '[4].jsonPath: Duplicate value: ".spec.a"',
    '[5].jsonPath: Required value',
    `[6].jsonPath: Invalid value: ".spec['a']": is an invalid path: array notation is not allowed`,
  ]);
});

describe('an object as a whole', () => {
  const COUNTED: JsonObject = { count: { type: 'integer', minimum: 0 }, name: { type: 'string', maxLength: 20 } };
  const status: JsonObject = { type: 'object', properties: { count: { type: 'integer' } } };
  const path = `${OBJECTS}/wholes`;

  function ruledDefinition(rules: readonly JsonObject[]): JsonObject {
    const crd = definition('Whole', COUNTED, { status });
    const [version] = objectsAt(objectAt(crd, 'spec'), 'versions');
    const schema = objectAt(objectAt(version, 'schema'), 'openAPIV3Schema');
    if (schema !== undefined) schema['x-kubernetes-validations'] = [...rules];
    return crd;
  }

  async function replaceRules(rules: readonly JsonObject[]): Promise<void> {
    const stored = await client.get(`${DEFINITIONS}/wholes.example.org`);
    const crd = ruledDefinition(rules);
    const metadata = {
      ...objectAt(crd, 'metadata'),
      resourceVersion: textAt(objectAt(stored.body, 'metadata'), 'resourceVersion'),
    };
    const answer = await client.put(`${DEFINITIONS}/wholes.example.org`, { ...crd, metadata });
    expect(answer.code, answer.text).toBe(200);
  }

  beforeAll(() => install(ruledDefinition([])));

  test('has its name, and its errors no field', async () => {
    await replaceRules([{ rule: "self.metadata.name.startsWith('ok') && self.kind == 'Whole'" }]);
    expect((await client.post(path, object('Whole', 'ok-1', {}))).code).toBe(201);
    const answer = await client.post(path, object('Whole', 'other', {}));
    expect(answer.body).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message:
        'Whole.example.org "other" is invalid: <nil>: Invalid value: "object": failed rule: self.metadata.name.startsWith(\'ok\') && self.kind == \'Whole\'',
    });
  });

  test('rules see status, and updates of status are judged', async () => {
    await replaceRules([{ rule: '!has(self.status) || self.status.count <= self.spec.count', message: 'too many' }]);
    expect((await client.post(path, object('Whole', 'status', { count: 1 }))).code).toBe(201);
    const patch = (count: number) => client.patch(`${path}/status/status`, { status: { count } });
    expect((await patch(1)).code).toBe(200);
    const refused = await patch(2);
    expect(refused.code).toBe(422);
    expect(causes(refused.body, '')).toEqual(['<nil>: Invalid value: "object": too many']);
  });

  test('rules are not asked when the schema is not fulfilled', async () => {
    await replaceRules([{ rule: 'self.spec.count > 5' }]);
    const answer = await client.post(path, object('Whole', 'both', { count: 'x' }));
    expect(causes(answer.body, '')).toEqual([
      'spec.count: Invalid value: "string": spec.count in body must be of type integer: "string"',
      '<nil>: Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ]);
    const out = await client.post(path, object('Whole', 'both', { count: -1 }));
    expect(causes(out.body, '')).toHaveLength(2);
  });

  test('what was wrong before a rule came, and is not touched, is only warned about', async () => {
    await replaceRules([]);
    expect((await client.post(path, object('Whole', 'old', { count: 1, name: 'a' }))).code).toBe(201);
    const crd = definition('Whole', {
      count: { type: 'integer', minimum: 3, 'x-kubernetes-validations': [{ rule: 'self > 2' }] },
      name: { type: 'string', maxLength: 20 },
    });
    const answer = await client.patch(`${DEFINITIONS}/wholes.example.org`, { spec: objectAt(crd, 'spec') ?? {} });
    expect(answer.code, answer.text).toBe(200);
    const renamed = await client.patch(`${path}/old`, { spec: { name: 'b' } });
    expect(renamed.code, renamed.text).toBe(200);
    expect(String(renamed.headers['warning'])).toContain('spec.count');
    const touched = await client.patch(`${path}/old`, { spec: { count: 2 } });
    expect(touched.code).toBe(422);
    expect(causes(touched.body, '')).toEqual([
      'spec.count: Invalid value: 2: spec.count in body should be greater than or equal to 3',
      'spec.count: Invalid value: "integer": failed rule: self > 2',
    ]);
    expect((await client.patch(`${path}/old`, { spec: { count: 3 } })).code).toBe(200);
  });

  test('all rules of an object together have a limit', async () => {
    const rules = Array.from({ length: 12 }, (_each, index) => ({
      rule: `[1, 2, 3, 4, 5, 6, 7, 8, 9].all(i, !self.s.startsWith('${index}'))`,
    }));
    await install(
      definition('Costly', {
        a: { type: 'object', properties: { s: { type: 'string' } }, 'x-kubernetes-validations': rules },
      }),
    );
    const answer = await client.post(`${OBJECTS}/costlys`, object('Costly', 'x', { a: { s: 'x'.repeat(1_000_000) } }));
    expect(answer.code).toBe(422);
    expect(answer.text).toContain(
      'validation failed due to running out of cost budget, no further validation rules will be run',
    );
  });
});
