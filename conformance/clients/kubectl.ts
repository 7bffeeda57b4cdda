import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Checks, says } from './checks.ts';
import type { Place } from './place.ts';

const CONFIG = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', labels: { app: 'a' } }, data: { k: 'v' } };

const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'parcels.clients.example.org' },
  spec: {
    group: 'clients.example.org',
    scope: 'Namespaced',
    names: { kind: 'Parcel', plural: 'parcels', singular: 'parcel' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [{ name: 'Weight', type: 'integer', jsonPath: '.spec.weight' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'What is sent.',
            properties: {
              spec: {
                type: 'object',
                properties: { weight: { type: 'integer', minimum: 1, description: 'In grams.' } },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
};

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'example.org/web:1', ports: [{ containerPort: 80 }] }] },
    },
  },
};

/** A folder for `kubectl apply -k`: names, labels and images changed, a ConfigMap and a patch. */
const KUSTOMIZATION: Readonly<Record<string, object>> = {
  'kustomization.yaml': {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namePrefix: 'k-',
    commonLabels: { team: 'blue' },
    resources: ['deployment.yaml'],
    images: [{ name: 'example.org/web', newTag: '2' }],
    configMapGenerator: [{ name: 'settings', literals: ['a=b'] }],
    patchesStrategicMerge: ['patch.yaml'],
  },
  'deployment.yaml': DEPLOYMENT,
  'patch.yaml': { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 3 } },
};

