/**
 * Spec ALB section 3.4, for objects that are in the store already, however they got there: what cannot be served is left out
 * and told by an event, and hurts nobody else. They are written to the store directly, past admission and schema.
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Store } from '@causeway/apiserver/storage/store';
import { KIND_REFS } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../../acceptance/http-request.ts';
import { group } from '../../acceptance/objects.ts';
import { eventually } from '../../e2e/eventually.ts';
import { eventsByObject } from '../events.ts';
import { answersWith, Lab } from '../lab.ts';
import { addRules, expectMatch, startsWith, to } from '../matching.ts';
import { ALB2S } from './alb2s.ts';
import { type BadInput, LAYER_4, WEB } from './bad-input.ts';
import { frontends } from './frontends.ts';
import { REFERENCES } from './references.ts';
import { RULE_ACTIONS } from './rule-actions.ts';
import { RULE_MATCHES } from './rule-matches.ts';

/** Each ALB2 is a data plane: these few have in them what could hurt one. */
const FEW_ALB2S = [
  'no type',
  'config is a text',
  'memory of the controller',
  'backlog beyond what kernels know',
  'trusted proxy that is configuration',
  'portProjects broken (ALB-126)',
];

let lab: Lab;
let web: number;
let layer4: number;

/** Under a name of its own, and Rules that only do something bad on a Frontend of their own. */
function stored(prefix: string, table: readonly BadInput[], frontend = WEB): readonly BadInput['object'][] {
  return table.map(({ object }, index) => {
    const { metadata } = object;
    const onWeb = metadata.labels?.['alb2.cpaas.io/frontend'] === WEB;
    const labels = { ...metadata.labels, ...(onWeb && { 'alb2.cpaas.io/frontend': frontend }) };
    return { ...object, metadata: { ...metadata, labels, name: `${prefix}-${index}` } };
  });
}

beforeAll(async () => {
  lab = await Lab.startAlone(['app', 'other']);
  web = await lab.open(WEB, { serviceGroup: group({ other: 100 }) });
  layer4 = await lab.open(LAYER_4, { protocol: 'tcp', serviceGroup: group({ app: 100 }) });
  await lab.open('aside');
  await addRules(lab, WEB, { good: to('app', startsWith('/good')) });
  await expectMatch(web, { name: 'good', path: '/good', want: 'app' });
  await answersWith(200, layer4);
  const objects = [
    ...stored('match', RULE_MATCHES),
    ...stored('action', RULE_ACTIONS, 'aside'),
    ...stored('frontend', frontends({ web, layer4, metrics: lab.ports.metrics })),
    ...stored(
      'alb2',
      ALB2S.filter(({ name }) => FEW_ALB2S.includes(name)),
    ),
    ...stored('reference', REFERENCES),
  ];
  await lab.home.killAndStartAgain(async () => {
    const store = new Store(path.join(lab.home.dataDirectory, 'store'));
    const writes = objects.map((object) => {
      const { group: apiGroup, plural } = KIND_REFS[object.kind];
      const metadata = { ...object.metadata, uid: randomUUID(), creationTimestamp: new Date().toISOString() };
      return store.put(store.collection(apiGroup === '' ? 'core' : apiGroup, plural), { ...object, metadata } as never);
    });
    await Promise.all(writes);
    await store.close();
  });
});
afterAll(() => lab.stop());

describe('LIM-29 bad objects that are stored', () => {
  test('good ones are served, and changes of them', async () => {
    await expectMatch(web, { name: 'the Rule', path: '/good', want: 'app' });
    await expectMatch(web, { name: 'the default', path: '/', want: 'other' });
    await eventually(async () => expect(await ask(layer4)).toMatchObject({ status: 200 }));
    await addRules(lab, WEB, { later: to('app', startsWith('/later')) });
    await expectMatch(web, { name: 'a Rule that comes later', path: '/later', want: 'app' });
    const port = await lab.open('late', { serviceGroup: group({ app: 100 }) });
    await answersWith(200, port);
  });

  test('each Rule that cannot be matched has an event that names the field', async () => {
    const rules = RULE_MATCHES.map(({ name }, index) => ({ name, object: `Rule/match-${index}` }));
    await eventually(async () => {
      const events = await eventsByObject(lab.home);
      const silent = rules.filter(
        ({ object }) =>
          !(events.get(object) ?? []).some((text) =>
            /^Warning InvalidField spec\.(dslx|priority).*not served/s.test(text),
          ),
      );
      expect(silent).toEqual([]);
    });
    await expectMatch(web, { name: 'none of them takes a request', path: '/anything', want: 'other' });
  });
});
