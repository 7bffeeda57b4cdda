import { eventually } from '../../test/e2e/eventually.ts';
import type { Kubectl } from '../../test/kubectl/kubectl.ts';
import { NAME, NAMESPACE, WEBHOOK } from '../../tools/deploy/names.ts';

/**
 * What docs/clusters.md tells a user to type, a second time too, which must change nothing; resolves when the API server asks
 * the webhook.
 *
 * @param folder with the kustomization
 */
export async function install(kubectl: Kubectl, folder: string): Promise<void> {
  // Not the rest at once: kinds are served a moment after their definition is made.
  await kubectl.run(['apply', '--server-side', '-k', folder]);
  await kubectl.run(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
  await kubectl.run(['rollout', 'status', `deployment/${NAME}`, '-n', NAMESPACE, '--timeout=120s']);
  await eventually(async () => {
    const bundle = await kubectl.run([
      ...['get', 'validatingwebhookconfiguration', WEBHOOK],
      ...['-o', 'jsonpath={.webhooks[0].clientConfig.caBundle}'],
    ]);
    if (bundle === '') throw new Error('nobody told the API server whom to trust');
  });
  await kubectl.run(['apply', '--server-side', '-k', folder]);
  await eventually(() => refuses(kubectl));
}

/** A Rule without dslx: the schema takes it, and only the webhook knows better. */
async function refuses(kubectl: Kubectl): Promise<void> {
  const labels = { 'alb2.cpaas.io/name': 'none', 'alb2.cpaas.io/frontend': 'none' };
  const metadata = { name: 'refused', namespace: 'default', labels };
  const rule = { apiVersion: 'crd.alauda.io/v1', kind: 'Rule', metadata, spec: { priority: 5 } };
  const said = await kubectl.refused(['create', '--dry-run=server', '-f', '-'], { input: JSON.stringify(rule) });
  if (!said.includes('spec.dslx')) throw new Error(`the webhook is not asked: ${said}`);
}
