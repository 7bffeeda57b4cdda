import { Kubectl, type Result } from '../../test/kubectl/kubectl.ts';

/** What somebody types, one command after the other, in a namespace of its own. */
export interface KubectlSession {
  readonly name: string;
  readonly commands: readonly KubectlCommand[];
}

interface KubectlCommand {
  /** Without the word kubectl. */
  readonly line: string;
  /** Standard input. */
  readonly input?: string;
}

const command = (line: string, input?: object): KubectlCommand =>
  input === undefined ? { line } : { line, input: JSON.stringify(input) };
const session = (name: string, ...commands: readonly KubectlCommand[]): KubectlSession => ({ name, commands });

const CONFIG = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', labels: { app: 'a' } }, data: { k: 'v' } };
const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's' },
  spec: { selector: { app: 'a' }, ports: [{ port: 80, name: 'http' }] },
};
const INGRESS = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'i' },
  spec: {
    rules: [
      {
        host: 'a.example.org',
        http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }] },
      },
    ],
  },
};

/** Fields and types are in each; descriptions above them where both have the same. */
const EXPLAINED = [
  'configmap',
  'cronjob.spec',
  'customresourcedefinition.spec.versions.schema.openAPIV3Schema',
  'daemonset.spec.updateStrategy',
  'deployment.spec',
  'endpointslice.endpoints',
  'horizontalpodautoscaler.spec',
  'ingress.spec',
  'job.spec',
  'lease',
  'namespace',
  'networkpolicy.spec',
  'node.status',
  'persistentvolumeclaim.spec',
  'pod.spec',
  'pod.status',
  'poddisruptionbudget.spec',
  'role',
  'secret',
  'service',
  'statefulset.spec',
  'validatingadmissionpolicy.spec',
  'validatingwebhookconfiguration.webhooks',
];

