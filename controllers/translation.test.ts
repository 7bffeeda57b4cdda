import { keyOf } from '@causeway/apis/meta/object';
import type { GatewayFragment } from '@causeway/ir/gateway';
import {
  type ALB2,
  type EndpointSlice,
  type Frontend,
  KIND_NAMES,
  type Rule,
  type Service,
} from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Queues } from './queues.ts';
import { defineTranslation } from './translation.ts';

const namespace = 'kube-system';
const labels = { 'alb2.cpaas.io/name': 'a', 'alb2.cpaas.io/frontend': 'a-00080' };
const alb: ALB2 = {
  apiVersion: 'crd.alauda.io/v2beta1',
  kind: 'ALB2',
  metadata: { name: 'a', namespace, uid: 'alb' },
  spec: { type: 'nginx', config: {} },
};
const frontend: Frontend = {
  apiVersion: 'crd.alauda.io/v1',
  kind: 'Frontend',
  metadata: { name: 'a-00080', namespace, labels },
  spec: { port: 80, protocol: 'http' },
};
const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'app', namespace: 'default' },
  spec: { ports: [{ name: 'http', port: 80 }] },
};

function rule(name: string, path: string): Rule {
  const services = [{ namespace: 'default', name: 'app', port: 80, weight: 100 }];
  return {
    apiVersion: 'crd.alauda.io/v1',
    kind: 'Rule',
    metadata: { name, namespace, labels },
    spec: { priority: 5, dslx: [{ type: 'URL', values: [['STARTS_WITH', path]] }], serviceGroup: { services } },
  };
}

function slice(...addresses: readonly string[]): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'app-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'app' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080 }],
    endpoints: addresses.map((address) => ({ addresses: [address] })),
  };
}

let snapshot: Snapshot;
let queues: Queues;
/** Owners in the order of their translation. */
let translated: string[];
let fragments: Map<string, readonly GatewayFragment[]>;

beforeEach(() => {
  snapshot = new Snapshot();
  snapshot.put('ALB2', alb);
  snapshot.put('Frontend', frontend);
  snapshot.put('Service', service);
  snapshot.put('EndpointSlice', slice('10.0.0.1'));
  for (const name of ['r1', 'r2', 'r3']) snapshot.put('Rule', rule(name, `/${name}`));
  ({ queues, translated, fragments } = translate(snapshot));
});

afterEach(() => queues.stop());

function translate(from: Snapshot) {
  const run = { queues: new Queues(pino({ enabled: false })), translated: [] as string[], fragments: new Map() };
  defineTranslation(run.queues, from, {
    put: (owner, found) => {
      run.translated.push(owner);
      run.fragments.set(owner, found);
    },
    drop: (owner) => {
      run.translated.push(owner);
      run.fragments.delete(owner);
    },
  });
  from.onStale((reader) => run.queues.addReader(reader));
  return run;
}

function copyOf(original: Snapshot): Snapshot {
  const copy = new Snapshot();
  for (const kind of KIND_NAMES) copy.replace(kind, original.present.all(kind));
  return copy;
}

async function settled(run: Queues = queues): Promise<void> {
  await new Promise<void>((resolve) => run.whenIdle(resolve));
}

const set = 'endpointSet/default/app:80';

test('a changed EndpointSlice translates one endpoint set and no rule', async () => {
  await settled();
  translated.length = 0;
  snapshot.put('EndpointSlice', slice('10.0.0.1', '10.0.0.2'));
  await settled();
  expect(translated).toEqual([set]);
  expect(fragments.get(set)).toMatchObject([{ endpoints: [{ address: '10.0.0.1' }, { address: '10.0.0.2' }] }]);
});

test('a changed rule translates that rule only', async () => {
  await settled();
  translated.length = 0;
  snapshot.put('Rule', rule('r2', '/elsewhere'));
  await settled();
  expect(translated).toEqual([`rule/${namespace}/r2`]);
});

test('an endpoint set goes with the last rule that refers to it', async () => {
  await settled();
  snapshot.remove('Rule', { namespace, name: 'r1' });
  snapshot.remove('Rule', { namespace, name: 'r2' });
  await settled();
  expect(fragments.has(set)).toBe(true);
  snapshot.remove('Rule', { namespace, name: 'r3' });
  await settled();
  expect([...fragments.keys()]).toEqual([`instance/${namespace}/a`, `frontend/${namespace}/a-00080`]);
});

test('after any changes the result is that of a full translation', async () => {
  await settled();
  const changes = [
    () => snapshot.remove('ALB2', keyOf(alb)),
    () => snapshot.put('Rule', rule('r4', '/four')),
    () => snapshot.remove('Service', keyOf(service)),
    () => snapshot.put('ALB2', { ...alb, spec: { ...alb.spec, config: { workerLimit: 2 } } }),
    () => snapshot.remove('Frontend', keyOf(frontend)),
    () => snapshot.put('Service', service),
    () => snapshot.put('Frontend', frontend),
    () => snapshot.put('EndpointSlice', slice()),
  ];
  for (const change of changes) {
    change();
    await settled();
    const full = translate(copyOf(snapshot));
    await settled(full.queues);
    await full.queues.stop();
    expect(fragments).toEqual(full.fragments);
  }
});
