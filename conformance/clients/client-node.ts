import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreV1Api, KubeConfig, makeInformer, type V1ConfigMap } from '@kubernetes/client-node';
import type { Checks } from './checks.ts';
import type { Place } from './place.ts';

const NAMESPACE = 'default';
const SELECTOR = 'client=node';
const PATIENCE_MS = 20_000;

/** Informers of @kubernetes/client-node, through what happens to a server. */
export async function clientNode(place: Place, { check }: Pick<Checks, 'check'>): Promise<void> {
  const config = new KubeConfig();
  config.loadFromFile(place.kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const seen: string[] = [];
  const informer = makeInformer<V1ConfigMap>(
    config,
    `/api/v1/namespaces/${NAMESPACE}/configmaps`,
    () => core.listNamespacedConfigMap({ namespace: NAMESPACE, labelSelector: SELECTOR }),
    SELECTOR,
  );
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, ({ metadata, data }) => void seen.push(`${verb} ${metadata?.name} ${data?.['k'] ?? ''}`.trim()));
  }
  // A connection that breaks: client-node leaves it to its user to begin again.
  informer.on('error', () => setTimeout(() => void informer.start(), 200));
  const sees = async (...events: readonly string[]): Promise<void> => {
    const end = performance.now() + PATIENCE_MS;
    while (!events.every((event) => seen.includes(event))) {
      assert.ok(performance.now() < end, `not all of ${events.join(', ')} in ${seen.join(', ')}`);
      await sleep(20);
    }
  };
  const map = (name: string, k: string, labels: Record<string, string> = { client: 'node' }): V1ConfigMap => ({
    metadata: { name, labels },
    data: { k },
  });
  const create = (name: string, k: string, labels?: Record<string, string>) =>
    core.createNamespacedConfigMap({ namespace: NAMESPACE, body: map(name, k, labels) });

  try {
    await check('an informer with a label selector: what is there, what comes, changes and goes', async () => {
      await create('before', '1');
      await create('foreign', '1', { client: 'other' });
      await informer.start();
      await create('during', '1');
      await core.replaceNamespacedConfigMap({ namespace: NAMESPACE, name: 'during', body: map('during', '2') });
      await core.deleteNamespacedConfigMap({ namespace: NAMESPACE, name: 'before' });
      await sees('add before 1', 'add during 1', 'update during 2', 'delete before 1');
      assert.ok(!seen.some((event) => event.includes('foreign')), seen.join(', '));
    });

    await check('an object that loses the label goes, one that gains it comes', async () => {
      const body = map('during', '2', { client: 'other' });
      await core.replaceNamespacedConfigMap({ namespace: NAMESPACE, name: 'during', body });
      await core.replaceNamespacedConfigMap({ namespace: NAMESPACE, name: 'foreign', body: map('foreign', '3') });
      await sees('delete during 2', 'add foreign 3');
    });

    await check('after the server was started again it goes on, and misses nothing', async () => {
      seen.length = 0;
      await place.restart();
      await create('after', '1');
      await core.deleteNamespacedConfigMap({ namespace: NAMESPACE, name: 'foreign' });
      await sees('add after 1', 'delete foreign 3');
      assert.deepEqual(
        informer.list(NAMESPACE).map(({ metadata }) => metadata?.name),
        ['after'],
      );
    });
  } finally {
    await informer.stop();
  }
}
