import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Checks, says, saysNot } from './checks.ts';
import type { Place } from './place.ts';
import { playWorkloads } from './workloads.ts';

const CHART = path.join(import.meta.dirname, 'chart');

/** Helm 3 with a chart that has a CRD, hooks, a test and a Deployment that is waited for. */
export async function helm(place: Place, program: string, { check }: Pick<Checks, 'check'>): Promise<void> {
  const env = {
    HELM_CACHE_HOME: place.folder('helm/cache'),
    HELM_CONFIG_HOME: place.folder('helm/config'),
    HELM_DATA_HOME: place.folder('helm/data'),
  };
  const run = async (...args: readonly string[]): Promise<string> => {
    const { code, text } = await place.run(program, args, { env });
    assert.equal(code, 0, `helm ${args.join(' ')} ended with ${code}:\n${text}`);
    return text;
  };
  const fails = async (...args: readonly string[]): Promise<string> => {
    const { code, text } = await place.run(program, args, { env });
    assert.notEqual(code, 0, `helm ${args.join(' ')} should have failed:\n${text}`);
    return text;
  };
  const object = async (at: string): Promise<Readonly<Record<string, unknown>>> => {
    const { code, body } = await place.api.get(at);
    return { code, ...body };
  };
  const deployment = '/apis/apps/v1/namespaces/shop/deployments/shop';
  const service = '/api/v1/namespaces/shop/services/shop';
  const gadget = '/apis/shop.example.org/v1/namespaces/shop/gadgets/shop';

  await check('a dry run asks the server, and leaves nothing', async () => {
    says(await run('template', 'shop', CHART), 'greeting: hello');
    const hooks = ['--show-only', 'templates/hooks.yaml', '--skip-crds'];
    says(await run('template', 'shop', CHART, '--api-versions', 'shop.example.org/v1', ...hooks), 'kind: Job');
    says(await fails('install', 'shop', CHART, '--dry-run=server'), 'no matches for kind "Gadget"');
    says(await run('list', '-A', '-q'), /^$/);
  });

  await check('--wait gives up on a Deployment that nothing runs, and says so', async () => {
    const text = await fails('install', 'waiting', CHART, '--no-hooks', '--wait', '--timeout', '3s');
    says(text, /deadline exceeded|timed out|not ready/i);
    says(await run('list', '--failed', '-q'), 'waiting');
    await run('uninstall', 'waiting', '--no-hooks');
  });

  const stop = playWorkloads(place.api);
  try {
    await check('install --wait --create-namespace, with CRD, hooks and lookup', async () => {
      const text = await run(
        'install',
        'shop',
        CHART,
        '-n',
        'shop',
        '--create-namespace',
        '--wait',
        '--timeout',
        '60s',
      );
      says(text, 'STATUS: deployed');
      saysNot(text, 'WARNING');
      assert.deepEqual(await object(gadget).then(({ spec }) => spec), { size: 2, color: 'grey' });
      const settings = await object('/api/v1/namespaces/shop/configmaps/shop-settings');
      const { greeting, known } = settings['data'] as Record<string, string>;
      assert.deepEqual([greeting, known], ['hello', 'kube-system']);
      assert.equal((await object('/api/v1/namespaces/shop/configmaps/shop-after'))['code'], 200);
      assert.equal((await object('/apis/batch/v1/namespaces/shop/jobs/shop-before'))['code'], 200);
    });

    await check('helm test runs the Pod of the chart', async () => {
      says(await run('test', 'shop', '-n', 'shop', '--timeout', '60s'), /Phase:\s+Succeeded/);
    });

    await check('upgrade merges three ways: what others added stays, what the chart dropped goes', async () => {
      const added = [{ name: 'debug', port: 9000, protocol: 'TCP', targetPort: 9000 }];
      await place.api.patch(service, { spec: { ports: added } }, 'application/strategic-merge-patch+json');
      await place.api.patch(deployment, { metadata: { labels: { team: 'x' } } });
      await run(
        'upgrade',
        'shop',
        CHART,
        '-n',
        'shop',
        '--wait',
        '--timeout',
        '60s',
        '--set',
        'extraPort=true,replicas=3,greeting=hi',
      );
      const ports = ((await object(service))['spec'] as { ports: { name: string }[] }).ports.map(({ name }) => name);
      assert.deepEqual(ports.toSorted(), ['debug', 'extra', 'http']);
      assert.deepEqual((await object(gadget))['spec'], { size: 3, color: 'grey' });
      assert.equal(((await object(deployment))['metadata'] as { labels: { team: string } }).labels.team, 'x');
    });

    await check('an upgrade that the server refuses fails, and --atomic rolls it back', async () => {
      const text = await fails(
        'upgrade',
        'shop',
        CHART,
        '-n',
        'shop',
        '--set',
        'replicas=0',
        '--atomic',
        '--timeout',
        '60s',
      );
      says(text, /spec\.size/);
      assert.deepEqual((await object(gadget))['spec'], { size: 3, color: 'grey' });
      says(await run('status', 'shop', '-n', 'shop'), 'STATUS: deployed');
    });

    await check('rollback, history, get', async () => {
      await run('rollback', 'shop', '1', '-n', 'shop', '--wait', '--timeout', '60s');
      assert.deepEqual((await object(gadget))['spec'], { size: 2, color: 'grey' });
      const ports = ((await object(service))['spec'] as { ports: { name: string }[] }).ports.map(({ name }) => name);
      assert.deepEqual(ports.toSorted(), ['debug', 'http']);
      says(await run('history', 'shop', '-n', 'shop'), 'Rollback to 1');
      says(await run('get', 'manifest', 'shop', '-n', 'shop'), 'greeting: hello');
      says(await run('get', 'hooks', 'shop', '-n', 'shop'), 'pre-install');
      says(await run('get', 'all', 'shop', '-n', 'shop'), 'USER-SUPPLIED VALUES');
      says(await run('list', '-A', '-o', 'json'), '"status":"deployed"');
    });

    await check('upgrade --install --reuse-values with another chart version; --description', async () => {
      const chart = path.join(place.directory, 'chart-copy');
      cpSync(CHART, chart, { recursive: true });
      rmSync(path.join(chart, 'templates/hooks.yaml'));
      await run('upgrade', '--install', 'shop', chart, '-n', 'shop', '--reuse-values', '--description', 'again');
      says(await run('history', 'shop', '-n', 'shop', '--max', '1'), 'again');
    });

    await check('what somebody else made is not taken over, unless asked for', async () => {
      const ports = [{ name: 'http', port: 80 }];
      await place.api.post('/api/v1/namespaces/shop/services', { metadata: { name: 'taken' }, spec: { ports } });
      const args = ['install', 'taken', CHART, '-n', 'shop', '--no-hooks', '--set', 'host=taken.example.org'];
      says(await fails(...args), 'exists and cannot be imported into the current release');
      await run(...args, '--take-ownership', '--replace');
      await run('uninstall', 'taken', '-n', 'shop', '--no-hooks');
    });

    await check('uninstall --wait takes all but the CRD and what hooks made', async () => {
      await run('uninstall', 'shop', '-n', 'shop', '--wait', '--timeout', '60s');
      for (const at of [deployment, service, gadget, '/apis/networking.k8s.io/v1/namespaces/shop/ingresses/shop']) {
        assert.equal((await object(at))['code'], 404, at);
      }
      const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.shop.example.org';
      assert.equal((await object(definition))['code'], 200);
      says(await run('list', '-A', '-q'), /^$/);
    });
  } finally {
    await stop();
  }
}
