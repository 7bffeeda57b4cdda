import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type JsonObject, listAt, objectAt, objectsAt } from '../../schema/json.ts';
import { startTestServer, type TestClient, type TestServer } from '../../testing/server.ts';

/*
 * What clients find in Endpoints and EndpointSlices when Services and Pods come, change and go.
 */

let running: TestServer;
let client: TestClient;
let namespace = '';
let count = 0;

const core = (plural: string, name = ''): string => `/api/v1/namespaces/${namespace}/${plural}${name && `/${name}`}`;
const slices = (): string => `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;

beforeAll(async () => {
  running = await startTestServer({ controllers: 'all' });
  client = running.client;
});
beforeEach(async () => {
  count += 1;
  namespace = `n${count}`;
  await client.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});
afterAll(() => running.stop());

async function service(spec: JsonObject, labels: JsonObject = {}): Promise<void> {
  const answer = await client.post(core('services'), {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', labels },
    spec,
  });
  expect(answer.code, answer.text).toBe(201);
}

interface PodStatus {
  readonly ips: readonly string[];
  readonly ready?: boolean;
  readonly port?: number;
  readonly spec?: JsonObject;
  readonly finalizers?: string[];
}

async function pod(
  name: string,
  { ips, ready = true, port = 8080, spec = {}, finalizers = [] }: PodStatus,
): Promise<void> {
  const containers = [{ name: 'c', image: 'i', ports: [{ name: 'http', containerPort: port }] }];
  const made = await client.post(core('pods'), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'web' }, finalizers },
    spec: { containers, nodeName: 'node-1', ...spec },
  });
  expect(made.code, made.text).toBe(201);
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
  const status = { phase: 'Running', podIP: ips[0] ?? '', podIPs: ips.map((ip) => ({ ip })), conditions };
  expect((await client.patch(`${core('pods', name)}/status`, { status })).code).toBe(200);
}

/** `10.0.0.1 ready` of the slices, sorted; waits until they are as wanted. */
async function endpointsBecome(want: readonly string[]): Promise<void> {
  await client.until(slices(), ({ body }) => {
    const all = objectsAt(body, 'items').flatMap((slice) =>
      objectsAt(slice, 'endpoints').map((endpoint) => {
        const on = Object.entries(objectAt(endpoint, 'conditions') ?? {}).filter(([, value]) => value === true);
        return `${listAt(endpoint, 'addresses').join()} ${on.map(([key]) => key).join(' ')}`;
      }),
    );
    return all.sort().join('; ') === want.join('; ');
  });
}

const SELECTING: JsonObject = { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] };

test('a Service without Pods has one empty slice and Endpoints without addresses', async () => {
  await service(SELECTING, { team: 'a' });
  const { body } = await client.until(slices(), (answer) => objectsAt(answer.body, 'items').length === 1);
  expect(body).toMatchObject({
    items: [
      {
        metadata: {
          name: expect.stringMatching(/^web-[a-z0-9]{5}$/),
          generateName: 'web-',
          labels: {
            team: 'a',
            'kubernetes.io/service-name': 'web',
            'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
          },
          ownerReferences: [{ kind: 'Service', name: 'web', controller: true, blockOwnerDeletion: true }],
        },
        addressType: 'IPv4',
        endpoints: [],
      },
    ],
  });
  const endpoints = await client.until(core('endpoints', 'web'), ({ code }) => code === 200);
  expect(endpoints.body).not.toHaveProperty('subsets');
  expect(endpoints.body).toHaveProperty('metadata.labels.team', 'a');
});

test('Pods come, are ready or not, terminate, and go', async () => {
  await service(SELECTING);
  await pod('a', { ips: ['10.0.0.1'] });
  await pod('b', { ips: ['10.0.0.2'], ready: false });
  await pod('held', { ips: ['10.0.0.3'], finalizers: ['example.org/hold'] });
  await endpointsBecome(['10.0.0.1 ready serving', '10.0.0.2 ', '10.0.0.3 ready serving']);
  const { body } = await client.get(core('endpoints', 'web'));
  expect(body['subsets']).toMatchObject([
    {
      addresses: [{ ip: '10.0.0.1', nodeName: 'node-1', targetRef: { kind: 'Pod', name: 'a' } }, { ip: '10.0.0.3' }],
      notReadyAddresses: [{ ip: '10.0.0.2' }],
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    },
  ]);
  await client.delete(core('pods', 'held'));
  await endpointsBecome(['10.0.0.1 ready serving', '10.0.0.2 ', '10.0.0.3 serving terminating']);
  await client.until(core('endpoints', 'web'), (answer) => !answer.text.includes('10.0.0.3'));
  await client.patch(core('services', 'web'), { spec: { publishNotReadyAddresses: true } });
  await endpointsBecome(['10.0.0.1 ready serving', '10.0.0.2 ready', '10.0.0.3 ready serving terminating']);
  await client.patch(core('pods', 'a'), { metadata: { labels: { app: 'other' } } });
  await client.patch(`${core('pods', 'b')}/status`, { status: { phase: 'Failed' } });
  await client.patch(core('pods', 'held'), { metadata: { finalizers: null } });
  await endpointsBecome([]);
  await client.delete(core('services', 'web'));
  await client.until(slices(), (answer) => objectsAt(answer.body, 'items').length === 0);
  await client.until(core('endpoints', 'web'), ({ code }) => code === 404);
});

test('a named port may be another number in each Pod', async () => {
  await service(SELECTING);
  await pod('a', { ips: ['10.0.0.1'], port: 8080 });
  await pod('b', { ips: ['10.0.0.2'], port: 9090 });
  await endpointsBecome(['10.0.0.1 ready serving', '10.0.0.2 ready serving']);
  const { body } = await client.get(slices());
  const found = objectsAt(body, 'items').map((slice) => [
    objectsAt(slice, 'ports')[0]?.['port'],
    objectsAt(slice, 'endpoints')[0]?.['addresses'],
  ]);
  expect(found.toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual([
    [8080, ['10.0.0.1']],
    [9090, ['10.0.0.2']],
  ]);
});

test('a headless Service: host names, and no ports', async () => {
  await service({ selector: { app: 'web' }, clusterIP: 'None' });
  await pod('a', { ips: ['10.0.0.1'], spec: { hostname: 'zero', subdomain: 'web' } });
  await endpointsBecome(['10.0.0.1 ready serving']);
  expect((await client.get(slices())).body).toMatchObject({
    items: [{ metadata: { labels: { 'service.kubernetes.io/headless': '' } }, endpoints: [{ hostname: 'zero' }] }],
  });
});

test('both families', async () => {
  const ipFamilies = ['IPv4', 'IPv6'];
  await service({ selector: { app: 'web' }, clusterIP: 'None', ipFamilyPolicy: 'PreferDualStack', ipFamilies });
  await pod('a', { ips: ['10.0.0.1', '2001:db8::1'] });
  await endpointsBecome(['10.0.0.1 ready serving', '2001:db8::1 ready serving']);
});

test('slices hold a hundred endpoints, and come back when they are deleted', async () => {
  await service({ selector: { app: 'web' }, ports: [{ port: 80 }] });
  await Promise.all(Array.from({ length: 101 }, (_, index) => pod(`p${index}`, { ips: [`10.0.1.${index}`] })));
  const sizes = (body: JsonObject): string =>
    objectsAt(body, 'items')
      .map((slice) => listAt(slice, 'endpoints').length)
      .sort((a, b) => a - b)
      .join();
  await client.until(slices(), ({ body }) => sizes(body) === '1,100');
  await client.delete(slices());
  await client.until(slices(), ({ body }) => sizes(body) === '1,100');
});

test('Endpoints of a Service without a selector are mirrored', async () => {
  await service({ ports: [{ port: 80 }] });
  const subsets = [
    { addresses: [{ ip: '127.0.0.1' }], notReadyAddresses: [{ ip: '127.0.0.2' }], ports: [{ port: 8080 }] },
    { addresses: [{ ip: '::1' }], ports: [{ port: 8080 }] },
  ];
  await client.post(core('endpoints'), {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'web', labels: { by: 'hand' }, annotations: { note: 'x' } },
    subsets,
  });
  await endpointsBecome(['127.0.0.1 ready', '127.0.0.2 ', '::1 ready']);
  const { body } = await client.get(slices());
  expect(objectsAt(body, 'items').find((slice) => slice['addressType'] === 'IPv6')).toMatchObject({
    metadata: {
      labels: {
        by: 'hand',
        'kubernetes.io/service-name': 'web',
        'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
      },
      annotations: { note: 'x' },
      ownerReferences: [{ kind: 'Endpoints', name: 'web' }],
    },
    ports: [{ port: 8080, protocol: 'TCP' }],
  });
  await client.patch(core('endpoints', 'web'), { subsets: subsets.slice(1) });
  await endpointsBecome(['::1 ready']);
  await client.patch(core('endpoints', 'web'), {
    metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
  });
  await endpointsBecome([]);
});

test('Endpoints written after a Service of that name had none and went are left alone', async () => {
  await service({ ports: [{ port: 80 }] });
  expect((await client.delete(core('services', 'web'))).code).toBe(200);
  const metadata = { name: 'web' };
  const subsets = [{ addresses: [{ ip: '192.0.2.7' }], ports: [{ port: 80 }] }];
  const made = await client.post(core('endpoints'), { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets });
  expect(made.code, made.text).toBe(201);
  // A Service that comes later is served later: what would be deleted is gone by then.
  const other = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'later' }, spec: SELECTING };
  expect((await client.post(core('services'), other)).code).toBe(201);
  await client.until(core('endpoints', 'later'), ({ code }) => code === 200);
  expect((await client.get(core('endpoints', 'web'))).code).toBe(200);
});
