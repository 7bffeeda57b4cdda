import { objectKeyText } from '@causeway/apis/meta/object';
import type { Rule } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import { EventWriter } from '@causeway/targets/status/events';
import type { Problem } from '@causeway/translate/gateway/problem';
import { expect, test } from 'vitest';
import { ProblemEvents } from './problem-events.ts';
import { eventStore } from './testing/event-store.ts';

const key = { namespace: 'ns', name: 'r' };
const owner = `rule/${objectKeyText(key)}`;
const bad: Problem = {
  object: { kind: 'Rule', key },
  reason: 'InvalidField',
  message: 'spec.dslx[0].values[0][0]: unknown operator NEAR',
  severity: 'Warning',
};

function setUp(store = eventStore()) {
  const snapshot = new Snapshot();
  const metadata = { ...key, uid: 'u', generation: 1, labels: { 'alb2.cpaas.io/name': 'a' } };
  const rule: Rule = { apiVersion: 'crd.alauda.io/v1', kind: 'Rule', metadata, spec: {} };
  snapshot.put('Rule', rule);
  const problems = new ProblemEvents(() => {});
  const reconcile = problems.controller(snapshot, new EventWriter(store.api));
  const tell = async (found: readonly Problem[]) => {
    problems.put(owner, found);
    await reconcile(owner, new AbortController().signal);
    return store.read();
  };
  return { store, tell };
}

test('a problem is told once, however often it is found', async () => {
  const { tell } = setUp();
  await tell([bad]);
  const told = { reason: 'InvalidField', type: 'Warning', message: bad.message, count: 1, component: 'alb2-a' };
  expect(await tell([bad])).toEqual([told]);
});

test('a problem that comes back after it was solved counts up', async () => {
  const { tell } = setUp();
  await tell([bad]);
  await tell([]);
  expect(await tell([bad])).toMatchObject([{ message: bad.message, count: 2 }]);
});

test('another process does not repeat what is told', async () => {
  const first = setUp();
  await first.tell([bad]);
  const second = setUp(first.store);
  expect(await second.tell([bad])).toMatchObject([{ message: bad.message, count: 1 }]);
});
