import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Kubectl } from '../../test/kubectl/kubectl.ts';
import { kubectlPath } from '../../test/kubectl/kubectl-path.ts';
import { controllersDeployment } from '../../tools/deploy/programs.ts';
import { Admin } from '../second-home/admin.ts';
import { startCluster } from '../second-home/cluster.ts';
import { install } from '../second-home/install.ts';
import { Kubelet } from '../second-home/kubelet.ts';
import { mistakesIn } from '../second-home/logs.ts';
import type { PodNetwork } from './agent/pod-network.ts';
import { upstreamModule } from './crds/upstream.ts';

const repository = path.resolve(import.meta.dirname, '../..');

/** Our image, whose Pods the kubelet of `second-home` runs. */
export const IMAGE = controllersDeployment().spec?.template.spec?.containers[0]?.image ?? '';

export interface RealHome {
  readonly kubeconfig: string;
  /** What our programs said that they must not have to say. */
  mistakes(): readonly string[];
  stop(): Promise<void>;
}

/**
 * A real kube-apiserver with upstream's definitions of the kinds, and the rest of `deploy/` as docs/clusters.md has it installed.
 *
 * @param directory for data and logs
 */
export async function startRealHome(
  runtimeDirectory: string,
  directory: string,
  network: PodNetwork,
): Promise<RealHome> {
  const ending: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ending.splice(0).toReversed()) await end();
  };
  try {
    const cluster = await startCluster(runtimeDirectory, path.join(directory, 'cluster'), network.nodeAddress);
    ending.push(() => cluster.stop());
    const admin = new Admin(cluster);
    ending.push(() => admin.close());
    const pods = path.join(directory, 'pods');
    mkdirSync(pods);
    const options = { admin, subject: cluster, repository, runtimeDirectory, image: IMAGE, places: network };
    const kubelet = new Kubelet({ ...options, directory: pods });
    ending.push(() => kubelet.stop());
    await kubelet.start();
    const kubectl = new Kubectl(await kubectlPath(), cluster.kubeconfig, path.join(directory, 'kubectl-cache'));
    await kubectl.run(['apply', '--server-side', '-k', path.join(upstreamModule(), 'config/crd/experimental')]);
    await install(kubectl, withoutDefinitions(path.join(directory, 'deploy')));
    const ourClass = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'causeway' },
      spec: { controllerName: 'causeway.io/gateway' },
    };
    await kubectl.run(['apply', '-f', '-'], { input: JSON.stringify(ourClass) });
    return { kubeconfig: cluster.kubeconfig, mistakes: () => mistakesIn(kubelet.logs()), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** `deploy/`, for a cluster that has the kinds of the Gateway API. @returns the folder */
function withoutDefinitions(folder: string): string {
  cpSync(path.join(repository, 'deploy'), folder, { recursive: true });
  const file = path.join(folder, 'kustomization.yaml');
  const lines = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, lines.filter((line) => !line.includes('crds/gateway.networking.')).join('\n'));
  return folder;
}