/** What somebody types in a day, with any version of kubectl. @param minor of `v1.<minor>` */
export async function kubectl(
  place: Place,
  program: string,
  { minor, namespace }: { readonly minor: number; readonly namespace: string },
  { check }: Pick<Checks, 'check'>,
): Promise<void> {
  const cache = place.folder(`${namespace}/cache`);
  const type = (line: readonly string[], input?: object, env: Readonly<Record<string, string>> = {}) =>
    place.run(program, ['--cache-dir', cache, '-n', namespace, ...line], {
      env: { HOME: place.directory, ...env },
      ...(input === undefined ? {} : { input: JSON.stringify(input) }),
    });
  const run = async (line: string, input?: object, env?: Readonly<Record<string, string>>): Promise<string> => {
    const { code, text } = await type(line.split(' '), input, env);
    assert.equal(code, 0, `kubectl ${line} ended with ${code}:\n${text}`);
    return text;
  };
  const fails = async (line: string, input?: object): Promise<string> => {
    const { code, text } = await type(line.split(' '), input);
    assert.notEqual(code, 0, `kubectl ${line} should have failed:\n${text}`);
    return text;
  };
  const since = (version: number) => minor >= version;
  await run(`create namespace ${namespace}`);

  await check('version, api-versions, api-resources, cluster-info', async () => {
    says(await run('version'), since(28) ? 'Server Version: v1.' : 'Server Version: version.Info');
    says(await run('api-versions'), 'discovery.k8s.io/v1');
    says(await run('api-resources'), /^ingresses\s+ing\s+networking\.k8s\.io/m);
    says(await run('cluster-info'), 'is running at');
  });

  await check('apply, apply again, diff, get, dry run', async () => {
    says(await run('apply -f -', CONFIG), 'configmap/c created');
    says(await run('apply -f -', CONFIG), 'configmap/c unchanged');
    says(await run('diff -f -', CONFIG), /^$/);
    const changed = { ...CONFIG, data: { k: 'w' } };
    const { code, text } = await type(['diff', '-f', '-'], changed);
    assert.equal(code, 1, text);
    says(text, /^\+ {2}k: w$/m);
    says(await run('apply -f - --dry-run=server', changed), 'configmap/c configured (server dry run)');
    says(await run('get configmap c -o jsonpath={.data.k}'), /^v$/);
    says(await run('apply -f -', changed), 'configmap/c configured');
    says(await run('get configmap c -o yaml'), 'kubectl.kubernetes.io/last-applied-configuration');
  });

  await check('server-side apply, a conflict, force', async () => {
    const applied = { ...CONFIG, metadata: { name: 'ssa' } };
    says(await run('apply --server-side -f -', applied), 'configmap/ssa serverside-applied');
    const other = { ...applied, data: { k: 'other' } };
    says(await fails('apply --server-side --field-manager=other -f -', other), 'conflict with "kubectl"');
    await run('apply --server-side --field-manager=other --force-conflicts -f -', other);
    says(await run('get configmap ssa -o jsonpath={.data.k}'), /^other$/);
  });

  await check('apply -k: kustomize', async () => {
    const folder = place.folder(`${namespace}/kustomization`);
    mkdirSync(folder, { recursive: true });
    for (const [name, content] of Object.entries(KUSTOMIZATION)) {
      writeFileSync(path.join(folder, name), JSON.stringify(content));
    }
    says(await run(`apply -k ${folder}`), 'deployment.apps/k-web created');
    says(await run(`apply -k ${folder}`), 'deployment.apps/k-web unchanged');
    const columns = 'jsonpath={.spec.replicas}/{.spec.template.spec.containers[0].image}/{.metadata.labels.team}';
    says(await run(`get deployment k-web -o ${columns}`), '3/example.org/web:2/blue');
    says(await run('get configmap -l team=blue -o name'), /^configmap\/k-settings-\w+$/m);
    says(await run(`delete -k ${folder}`), 'deployment.apps "k-web" deleted');
  });

  await check('a CRD: apply, wait for it, columns, explain, its validation', async () => {
    says(await run('apply -f -', DEFINITION), /parcels\.clients\.example\.org (created|configured|unchanged)/);
    await run('wait --for=condition=Established crd/parcels.clients.example.org --timeout=30s');
    const parcel = {
      apiVersion: 'clients.example.org/v1',
      kind: 'Parcel',
      metadata: { name: 'p' },
      spec: { weight: 7 },
    };
    await run('apply -f -', parcel);
    says(await run('get parcels'), /^NAME\s+WEIGHT\np\s+7$/m);
    says(await run('explain parcel.spec.weight'), 'In grams.');
    says(await run('explain parcel --recursive'), 'weight');
    says(await fails('apply -f -', { ...parcel, spec: { weight: 0 } }), 'spec.weight');
    says(await fails('apply -f -', { ...parcel, spec: { wait: 1 } }), /unknown field "(spec\.)?wait"/);
  });

  await check('explain of built-in kinds, --recursive', async () => {
    says(await run('explain ingress.spec.rules.http.paths.backend.service'), 'FIELDS');
    const recursive = await run('explain deployment --recursive');
    for (const field of ['terminationGracePeriodSeconds', 'maxSurge', 'observedGeneration']) says(recursive, field);
  });

  await check('create: what there are commands for', async () => {
    await run('create deployment web --image=example.org/web:1');
    await run('expose deployment web --port=80 --target-port=8080');
    await run('create service nodeport np --tcp=80:8080');
    await run('create secret tls t --cert=/dev/null --key=/dev/null').catch(() => undefined);
    await run('create secret generic g --from-literal=a=b');
    await run('create configmap m --from-literal=a=b');
    await run('create serviceaccount robot');
    await run('create role reader --verb=get --resource=configmaps');
    await run('create rolebinding reader --role=reader --serviceaccount=' + `${namespace}:robot`);
    await run('create ingress web --rule=a.example.org/*=web:80');
    await run('create job j --image=example.org/j:1');
    if (since(21)) await run('create cronjob cj --image=example.org/j:1 --schedule=@daily');
    await run('create quota q --hard=pods=3');
    // Before, by a version of the API that Kubernetes serves no more.
    if (since(21)) await run('create poddisruptionbudget b --selector=app=web --min-available=1');
    await run('create priorityclass ' + `${namespace}-high --value=7`);
    await run('run pod --image=example.org/p:1');
    says(await run('get all'), 'service/np');
    if (since(24)) says(await run('create token robot'), /^ey/);
  });

  await check('change: scale, set, label, annotate, patch, edit, replace, autoscale, rollout', async () => {
    await run('scale deployment web --replicas=3');
    await run('set image deployment/web web=example.org/web:2');
    await run('set env deployment/web A=b');
    await run('set resources deployment/web --limits=cpu=1');
    await run('label deployment web tier=front');
    await run('annotate deployment web note=x');
    const { code, text } = await type(['patch', 'deployment', 'web', '-p', '{"spec":{"paused":true}}']);
    assert.equal(code, 0, text);
    await run('rollout resume deployment/web');
    await run('rollout restart deployment/web');
    await run('autoscale deployment web --min=1 --max=3');
    says(await run('edit configmap m', undefined, { KUBE_EDITOR: 'sed -i s/a:.b/a:\\ c/' }), 'configmap/m edited');
    await run('replace -f -', { ...CONFIG, data: { k: 'replaced' } });
    await run('replace --force -f -', { ...CONFIG, data: { k: 'forced' } });
    const paths = 'jsonpath={.spec.replicas}/{.spec.template.spec.containers[0].image}/{.metadata.labels.tier}';
    says(await run(`get deployment web -o ${paths}`), '3/example.org/web:2/front');
  });

  await check('look: describe, sort, selectors, -o, events, wait for a deletion', async () => {
    says(await run('describe deployment web'), 'Image:      example.org/web:2');
    says(await run('describe ingress web'), 'a.example.org');
    says(await run('describe service web'), 'Endpoints:');
    says(await run('get configmaps --sort-by=.metadata.name -o name'), /configmap\/c\n/);
    says(await run('get configmaps -l app=a -o name'), /^configmap\/c$/m);
    says(await run('get services --field-selector=metadata.name=web -o name'), /^service\/web$/m);
    says(await run('get deployments -o wide'), 'example.org/web:2');
    says(await run('get configmap c -o go-template={{.data.k}}'), 'forced');
    says(await run('get configmaps -A -o custom-columns=N:.metadata.name'), /^N\n/);
    says(await run('get configmaps --chunk-size=1 -o name'), 'configmap/m');
    if (since(26)) await run('events');
    await run('delete configmap m --wait');
    if (since(24)) await run('wait --for=delete configmap/m --timeout=10s');
    if (since(23)) await run('wait --for=jsonpath={.spec.replicas}=3 deployment/web --timeout=10s');
  });

  await check('what needs a container runtime is refused, and the reason told', async () => {
    const reason = /nothing runs containers here|Current status=Pending/;
    says(await fails('logs pod'), reason);
    says(await fails('exec pod -- ls'), reason);
    says(await fails('attach pod'), reason);
    says(await fails('port-forward pod 8080:80'), reason);
    says(await fails('cp /etc/hostname pod:/x'), reason);
    says(await fails('top pods'), 'Metrics API not available');
    says(await fails('wait --for=condition=Available deployment/web --timeout=1s'), 'timed out');
  });

  await check('access: can-i, --as, whoami, a token of a ServiceAccount', async () => {
    const as = `--as=system:serviceaccount:${namespace}:robot`;
    says(await run(`auth can-i get configmaps ${as}`), 'yes');
    says((await type(['auth', 'can-i', 'get', 'secrets', as])).text, 'no');
    says(await fails(`get secrets ${as}`), 'is forbidden');
    says(await run(`auth can-i --list ${as}`), 'configmaps');
    if (since(28)) says(await run(`auth whoami ${as}`), `system:serviceaccount:${namespace}:robot`);
  });

  await check('delete: by selector, all, cascade, namespace', async () => {
    await run('delete deployment web --cascade=orphan');
    await run('delete configmaps -l app=a');
    await run('delete services --all');
    await run(`delete priorityclass ${namespace}-high`);
    says(await run(`delete namespace ${namespace} --timeout=30s`), 'deleted');
    says(await fails('get serviceaccount robot'), 'NotFound');
  });
}
