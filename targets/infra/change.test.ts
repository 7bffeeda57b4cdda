import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import { loadBuiltInSchemas } from '@causeway/apiserver/schema/built-in';
import type { WorkloadIR } from '@causeway/ir/gateway';
import type { MergeSchema } from '@causeway/protocols/kubernetes/patch/strategic-merge-patch';
import { describe, expect, test } from 'vitest';
import { MERGED, withChanges } from './change.ts';
import { renderWorkload } from './workload.ts';

const WORKLOAD: WorkloadIR = {
  namespace: 'default',
  name: 'web-gateway',
  image: 'registry.example/causeway:1',
  replicas: 1,
  network: 'own',
  antiAffinityKey: 'local',
  nodeSelector: {},
  podAnnotations: {},
  limits: { cpu: '2', memory: '2Gi' },
  requests: { cpu: '100m', memory: '128Mi' },
  readOnlyRoot: true,
  termSeconds: 10,
  metricsPort: 1936,
  ingressHttpPort: 0,
  ingressHttpsPort: 0,
};

/** What a schema says of merging, by path; elements of lists and maps as `*`. */
function mergesIn(schema: MergeSchema | undefined, path = ''): readonly string[] {
  if (schema === undefined) return [];
  const strategy = schema['x-kubernetes-patch-strategy'];
  const own = strategy === undefined ? [] : [`${path} ${strategy} ${schema['x-kubernetes-patch-merge-key'] ?? ''}`];
  const below = Object.entries(schema.properties ?? {}).filter(([name]) => !NOT_OURS.has(name));
  return [
    ...own,
    ...below.flatMap(([name, each]) => mergesIn(each, `${path}/${name}`)),
    ...mergesIn(schema.items, `${path}/*`),
  ];
}

/** Of others, or of running pods only. */
const NOT_OURS: ReadonlySet<string> = new Set(['ephemeralContainers', 'metadata', 'status']);

test('lists are merged as Kubernetes does', () => {
  const schemas = loadBuiltInSchemas();
  for (const [kind, merged] of Object.entries(MERGED)) {
    const names = BUILT_IN_KINDS.find((each) => each.kind === kind);
    const defined = names && schemas.schemaOf(names).structural;
    expect([kind, ...mergesIn(merged).toSorted()]).toEqual([kind, ...mergesIn(defined).toSorted()]);
  }
});

describe('a change of the pods', () => {
  const changed = (type: 'JSONMerge' | 'StrategicMerge', value: object) => {
    const workload: WorkloadIR = { ...WORKLOAD, changes: [{ object: 'pods', type, value }] };
    const objects = renderWorkload(workload).map((object) => withChanges(object, workload));
    return objects.find(({ kind }) => kind === 'Deployment') as unknown as {
      readonly metadata: object;
      readonly spec: { readonly template: { readonly spec: { readonly containers: readonly object[] } } };
    };
  };

  test('says neither whose they are nor what they are called', () => {
    const metadata = { name: 'other', namespace: 'other', labels: { 'alb.cpaas.io/managed-by': 'me', team: 'shop' } };
    expect(changed('JSONMerge', { metadata }).metadata).toMatchObject({
      name: 'web-gateway',
      namespace: 'default',
      labels: { 'alb.cpaas.io/managed-by': 'alb-operator', team: 'shop' },
      annotations: { 'alb.cpaas.io/further-metadata': '["team"]' },
    });
  });

  test('GW-07 the container of Envoy is ours, which has the right to low ports anyway', () => {
    const envoy = {
      name: 'envoy',
      command: ['/usr/local/bin/envoy-with-cap'],
      env: [{ name: 'A', value: 'b' }],
      securityContext: { capabilities: { add: ['NET_BIND_SERVICE', 'SYS_NICE'] } },
    };
    const { containers } = changed('StrategicMerge', { spec: { template: { spec: { containers: [envoy] } } } }).spec
      .template.spec;
    expect(containers).toHaveLength(1);
    expect(containers[0]).not.toHaveProperty('command');
    expect(containers[0]).toMatchObject({
      name: 'nginx',
      args: expect.arrayContaining(['agent']),
      env: [{ name: 'A' }, { name: 'NODE_NAME' }, { name: 'POD_NAME' }],
      securityContext: { capabilities: { add: expect.arrayContaining(['SETUID', 'NET_BIND_SERVICE', 'SYS_NICE']) } },
    });
  });
});