export const KUBECTL_SESSIONS: readonly KubectlSession[] = [
  session(
    'apply',
    command('apply -f -', CONFIG),
    command('apply -f -', CONFIG),
    command('apply -f -', { ...CONFIG, data: { k: 'w', l: 'x' } }),
    command('diff -f -', { ...CONFIG, data: { k: 'z' } }),
    command('apply -f - --dry-run=server', { ...CONFIG, data: { k: 'z' } }),
    command('get configmap c -o yaml'),
    command('apply -f - --prune -l app=a', { ...CONFIG, metadata: { name: 'd', labels: { app: 'a' } } }),
    command('delete configmap d'),
  ),
  session(
    'server-side apply',
    command('apply --server-side -f -', CONFIG),
    command('apply --server-side --field-manager=other -f -', { ...CONFIG, data: { k: 'other' } }),
    command('apply --server-side --field-manager=other --force-conflicts -f -', { ...CONFIG, data: { k: 'other' } }),
    command('get configmap c -o yaml --show-managed-fields'),
  ),
  session(
    'create and get',
    command('create configmap c --from-literal=a=b'),
    command('create configmap c --from-literal=a=b'),
    command('create secret generic s --from-literal=a=b'),
    command('create serviceaccount a'),
    command('create deployment d --image=example.org/d:1 --replicas=2 --port=80'),
    command('create service clusterip s --tcp=80:8080'),
    command('create ingress i --rule=a.example.org/*=s:80'),
    command('create role r --verb=get,list --resource=configmaps'),
    command('create rolebinding r --role=r --serviceaccount=default:a'),
    command('get secret s -o jsonpath={.data.a}'),
    command('get secrets,roles,rolebindings'),
    command('get ingress -o wide'),
    command('get nothing'),
    command('get configmap none'),
    command('get service s -o name'),
  ),
  session(
    'patch, label, annotate, edit by set',
    command('create -f -', CONFIG),
    command('label configmap c x=y'),
    command('label configmap c x=z'),
    command('label configmap c x=z --overwrite'),
    command('label configmap c x-'),
    command('annotate configmap c note=text'),
    command('patch configmap c --type=merge -p {"data":{"k":"p"}}'),
    command('patch configmap c --type=json -p [{"op":"remove","path":"/data/k"}]'),
    command('get configmap c --show-labels'),
    command('get configmap c -o jsonpath={.metadata.annotations}'),
  ),
  session(
    'deployments',
    command('create deployment d --image=example.org/d:1'),
    command('scale deployment d --replicas=3'),
    command('set image deployment/d d=example.org/d:2'),
    command('set env deployment/d A=b'),
    command('get deployment d -o jsonpath={.spec.replicas}/{.spec.template.spec.containers[0].image}'),
    command('expose deployment d --port=80'),
    command('get service d -o jsonpath={.spec.selector.app}'),
    command('delete deployment d'),
  ),
  session(
    'mistakes',
    command('apply -f -', { ...SERVICE, spec: { ports: [{ port: 99_999 }] } }),
    command('apply -f -', { ...SERVICE, spec: { ...SERVICE.spec, foo: 'bar' } }),
    command('apply --validate=false -f -', { ...SERVICE, spec: { ...SERVICE.spec, foo: 'bar' } }),
    command('apply --validate=warn -f -', {
      ...SERVICE,
      metadata: { name: 't' },
      spec: { ...SERVICE.spec, foo: 'bar' },
    }),
    command('apply -f -', { apiVersion: 'example.org/v1', kind: 'None', metadata: { name: 'x' } }),
    command('apply -f -', { ...INGRESS, spec: { rules: [{ host: 'A B' }] } }),
    command('create -f -', { ...CONFIG, metadata: { name: 'A_B' } }),
    command('delete configmap none'),
    command('delete configmap none --ignore-not-found'),
  ),
  session(
    'who may',
    command('auth can-i get configmaps'),
    command('auth can-i get configmaps --as=nobody'),
    command('auth can-i --list --as=nobody'),
    command('auth whoami --as=nobody --as-group=team'),
    command('get configmaps --as=nobody'),
    command('create token default --duration=10m --audience=x --as=nobody'),
  ),
  session(
    'replace and delete',
    command('create -f -', CONFIG),
    command('replace -f -', { ...CONFIG, data: { k: 'r' } }),
    command('replace --force -f -', { ...CONFIG, data: { k: 'f' } }),
    command('delete -f - --wait', CONFIG),
    command('create -f -', SERVICE),
    command('delete service --all'),
    command('get services'),
  ),
  session(
    'explain',
    command('explain service.spec.ports.port'),
    command('explain ingress.spec.rules.http.paths.backend.service'),
    command('explain deployment.spec.nothing'),
  ),
  session('explain everything', ...EXPLAINED.map((kind) => command(`explain ${kind} --recursive`))),
];

/** What each command printed, with what two servers cannot have in common replaced. */
export async function printed(
  { name, commands }: KubectlSession,
  binary: string,
  server: { readonly kubeconfig: string; readonly cache: string },
): Promise<readonly Result[]> {
  const namespace = `kubectl-${name.replaceAll(/[^a-z]+/g, '-')}`;
  const kubectl = new Kubectl(binary, server.kubeconfig, server.cache);
  await kubectl.run(['create', 'namespace', namespace]);
  const results: Result[] = [];
  for (const { line, input } of commands) {
    const { code, stdout, stderr } = await kubectl.try(['-n', namespace, ...line.split(' ')], {
      ...(input === undefined ? {} : { input }),
    });
    results.push({ code, stdout: comparable(stdout), stderr: comparable(stderr) });
  }
  return results;
}

const REPLACED: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>'],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[\d.]*(Z| \+0000)/g, '<time>'],
  [/resourceVersion: "\d+"/g, 'resourceVersion: <version>'],
  [/\b10\.96\.\d+\.\d+ */g, '<address> '],
  [/\b\d+s\b/g, '<age>'],
  [/^[WEI]\d{4} [\d:.]+ +\d+ /gm, '<log> '],
  [/\/tmp\/\S+/g, '<file>'],
  [/https:\/\/127\.0\.0\.1:\d+/g, '<server>'],
];

function comparable(text: string): string {
  return REPLACED.reduce((result, [pattern, stand]) => result.replaceAll(pattern, stand), text);
}
