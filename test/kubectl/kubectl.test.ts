import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeRequest, signingRequest } from '@causeway/apiserver/testing/certificate-requests';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { eventually } from '../e2e/eventually.ts';
import { Home } from '../e2e/home.ts';
import { Kubectl } from './kubectl.ts';
import { allKubectlPaths } from './kubectl-path.ts';
import { CR_MANIFESTS, CRD, DEPLOYMENT, INGRESS, POD, SERVICE, SLICE } from './manifests.ts';

/*
 * A stock kubectl against a real API server process: every command a user of the first days needs, in each version of kubectl there is.
 * Each version works in a namespace of its own.
 */

const home = new Home();
const cache = mkdtempSync(path.join(tmpdir(), 'causeway-kubectl-'));
const binaries = await allKubectlPaths();

beforeAll(() => home.start('apiserver'));
afterAll(async () => {
  await home.stop();
  rmSync(cache, { recursive: true, force: true });
});

describe.each(binaries.map((binary, index) => ({ binary, namespace: `kubectl-${index}` })))(
  '$binary',
  ({ binary, namespace }) => {
    let kubectl: Kubectl;
    const inNamespace = (...args: string[]): string[] => ['-n', namespace, ...args];
    const run = (...args: string[]): Promise<string> => kubectl.run(inNamespace(...args));
    const get = (...args: string[]): Promise<Record<string, unknown>> => kubectl.get(...inNamespace(...args));
    const apply = (...objects: object[]): Promise<string> =>
      kubectl.run(inNamespace('apply', '-f', '-'), { input: yamlOf(objects) });
    const refused = (args: string[], ...objects: object[]): Promise<string> =>
      kubectl.refused(inNamespace(...args), { input: yamlOf(objects) });

    beforeAll(async () => {
      kubectl = new Kubectl(binary, home.kubeconfig, path.join(cache, namespace));
      await kubectl.run(['create', 'namespace', namespace]);
      await apply(SERVICE, DEPLOYMENT, INGRESS, POD, SLICE);
      await kubectl.run(['apply', '-f', '-'], { input: yamlOf([CRD]) });
      await kubectl.run(['wait', '--for=condition=Established', 'crd/widgets.kubectl.example.com', '--timeout=30s']);
      await apply(...CR_MANIFESTS);
    });

    test('roles, bindings, and who may do what', async () => {
      await run('create', 'serviceaccount', 'reader');
      await run('create', 'role', 'reading', '--verb=get,list', '--resource=configmaps');
      await run('create', 'rolebinding', 'reading', '--role=reading', `--serviceaccount=${namespace}:reader`);
      const as = `--as=system:serviceaccount:${namespace}:reader`;
      expect(await run('auth', 'can-i', 'list', 'configmaps', as)).toBe('yes\n');
      expect(await run('get', 'configmaps', as, '-o', 'name')).toBe('configmap/kube-root-ca.crt\n');
      expect(await refused(['get', 'secrets', as])).toContain(
        `secrets is forbidden: User "system:serviceaccount:${namespace}:reader" cannot list resource "secrets" in API group "" in the namespace "${namespace}"`,
      );
      expect(await run('get', 'rolebindings', '-o', 'wide')).toMatch(/reading\s+Role\/reading/);
    });

    test('certificates: a request is approved and signed, another one denied', async () => {
      const { request } = await makeRequest('CN=alice,O=dev');
      const [wanted, unwanted] = [`${namespace}-alice`, `${namespace}-eve`];
      await apply(signingRequest(wanted, request), signingRequest(unwanted, request));
      expect(await kubectl.run(['certificate', 'approve', wanted])).toContain(`${wanted} approved`);
      expect(await kubectl.run(['certificate', 'deny', unwanted])).toContain(`${unwanted} denied`);
      await eventually(async () => {
        expect(await kubectl.run(['get', 'csr', wanted])).toMatch(/kube-apiserver-client\s+admin\s.*Approved,Issued/);
      });
      expect(await kubectl.run(['get', 'csr', unwanted])).toMatch(/admin\s.*Denied/);
      const refusal = await kubectl.refused([
        'certificate',
        'approve',
        wanted,
        '--force',
        '--as=alice',
        '--as-group=dev',
      ]);
      expect(refusal).toContain('User "alice" cannot get resource "certificatesigningrequests"');
    });

    test('version, cluster-info, api-versions, api-resources, config', async () => {
      expect(await kubectl.run(['version'])).toContain('Server Version: v1.');
      expect(await kubectl.run(['cluster-info'])).toContain('is running at');
      const versions = (await kubectl.run(['api-versions'])).split('\n');
      expect(versions).toEqual(
        expect.arrayContaining(['v1', 'apps/v1', 'networking.k8s.io/v1', 'kubectl.example.com/v1']),
      );
      const resources = await kubectl.run(['api-resources', '--no-headers']);
      expect(resources).toMatch(/^services\s+svc\s+v1\s+true\s+Service$/m);
      expect(resources).toMatch(/^ingresses\s+ing\s+networking.k8s.io\/v1\s+true\s+Ingress$/m);
      expect(resources).toMatch(/^widgets\s+wd\s+kubectl.example.com\/v1\s+true\s+Widget$/m);
      expect(resources).toMatch(/^alaudaloadbalancer2\s+alb2\s+crd.alauda.io\/v2\s+true\s+ALB2$/m);
      expect(await kubectl.run(['config', 'current-context'])).toBe('causeway\n');
    });

    describe('apply', () => {
      test('a second time changes nothing', async () => {
        expect(await apply(SERVICE, INGRESS)).toBe('service/web unchanged\ningress.networking.k8s.io/web unchanged\n');
      });

      test('three-way merge keeps what others have added, by merge key', async () => {
        await apply({ ...SERVICE, metadata: { name: 'merged' } });
        await run('patch', 'svc', 'merged', '-p', '{"spec":{"ports":[{"port":9000,"name":"other"}]}}');
        await apply({
          ...SERVICE,
          metadata: { name: 'merged' },
          spec: { ports: [{ name: 'http', port: 80, targetPort: 8888 }] },
        });
        const { spec } = await get('svc', 'merged');
        // https was ours and is gone, other was somebody else's and stays, http has the new target.
        expect(spec).toMatchObject({
          ports: [
            { name: 'other', port: 9000 },
            { name: 'http', port: 80, targetPort: 8888 },
          ],
        });
      });

      test('merges containers and their environment by name', async () => {
        const manifest = structuredClone(DEPLOYMENT);
        manifest.metadata.name = 'merged';
        await apply(manifest);
        await run('set', 'env', 'deployment/merged', 'ADDED=yes');
        manifest.spec.template.spec.containers[0] = {
          ...manifest.spec.template.spec.containers[0],
          image: 'nginx:1.27',
          env: [{ name: 'A', value: '2' }],
        };
        await apply(manifest);
        const text = await run('get', 'deploy', 'merged', '-o', 'jsonpath={.spec.template.spec.containers[0]}');
        const container: unknown = JSON.parse(text);
        expect(container).toMatchObject({ name: 'app', image: 'nginx:1.27', imagePullPolicy: 'IfNotPresent' });
        expect(container).toHaveProperty('env', [
          { name: 'A', value: '2' },
          { name: 'ADDED', value: 'yes' },
        ]);
      });

      test('on the server: owners, conflicts, force, lists by key, and what kubectl applied itself before', async () => {
        const metadata = { name: 'owned' };
        const server = (args: string[], ...objects: object[]): Promise<string> =>
          kubectl.run(inNamespace('apply', '--server-side', '-f', '-', ...args), { input: yamlOf(objects) });
        expect(await server([], { ...SERVICE, metadata })).toBe('service/owned serverside-applied\n');
        expect(await run('get', 'svc', 'owned', '-o', 'yaml')).not.toContain('managedFields');
        const shown = await run('get', 'svc', 'owned', '-o', 'yaml', '--show-managed-fields');
        expect(shown).toContain('k:{"port":80,"protocol":"TCP"}:');
        expect(shown).toMatch(/manager: kubectl\n\s+operation: Apply/);
        const other = { ...SERVICE, metadata, spec: { ports: [{ name: 'http', port: 80, targetPort: 9 }] } };
        const conflict = await refused(['apply', '--server-side', '--field-manager=other', '-f', '-'], other);
        expect(conflict).toContain(
          'Apply failed with 1 conflict: conflict with "kubectl": .spec.ports[port=80,protocol="TCP"].targetPort',
        );
        await server(['--field-manager=other', '--force-conflicts'], other);
        expect(await get('svc', 'owned')).toHaveProperty('spec.ports.0.targetPort', 9);
        expect(await get('svc', 'owned')).toHaveProperty('spec.ports.1.name', 'https');
        expect(await server(['--dry-run=server'], { ...SERVICE, metadata: { name: 'dry' } })).toContain(
          'serverside-applied (server dry run)',
        );

        const mine = { ...INGRESS, metadata: { name: 'taken-over' } };
        await apply(mine);
        expect(await server([], { ...mine, spec: { ...mine.spec, ingressClassName: 'another' } })).toContain(
          'taken-over serverside-applied',
        );
        const managers = await run('get', 'ing', 'taken-over', '-o', 'jsonpath={.metadata.managedFields[*].manager}');
        // kubectl leaves its annotation to a name of its own; the order is that of their times, in seconds.
        expect(managers.split(' ').sort()).toEqual(['kubectl', 'kubectl-last-applied']);
        expect(await get('ing', 'taken-over')).toHaveProperty('spec.ingressClassName', 'another');

        const gadget = structuredClone(CRD);
        gadget.metadata.name = `owned${namespace}.kubectl.example.com`;
        gadget.spec.names = {
          plural: `owned${namespace}`,
          singular: `owned${namespace}`,
          kind: `Owned${namespace}`,
          shortNames: [],
        };
        await server([], gadget);
        expect(await server([], gadget)).toContain('serverside-applied');
        await server([], { ...CR_MANIFESTS[0], metadata });
        expect(
          await refused(['apply', '--server-side', '-f', '-'], {
            ...CR_MANIFESTS[0],
            metadata,
            spec: { colour: 'red' },
          }),
        ).toMatch(/unknown field "spec.colour"|field not declared in schema/);
      });

      test('create --save-config, and diff on the server', async () => {
        const made = { ...SERVICE, metadata: { name: 'saved' } };
        await kubectl.run(inNamespace('create', '--save-config', '-f', '-'), { input: yamlOf([made]) });
        expect(await apply(made)).toBe('service/saved unchanged\n');
        const changed = yamlOf([{ ...made, spec: { ports: [{ name: 'http', port: 80, targetPort: 81 }] } }]);
        const { code, stdout } = await kubectl.try(
          inNamespace('diff', '--server-side', '--force-conflicts', '-f', '-'),
          { input: changed },
        );
        expect([code, stdout]).toEqual([1, expect.stringMatching(/^\+\s+targetPort: 81$/m)]);
      });

      test('custom resources are merged as JSON', async () => {
        await apply({ ...CR_MANIFESTS[0], metadata: { name: 'changing' } });
        expect(await apply({ ...CR_MANIFESTS[0], metadata: { name: 'changing' }, spec: { color: 'blue' } })).toBe(
          'widget.kubectl.example.com/changing configured\n',
        );
        expect(await get('widget', 'changing')).toHaveProperty('spec', { color: 'blue', size: 1 });
      });

      test('diff and dry run', async () => {
        const changed = yamlOf([{ ...SERVICE, spec: { ports: [{ name: 'http', port: 81 }] } }]);
        const { code, stdout } = await kubectl.try(inNamespace('diff', '-f', '-'), { input: changed });
        expect(code).toBe(1);
        expect(stdout).toMatch(/^-\s+- ?(name: http\n)?|^\+\s+port: 81$/m);
        expect(await kubectl.run(inNamespace('apply', '--dry-run=server', '-f', '-'), { input: changed })).toContain(
          'configured (server dry run)',
        );
        expect(await run('get', 'svc', 'web', '-o', 'jsonpath={.spec.ports[0].port}')).toBe('80');
      });
    });

    describe('get', () => {
      test('tables, wide and narrow', async () => {
        expect(await run('get', 'svc', 'web')).toMatch(
          /^NAME\s+TYPE\s+CLUSTER-IP\s+EXTERNAL-IP\s+PORT\(S\)\s+AGE\nweb\s+ClusterIP\s+\S+\s+<none>\s+80\/TCP,443\/TCP\s+\d+m?\d*s?\n$/,
        );
        expect(await run('get', 'svc', 'web', '-o', 'wide')).toMatch(/AGE\s+SELECTOR\n.*\s<none>\n$/);
        expect(await run('get', 'ing', 'web')).toMatch(
          /^NAME\s+CLASS\s+HOSTS\s+ADDRESS\s+PORTS\s+AGE\nweb\s+alb-demo\s+a\.example\.com\s+80, 443\s/,
        );
        expect(await run('get', 'endpointslices', 'web-1')).toMatch(/web-1\s+IPv4\s+8080\s+127\.0\.0\.1/);
        expect(await run('get', 'deploy', 'web', '-o', 'wide')).toMatch(
          /web\s+0\/2\s+0\s+0\s+\S+\s+app\s+nginx:1\.25\s+app=web/,
        );
        expect(await run('get', 'wd', 'red')).toMatch(/^NAME\s+COLOR\s+AGE\nred\s+red\s/);
        expect(await run('get', 'wd', 'red', '-o', 'wide')).toMatch(
          /^NAME\s+COLOR\s+AGE\s+SIZE\nred\s+red\s+\S+\s+1\n$/,
        );
        expect(await kubectl.run(['get', 'ns', namespace])).toMatch(/\sActive\s/);
      });

      test('yaml, json, name, jsonpath, custom columns, labels, all', async () => {
        expect(await run('get', 'svc', 'web', '-o', 'yaml')).toContain('targetPort: 8080');
        expect(await run('get', 'svc', 'web', '-o', 'name')).toBe('service/web\n');
        expect(await run('get', 'svc', 'web', '-o', 'custom-columns=N:.metadata.name,P:.spec.ports[*].port')).toMatch(
          /web\s+80,443/,
        );
        expect(await run('get', 'svc', 'web', '--show-labels')).toMatch(/app=web\n$/);
        const all = await run('get', 'all', '-o', 'name');
        expect(all.split('\n')).toEqual(expect.arrayContaining(['pod/p', 'service/web', 'deployment.apps/web']));
      });

      test('selectors, and the texts of wrong ones', async () => {
        expect(await run('get', 'svc', '-l', 'app in (web),!absent', '-o', 'name')).toBe('service/web\n');
        expect(await run('get', 'svc', '-l', 'app!=web', '-o', 'name')).not.toContain('service/web\n');
        expect(await run('get', 'svc', '--field-selector', 'metadata.name=web', '-o', 'name')).toBe('service/web\n');
        expect(await refused(['get', 'svc', '-l', 'a=b=c'])).toContain("found '=', expected: ',' or 'end of string'");
        expect(await refused(['get', 'svc', '--field-selector', 'spec.x=y'])).toContain(
          'field label not supported: spec.x',
        );
      });

      test('-w sees changes', async () => {
        await run('create', 'configmap', 'watched', '--from-literal=a=1');
        const watch = kubectl.start(inNamespace('get', 'configmap', 'watched', '-w', '--no-headers'));
        let seen = '';
        watch.stdout?.on('data', (chunk: Buffer) => {
          seen += chunk.toString();
        });
        try {
          await eventually(() => expect(seen).toMatch(/^watched\s+1\s/));
          await run('patch', 'configmap', 'watched', '-p', '{"data":{"b":"2"}}');
          await eventually(() => expect(seen).toMatch(/\nwatched\s+2\s/));
        } finally {
          watch.kill();
        }
      });
    });

    test.each([
      { what: 'svc/web', expected: /TargetPort:\s+8080\/TCP/ },
      { what: 'ing/web', expected: /Ingress Class:\s+alb-demo[\s\S]*a\.example\.com[\s\S]*web:80 / },
      { what: 'deploy/web', expected: /Replicas:\s+2 desired/ },
      { what: 'pod/p', expected: /Image:\s+busybox/ },
      { what: 'endpointslice/web-1', expected: /Addresses:\s+127\.0\.0\.1/ },
      { what: 'wd/red', expected: /Color:\s+red/ },
      { what: 'node', expected: /Capacity:/ },
      { what: 'crd/widgets.kubectl.example.com', expected: /Kind:\s+Widget/ },
    ])('describe $what', async ({ what, expected }) => {
      expect(await run('describe', what)).toMatch(expected);
    });

    test('edit', async () => {
      await apply({ ...SERVICE, metadata: { name: 'edited' } });
      const env = { KUBE_EDITOR: 'sed -i s/8443/9443/' };
      expect(await kubectl.run(inNamespace('edit', 'svc', 'edited'), { env })).toContain('service/edited edited');
      expect(await run('get', 'svc', 'edited', '-o', 'jsonpath={.spec.ports[1].targetPort}')).toBe('9443');
    });

    describe('patch', () => {
      beforeAll(() => apply({ ...SERVICE, metadata: { name: 'patched' } }));
      const target = (): Promise<string> => run('get', 'svc', 'patched', '-o', 'jsonpath={.spec.ports[*].targetPort}');

      test('strategic', async () => {
        await run('patch', 'svc', 'patched', '-p', '{"spec":{"ports":[{"port":80,"targetPort":1}]}}');
        expect(await target()).toBe('1 8443');
        await run('patch', 'svc', 'patched', '-p', '{"spec":{"ports":[{"port":443,"$patch":"delete"}]}}');
        expect(await target()).toBe('1');
      });

      test('merge', async () => {
        await run('patch', 'svc', 'patched', '--type=merge', '-p', '{"spec":{"ports":[{"port":80,"targetPort":2}]}}');
        expect(await target()).toBe('2');
      });

      test('JSON', async () => {
        const patch = (op: object): string[] => ['patch', 'svc', 'patched', '--type=json', '-p', JSON.stringify([op])];
        await run(...patch({ op: 'replace', path: '/spec/ports/0/targetPort', value: 3 }));
        expect(await target()).toBe('3');
        expect(await refused(patch({ op: 'test', path: '/spec/ports/0/targetPort', value: 9 }))).toContain(
          'the server rejected our request due to an error in our request',
        );
      });

      test('a custom resource: merge, and refused where strategic', async () => {
        await run('patch', 'wd', 'red', '--type=merge', '-p', '{"spec":{"size":7}}');
        expect(await get('wd', 'red')).toHaveProperty('spec.size', 7);
        const stderr = await refused(['patch', 'wd', 'red', '--type=strategic', '-p', '{"spec":{"size":8}}']);
        expect(stderr).toContain('application/strategic-merge-patch+json is not supported');
      });

      test('the status of a custom resource', async () => {
        await run('patch', 'wd', 'red', '--type=merge', '--subresource=status', '-p', '{"status":{"phase":"Ready"}}');
        expect(await get('wd', 'red')).toHaveProperty('status', { phase: 'Ready' });
      });
    });

    test('label, annotate, scale', async () => {
      await run('label', 'deploy', 'web', 'x=y');
      await run('annotate', 'deploy', 'web', 'note=seen');
      await run('scale', 'deploy', 'web', '--replicas=5');
      const deployment = await get('deploy', 'web');
      expect(deployment).toMatchObject({
        metadata: { labels: { x: 'y' }, annotations: { note: 'seen' } },
        spec: { replicas: 5 },
      });
      await run('scale', 'deploy', 'web', '--replicas=2');
      await run('label', 'deploy', 'web', 'x-');
      expect(await get('deploy', 'web')).not.toHaveProperty('metadata.labels.x');
    });

    test('create generators, which newer versions send as protobuf', async () => {
      await run('create', 'configmap', 'generated', '--from-literal=a=1');
      await run('create', 'secret', 'generic', 'generated', '--from-literal=password=hidden');
      await run('create', 'service', 'clusterip', 'generated', '--tcp=80:http');
      await run('create', 'deployment', 'generated', '--image=nginx', '--replicas=0', '--port=80');
      await run('create', 'ingress', 'generated', '--class=c', '--rule=a.b/x*=web:80,tls=t');
      await run('create', 'serviceaccount', 'generated');
      expect(await get('configmap', 'generated')).toHaveProperty('data', { a: '1' });
      expect(await get('secret', 'generated')).toMatchObject({ type: 'Opaque', data: { password: 'aGlkZGVu' } });
      const { spec } = await get('service', 'generated');
      expect(spec).toMatchObject({ ports: [{ name: '80-http', port: 80, targetPort: 'http', protocol: 'TCP' }] });
      expect(spec).not.toHaveProperty('ports[0].nodePort');
      expect(await get('deployment', 'generated')).toMatchObject({
        spec: {
          replicas: 0,
          selector: { matchLabels: { app: 'generated' } },
          template: { spec: { containers: [{ name: 'nginx', image: 'nginx', ports: [{ containerPort: 80 }] }] } },
        },
      });
      expect(await get('ingress', 'generated')).toHaveProperty('spec', {
        ingressClassName: 'c',
        tls: [{ hosts: ['a.b'], secretName: 't' }],
        rules: [
          {
            host: 'a.b',
            http: {
              paths: [{ path: '/x', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
            },
          },
        ],
      });
      expect(await run('auth', 'can-i', 'create', 'services')).toBe('yes\n');
    });

    test('replace', async () => {
      await apply({ ...SERVICE, metadata: { name: 'replaced' } });
      const replacement = yamlOf([{ ...SERVICE, metadata: { name: 'replaced' }, spec: { ports: [{ port: 7 }] } }]);
      await kubectl.run(inNamespace('replace', '-f', '-'), { input: replacement });
      expect(await run('get', 'svc', 'replaced', '-o', 'jsonpath={.spec.ports[*].port}')).toBe('7');
    });

    test('wait', async () => {
      await run('wait', '--for=jsonpath={.spec.type}=ClusterIP', 'svc/web', '--timeout=30s');
      await run('create', 'configmap', 'leaving', '--from-literal=a=1');
      const waiting = run('wait', '--for=delete', 'configmap/leaving', '--timeout=60s');
      await run('delete', 'configmap', 'leaving');
      await waiting;
      expect(await refused(['wait', '--for=jsonpath={.spec.type}=NodePort', 'svc/web', '--timeout=1s'])).toContain(
        'timed out',
      );
    });

    test('delete waits for finalizers', async () => {
      await apply({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'held', finalizers: ['example.com/hold'] },
      });
      const deleting = run('delete', 'configmap', 'held', '--timeout=60s');
      await eventually(async () => expect(await get('configmap', 'held')).toHaveProperty('metadata.deletionTimestamp'));
      await run('patch', 'configmap', 'held', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
      expect(await deleting).toContain('configmap "held" deleted');
      expect(await refused(['get', 'configmap', 'held'])).toContain('configmaps "held" not found');
    });

    describe('explain', () => {
      test('built-in kinds', async () => {
        expect(await run('explain', 'ingress.spec.rules')).toMatch(
          /KIND:\s+Ingress[\s\S]*FIELD: rules <\[\]IngressRule>/,
        );
        expect(await run('explain', 'service.spec.ports.targetPort')).toContain('<IntOrString>');
        expect(await run('explain', 'service.spec.type')).toMatch(/FIELD: type <string>/);
        const recursive = await run('explain', 'deployment', '--recursive');
        expect(recursive).toMatch(/containers\s+<\[\]Container> -required-/);
      });

      test('custom resources', async () => {
        expect(await run('explain', 'widget.spec')).toMatch(
          /KIND:\s+Widget[\s\S]*color\s+<string>[\s\S]*What it looks like/,
        );
        expect(await run('explain', 'frontend.spec.port')).toMatch(/FIELD: port <integer>/);
        expect(await run('explain', 'alb2', '--api-version=crd.alauda.io/v2beta1')).toMatch(/VERSION:\s+v2beta1/);
      });
    });

    describe('rejects with the path of the field', () => {
      test('a port out of range', async () => {
        const bad = { ...SERVICE, metadata: { name: 'bad' }, spec: { ports: [{ port: 70_000, targetPort: 1 }] } };
        expect(await refused(['apply', '-f', '-'], bad)).toContain(
          'The Service "bad" is invalid: spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive',
        );
      });

      test('a missing pathType', async () => {
        const { pathType: _absent, ...rest } = INGRESS.spec.rules[0].http.paths[0];
        const bad = { ...INGRESS, metadata: { name: 'bad' }, spec: { rules: [{ http: { paths: [rest] } }] } };
        expect(await refused(['create', '-f', '-'], bad)).toContain(
          'spec.rules[0].http.paths[0].pathType: Required value',
        );
      });

      test('an unknown field, unless told otherwise', async () => {
        const typo = { ...SERVICE, metadata: { name: 'typo' }, spec: { ports: [{ port: 1, protocl: 'TCP' }] } };
        expect(await refused(['apply', '-f', '-'], typo)).toContain('unknown field "spec.ports[0].protocl"');
        const { stderr } = await kubectl.try(inNamespace('apply', '--validate=warn', '-f', '-'), {
          input: yamlOf([typo]),
        });
        expect(stderr).toContain('Warning: unknown field "spec.ports[0].protocl"');
        expect(await get('svc', 'typo')).not.toHaveProperty('spec.ports[0].protocl');
      });

      test('a custom resource', async () => {
        const bad = { ...CR_MANIFESTS[0], metadata: { name: 'bad' }, spec: { color: 'plaid', size: 0 } };
        const stderr = await refused(['apply', '-f', '-'], bad);
        expect(stderr).toContain('spec.color: Unsupported value: "plaid": supported values: "red", "blue"');
        expect(stderr).toContain('spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1');
      });

      test('a custom resource, by a rule', async () => {
        const bad = { ...CR_MANIFESTS[0], metadata: { name: 'bad' }, spec: { color: 'blue', size: 100 } };
        expect(await refused(['apply', '-f', '-'], bad)).toContain(
          `spec: Invalid value: "object": failed rule: self.color != 'blue' || self.size < 100`,
        );
      });

      test('a CRD that is not structural', async () => {
        const bad = structuredClone(CRD);
        bad.metadata.name = 'gadgets.kubectl.example.com';
        bad.spec.names = { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', shortNames: [] };
        bad.spec.versions[0].schema.openAPIV3Schema = {
          type: 'object',
          properties: { spec: { description: 'no type' } },
        };
        expect(await refused(['create', '-f', '-'], bad)).toContain(
          'spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
        );
      });
    });
  },
);

function yamlOf(objects: readonly object[]): string {
  return objects.map((object) => stringify(object)).join('---\n');
}
