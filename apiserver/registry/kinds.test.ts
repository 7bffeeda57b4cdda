import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../schema/json.ts';
import { startTestServer, type TestClient, type TestServer } from '../testing/server.ts';

/*
 * Built-in kinds through the API: what Kubernetes makes of a manifest, what it refuses, and how.
 */

let running: TestServer;
let client: TestClient;

beforeAll(async () => {
  running = await startTestServer();
  client = running.client;
});
afterAll(() => running.stop());

const containers = [{ name: 'c', image: 'i:1' }];
const template = { metadata: { labels: { app: 'x' } }, spec: { containers } };
const selector = { matchLabels: { app: 'x' } };
const jobTemplate = { spec: { restartPolicy: 'Never', containers } };
const webhook = {
  name: 'a.example.com',
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  clientConfig: { url: 'https://127.0.0.1/x' },
  rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
};
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

const apps = '/apis/apps/v1/namespaces/default';
const batch = '/apis/batch/v1/namespaces/default';
const core = '/api/v1/namespaces/default';
const registration = '/apis/admissionregistration.k8s.io/v1';

const made: readonly { readonly path: string; readonly object: JsonObject; readonly want: object }[] = [
  {
    path: `${apps}/statefulsets`,
    object: {
      kind: 'StatefulSet',
      spec: { selector, template, volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: claim }] },
    },
    want: {
      metadata: { generation: 1 },
      spec: {
        replicas: 1,
        podManagementPolicy: 'OrderedReady',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
        volumeClaimTemplates: [{ kind: 'PersistentVolumeClaim', spec: { volumeMode: 'Filesystem' } }],
      },
    },
  },
  {
    path: `${apps}/daemonsets`,
    object: { kind: 'DaemonSet', spec: { selector, template } },
    want: { spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } } },
  },
  {
    path: `${apps}/replicasets`,
    object: { kind: 'ReplicaSet', spec: { selector, template } },
    want: { spec: { replicas: 1 } },
  },
  {
    path: `${apps}/controllerrevisions`,
    object: { kind: 'ControllerRevision', data: { any: { thing: [1] } } },
    want: { data: { any: { thing: [1] } } },
  },
  {
    path: `${core}/replicationcontrollers`,
    object: { kind: 'ReplicationController', spec: { template } },
    want: { metadata: { labels: { app: 'x' } }, spec: { replicas: 1, selector: { app: 'x' } } },
  },
  {
    path: `${batch}/jobs`,
    object: { kind: 'Job', spec: { template: jobTemplate } },
    want: {
      spec: {
        completions: 1,
        parallelism: 1,
        backoffLimit: 6,
        completionMode: 'NonIndexed',
        podReplacementPolicy: 'TerminatingOrFailed',
        selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': expect.any(String) } },
        template: { metadata: { labels: { 'job-name': 'x', 'batch.kubernetes.io/job-name': 'x' } } },
      },
    },
  },
  {
    path: `${batch}/cronjobs`,
    object: {
      kind: 'CronJob',
      spec: { schedule: '*/5 1-3 * jan mon', jobTemplate: { spec: { template: jobTemplate } } },
    },
    want: {
      spec: { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 },
    },
  },
  {
    path: `${core}/persistentvolumeclaims`,
    object: { kind: 'PersistentVolumeClaim', spec: claim },
    want: { spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } },
  },
  {
    path: '/api/v1/persistentvolumes',
    object: {
      kind: 'PersistentVolume',
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } },
    },
    want: { spec: { persistentVolumeReclaimPolicy: 'Retain', hostPath: { type: '' } }, status: { phase: 'Pending' } },
  },
  {
    path: `${core}/limitranges`,
    object: {
      kind: 'LimitRange',
      spec: { limits: [{ type: 'Container', max: { cpu: '2' }, defaultRequest: { cpu: '1' } }] },
    },
    want: { spec: { limits: [{ default: { cpu: '2' }, defaultRequest: { cpu: '1' } }] } },
  },
  {
    path: `${core}/resourcequotas`,
    object: { kind: 'ResourceQuota', spec: { hard: { pods: '3' } } },
    want: { status: {} },
  },
  {
    path: '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers',
    object: {
      kind: 'HorizontalPodAutoscaler',
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { kind: 'Deployment', name: 'x' },
        behavior: { scaleDown: { selectPolicy: 'Min' } },
      },
    },
    want: {
      spec: {
        minReplicas: 1,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 80 } } }],
        behavior: {
          scaleDown: { selectPolicy: 'Min', policies: [{ type: 'Percent' }] },
          scaleUp: { selectPolicy: 'Max' },
        },
      },
    },
  },
  {
    path: '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
    object: { kind: 'PodDisruptionBudget', spec: { maxUnavailable: '50%', selector } },
    want: { status: { disruptionsAllowed: 0 } },
  },
  {
    path: '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
    object: { kind: 'NetworkPolicy', spec: { podSelector: {}, egress: [{ ports: [{ port: 53 }] }] } },
    want: { spec: { policyTypes: ['Ingress', 'Egress'], egress: [{ ports: [{ protocol: 'TCP' }] }] } },
  },
  {
    path: '/apis/storage.k8s.io/v1/storageclasses',
    object: { kind: 'StorageClass', provisioner: 'a.example.com/b' },
    want: { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' },
  },
  {
    path: '/apis/scheduling.k8s.io/v1/priorityclasses',
    object: { kind: 'PriorityClass', value: 7 },
    want: { preemptionPolicy: 'PreemptLowerPriority', value: 7 },
  },
  {
    path: '/apis/node.k8s.io/v1/runtimeclasses',
    object: { kind: 'RuntimeClass', handler: 'h' },
    want: { handler: 'h' },
  },
  {
    path: `${registration}/validatingwebhookconfigurations`,
    object: { kind: 'ValidatingWebhookConfiguration', webhooks: [{ ...webhook, rules: [] }] },
    want: {
      webhooks: [
        {
          failurePolicy: 'Fail',
          matchPolicy: 'Equivalent',
          timeoutSeconds: 10,
          namespaceSelector: {},
          objectSelector: {},
        },
      ],
    },
  },
  {
    path: `${registration}/validatingadmissionpolicies`,
    object: {
      kind: 'ValidatingAdmissionPolicy',
      spec: { matchConstraints: { resourceRules: webhook.rules }, validations: [{ expression: 'true' }] },
    },
    want: {
      spec: { failurePolicy: 'Fail', matchConstraints: { resourceRules: [{ scope: '*', resources: ['pods'] }] } },
    },
  },
  {
    path: `${registration}/validatingadmissionpolicybindings`,
    object: { kind: 'ValidatingAdmissionPolicyBinding', spec: { policyName: 'x', validationActions: ['Deny'] } },
    want: { spec: { policyName: 'x' } },
  },
  {
    path: `${core}/podtemplates`,
    object: { kind: 'PodTemplate', template },
    want: { template: { spec: { dnsPolicy: 'ClusterFirst' } } },
  },
];

