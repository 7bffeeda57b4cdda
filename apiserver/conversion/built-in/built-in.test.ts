import { afterAll, beforeAll, expect, test } from 'vitest';
import { objectAt, objectsAt } from '../../schema/json.ts';
import { startTestServer, type TestClient, type TestServer } from '../../testing/server.ts';

/*
 * Built-in kinds that are served in two ways: what is written in one is read in the other.
 */

let running: TestServer;
let client: TestClient;

beforeAll(async () => {
  running = await startTestServer();
  client = running.client;
});
afterAll(() => running.stop());

const CORE = '/api/v1/namespaces/default/events';
const NEWER = '/apis/events.k8s.io/v1/namespaces/default/events';
const TABLE = { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } };

test('Events of both groups are the same', async () => {
  const regarding = { kind: 'Pod', namespace: 'default', name: 'p' };
  const made = await client.post(CORE, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'old' },
    involvedObject: regarding,
    message: 'hello',
    reason: 'Said',
    type: 'Normal',
    source: { component: 'me' },
    count: 2,
  });
  expect(made.code, made.text).toBe(201);
  const newer = await client.get(`${NEWER}/old`);
  expect(newer.body).toMatchObject({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    regarding,
    note: 'hello',
    deprecatedSource: { component: 'me' },
    deprecatedCount: 2,
  });
  expect(newer.body).not.toHaveProperty('message');
  const posted = await client.post(NEWER, {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'new' },
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'example.com/me',
    reportingInstance: 'me-1',
    action: 'Saying',
    reason: 'Said',
    type: 'Warning',
    note: 'bye',
    regarding,
  });
  expect([posted.code, posted.body['apiVersion']], posted.text).toEqual([201, 'events.k8s.io/v1']);
  expect((await client.get(`${CORE}/new`)).body).toMatchObject({
    apiVersion: 'v1',
    message: 'bye',
    involvedObject: regarding,
    reportingComponent: 'example.com/me',
  });
  const patched = await client.patch(`${NEWER}/new`, {
    series: { count: 3, lastObservedTime: '2026-01-01T00:00:01.000000Z' },
  });
  expect([patched.code, patched.body['note']]).toEqual([200, 'bye']);
  const again = await client.patch(`${NEWER}/new`, { note: 'bye' });
  expect(objectAt(again.body, 'metadata')?.['resourceVersion']).toBe(
    objectAt(patched.body, 'metadata')?.['resourceVersion'],
  );
  const list = await client.get(NEWER);
  expect(list.body).toMatchObject({ apiVersion: 'events.k8s.io/v1', kind: 'EventList' });
  expect(objectsAt(list.body, 'items').map((each) => each['note'])).toEqual(['bye', 'hello']);
  const table = await client.get(NEWER, TABLE);
  expect(objectsAt(table.body, 'rows').map(({ cells }) => cells)).toEqual([
    expect.arrayContaining(['pod/p', 'bye']),
    expect.arrayContaining(['pod/p', 'hello']),
  ]);
  const bad = await client.post(NEWER, {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'x' },
    type: 'Normal',
  });
  expect([bad.code, bad.body['message']]).toEqual([422, expect.stringContaining('eventTime: Required value')]);
  expect((await client.delete(`${NEWER}/new`)).code).toBe(200);
  expect((await client.get(`${CORE}/new`)).code).toBe(404);
});

test('an autoscaler in autoscaling/v1 and v2', async () => {
  const first = '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers';
  const second = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const made = await client.post(first, {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'a' },
    spec: { scaleTargetRef, maxReplicas: 3, targetCPUUtilizationPercentage: 50 },
  });
  expect([made.code, made.body['apiVersion']], made.text).toEqual([201, 'autoscaling/v1']);
  expect(made.body).toHaveProperty('spec', {
    scaleTargetRef,
    minReplicas: 1,
    maxReplicas: 3,
    targetCPUUtilizationPercentage: 50,
  });
  const target = { type: 'Utilization', averageUtilization: 50 };
  const metric = { type: 'Resource', resource: { name: 'cpu', target } };
  expect((await client.get(`${second}/a`)).body).toMatchObject({
    apiVersion: 'autoscaling/v2',
    spec: { metrics: [metric] },
  });
  const pods = { type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '7' } } };
  await client.patch(`${second}/a`, {
    spec: { metrics: [metric, pods], behavior: { scaleDown: { selectPolicy: 'Min' } } },
  });
  const seen = await client.get(`${first}/a`);
  expect(seen.body).toHaveProperty('spec.targetCPUUtilizationPercentage', 50);
  expect(seen.body).not.toHaveProperty('spec.metrics');
  // What v1 does not know survives a write in v1.
  await client.patch(`${first}/a`, { spec: { maxReplicas: 9 } });
  const { body } = await client.get(`${second}/a`);
  expect(body).toMatchObject({
    spec: { maxReplicas: 9, metrics: [metric, pods], behavior: { scaleDown: { selectPolicy: 'Min' } } },
  });
  expect(body).not.toHaveProperty('metadata.annotations');
  const table = await client.get(first, TABLE);
  expect(objectsAt(table.body, 'rows')[0]?.['cells']).toEqual(
    expect.arrayContaining(['a', 'Deployment/web', 'cpu: <unknown>/50%, <unknown>/7', '1', 9]),
  );
  const group = await client.get('/apis/autoscaling');
  expect(group.body).toMatchObject({
    preferredVersion: { version: 'v2' },
    versions: [{ version: 'v2' }, { version: 'v1' }],
  });
});
