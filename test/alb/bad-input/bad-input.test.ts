/**
 * Issue 3: the bad input table. Each object is sent to the API as a client does, is refused with its field, and changes nothing
 * that serves.
 */
import { ApiError } from '@causeway/protocols/kubernetes/api-error';
import { KIND_REFS, type KindName } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ON_CLUSTER } from '../../acceptance/given-home.ts';
import { ask } from '../../acceptance/http-request.ts';
import { ALB_NAMESPACE } from '../../acceptance/installation.ts';
import { group } from '../../acceptance/objects.ts';
import { answersWith, Lab } from '../lab.ts';
import { addRules, expectMatch, startsWith, to } from '../matching.ts';
import { ALB2S } from './alb2s.ts';
import { type BadInput, LAYER_4, WEB } from './bad-input.ts';
import { frontends } from './frontends.ts';
import { REFERENCES } from './references.ts';
import { RULE_ACTIONS } from './rule-actions.ts';
import { RULE_MATCHES } from './rule-matches.ts';

const BUILT_IN: readonly KindName[] = ['Ingress', 'Service', 'EndpointSlice', 'Secret', 'Namespace'];

let lab: Lab;
let web: number;
let layer4: number;
let before: Served;

interface Served {
  /** Every object of the kinds that can be refused, with its resourceVersion. */
  readonly objects: readonly string[];
  /** What the data plane has, by version. */
  readonly dataPlane: unknown;
}

beforeAll(async () => {
  lab = await Lab.start(['app', 'other']);
  web = await lab.open(WEB, { serviceGroup: group({ other: 100 }) });
  layer4 = await lab.open(LAYER_4, { protocol: 'tcp', serviceGroup: group({ app: 100 }) });
  await addRules(lab, WEB, { good: to('app', startsWith('/good')) });
  await expectMatch(web, { name: 'good', path: '/good', want: 'app' });
  await answersWith(200, layer4);
  before = await served();
});
afterAll(() => lab.stop());

async function served(): Promise<Served> {
  const kinds = ['ALB2', 'Frontend', 'Rule', 'Ingress', 'Service', 'EndpointSlice', 'Secret', 'Namespace'] as const;
  const lists = await Promise.all(kinds.map((kind) => lab.home.list(kind)));
  const [instance] = await lab.home.list('Instance');
  return {
    objects: lists.flat().map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid}`),
    dataPlane: instance?.status?.ports,
  };
}

/** What the API says to an object. */
async function answerTo({ object }: BadInput): Promise<string> {
  try {
    await lab.home.api.create(KIND_REFS[object.kind], object);
  } catch (error) {
    if (error instanceof ApiError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'created';
}

/** Traffic is as it was: who answers, and what is stored. */
async function nothingChanged(): Promise<void> {
  await expectMatch(web, { name: 'the Rule', path: '/good', want: 'app' });
  await expectMatch(web, { name: 'the default', path: '/', want: 'other' });
  expect(await ask(layer4)).toMatchObject({ status: 200 });
  expect(await served()).toEqual(before);
}

const tables = {
  'dslx and priority': RULE_MATCHES,
  'what Rules do': RULE_ACTIONS,
  'ALB2s and projects': ALB2S,
  'what they refer to': REFERENCES,
};

describe.each(Object.entries(tables))('%s: refused with the field', (_title, table) => {
  test.each(table)('$name', async (input) => {
    const answer = await answerTo(input);
    // Kubernetes judges its own kinds, in its own words.
    if (ON_CLUSTER && BUILT_IN.includes(input.object.kind)) expect(answer).toMatch(/^4(?:00|22) /);
    else expect(answer).toContain(input.says);
  });

  test('nothing changed', nothingChanged);
});

describe('LIM-29 Frontends: refused with the field', () => {
  // The ports are known when the lab is there; the names of the cases do not depend on them.
  const names = frontends({ web: 0, layer4: 0, metrics: 0 }).map(({ name }) => name);
  test.each(names)('%s', async (name) => {
    const table = frontends({ web, layer4, metrics: lab.ports.metrics });
    const input = table.find((each) => each.name === name);
    expect(input && (await answerTo(input))).toContain(input?.says);
  });

  test('nothing changed', nothingChanged);
});

test('a Rule that was accepted cannot be patched into a bad one', async () => {
  const patch = '[{"op":"replace","path":"/spec/dslx/0/values/0/0","value":"NOPE"}]';
  const { code, stderr } = await lab.home.tryKubectl([
    ...['patch', 'rule', 'good', '-n', ALB_NAMESPACE, '--type=json', '-p', patch],
  ]);
  expect(code).toBe(1);
  expect(stderr).toContain('spec.dslx[0].values[0][0]: Unsupported value: "NOPE"');
  await nothingChanged();
});