/** `/apis/apps/v1/...` -> `apps/v1` */
function versionOf(path: string): string {
  const [, root, ...rest] = path.split('/');
  return root === 'api' ? 'v1' : rest.slice(0, 2).join('/');
}

function object(path: string, name: string, rest: JsonObject): JsonObject {
  return { apiVersion: versionOf(path), metadata: { name }, ...structuredClone(rest) };
}

test.each(made)('$object.kind: defaults, a row of a table, and gone again', async ({ path, object: given, want }) => {
  const created = await client.post(path, object(path, 'x', given));
  expect(created.body['message']).toBeUndefined();
  expect(created.code).toBe(201);
  expect(created.body).toMatchObject(want);
  // What is stored is what comes back, and applying it again changes nothing.
  const again = await client.put(`${path}/x`, created.body);
  expect([again.code, again.body['metadata']]).toEqual([200, created.body['metadata']]);
  const table = await client.get(path, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } });
  expect(table.body).toMatchObject({ kind: 'Table', rows: [{ cells: expect.arrayContaining(['x']) }] });
  expect((await client.delete(`${path}/x`)).code).toBe(200);
});

const refused: readonly {
  readonly name: string;
  readonly path: string;
  readonly object: JsonObject;
  readonly want: string;
}[] = [
  {
    name: 'a Deployment whose selector is not that of its template',
    path: `${apps}/deployments`,
    object: { kind: 'Deployment', spec: { selector: { matchLabels: { app: 'y' } }, template } },
    want: 'Deployment.apps "bad" is invalid: spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
  },
  {
    name: 'an expression that nobody knows',
    path: `${apps}/replicasets`,
    object: {
      kind: 'ReplicaSet',
      spec: { selector: { matchExpressions: [{ key: 'app', operator: 'Like', values: ['x'] }] }, template },
    },
    want: 'spec.selector.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator',
  },
  {
    name: 'a StatefulSet with Pods that end',
    path: `${apps}/statefulsets`,
    object: {
      kind: 'StatefulSet',
      spec: { selector, template: { ...template, spec: { containers, restartPolicy: 'Never' } } },
    },
    want: 'StatefulSet.apps "bad" is invalid: spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  },
  {
    name: 'a Job that never ends',
    path: `${batch}/jobs`,
    object: { kind: 'Job', spec: { template: { spec: { containers } } } },
    want: 'Job.batch "bad" is invalid: spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  },
  {
    name: 'a CronJob with four fields',
    path: `${batch}/cronjobs`,
    object: { kind: 'CronJob', spec: { schedule: '* * * *', jobTemplate: { spec: { template: jobTemplate } } } },
    want: 'CronJob.batch "bad" is invalid: spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found 4: [* * * *]',
  },
  {
    name: 'a claim without a size',
    path: `${core}/persistentvolumeclaims`,
    object: { kind: 'PersistentVolumeClaim', spec: { accessModes: ['ReadWriteOnce'] } },
    want: 'PersistentVolumeClaim "bad" is invalid: spec.resources[storage]: Required value',
  },
  {
    name: 'an autoscaler without a maximum',
    path: '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers',
    object: { kind: 'HorizontalPodAutoscaler', spec: { scaleTargetRef: { kind: 'Deployment', name: 'x' } } },
    want: 'spec.maxReplicas: Invalid value: 0: must be greater than 0',
  },
  {
    name: 'a budget that says two things',
    path: '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
    object: { kind: 'PodDisruptionBudget', spec: { minAvailable: 1, maxUnavailable: '101%' } },
    want: 'minAvailable and maxUnavailable cannot be both set',
  },
  {
    name: 'a peer of a policy that is two things',
    path: '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
    object: {
      kind: 'NetworkPolicy',
      spec: {
        podSelector: {},
        ingress: [{ from: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/9'] } }] }],
      },
    },
    want: 'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/9": must be a strict subset of `cidr`, spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer',
  },
  {
    name: 'a webhook that is not reached by HTTPS',
    path: `${registration}/mutatingwebhookconfigurations`,
    object: {
      kind: 'MutatingWebhookConfiguration',
      webhooks: [{ ...webhook, name: 'short', clientConfig: { url: 'http://x/' } }],
    },
    want: `[webhooks[0].name: Invalid value: "short": should be a domain with at least three segments separated by dots, webhooks[0].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]]`,
  },
  {
    name: 'a webhook without an opinion about side effects',
    path: `${registration}/validatingwebhookconfigurations`,
    object: { kind: 'ValidatingWebhookConfiguration', webhooks: [{ ...webhook, sideEffects: null }] },
    want: 'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun',
  },
];

test.each(refused)('refused: $name', async ({ path, object: given, want }) => {
  const answer = await client.post(path, object(path, 'bad', given));
  expect([answer.code, answer.body['reason']]).toEqual([422, 'Invalid']);
  expect(answer.body['message']).toContain(want);
});

describe('what cannot change', () => {
  const frozen: readonly {
    readonly path: string;
    readonly object: JsonObject;
    readonly patch: JsonObject;
    readonly want: string;
  }[] = [
    {
      path: `${apps}/statefulsets`,
      object: { kind: 'StatefulSet', spec: { selector, template, serviceName: 'a' } },
      patch: { spec: { serviceName: 'b' } },
      want: "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    },
    {
      path: `${batch}/jobs`,
      object: { kind: 'Job', spec: { template: jobTemplate } },
      patch: { spec: { completions: 2 } },
      want: 'spec.completions: Invalid value: 2: field is immutable',
    },
    {
      path: '/apis/storage.k8s.io/v1/storageclasses',
      object: { kind: 'StorageClass', provisioner: 'a.example.com/b' },
      patch: { reclaimPolicy: 'Retain' },
      want: 'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
    },
    {
      path: '/apis/scheduling.k8s.io/v1/priorityclasses',
      object: { kind: 'PriorityClass', value: 7 },
      patch: { value: 8 },
      want: 'value: Forbidden: may not be changed in an update.',
    },
  ];
  test.each(frozen)('$object.kind', async ({ path, object: given, patch, want }) => {
    expect((await client.post(path, object(path, 'frozen', given))).code).toBe(201);
    const answer = await client.patch(`${path}/frozen`, patch);
    expect([answer.code, answer.body['message']]).toEqual([422, expect.stringContaining(want)]);
  });
});

test('scale of a StatefulSet, with its selector', async () => {
  const path = `${apps}/statefulsets`;
  await client.post(path, object(path, 'scaled', { kind: 'StatefulSet', spec: { selector, template } }));
  const scaled = await client.patch(`${path}/scaled/scale`, { spec: { replicas: 4 } });
  expect(scaled.body).toMatchObject({ kind: 'Scale', spec: { replicas: 4 }, status: { selector: 'app=x' } });
});
