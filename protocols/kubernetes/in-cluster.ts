import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Kubeconfig, KubeconfigError, loadKubeconfig } from './kubeconfig.ts';
import { tokenFile } from './token-file.ts';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * How a pod reaches its API server: by the environment and the files that every pod has.
 *
 * Source: Kubernetes, "Accessing the API from within a Pod"; client-go rest.InClusterConfig.
 *
 * @throws KubeconfigError outside of a pod
 */
export async function inClusterConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  directory = SERVICE_ACCOUNT,
): Promise<Kubeconfig> {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = environment;
  if (host === '' || port === '') throw new KubeconfigError('no kubeconfig was given, and this is no pod of a cluster');
  const [ca, namespace] = await Promise.all(
    ['ca.crt', 'namespace'].map((name) => readFile(path.join(directory, name), 'utf8')),
  );
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ...(ca === undefined ? {} : { ca }),
    token: tokenFile(path.join(directory, 'token')),
    namespace: namespace?.trim() ?? 'default',
  };
}

/** What the file says; without one, what the pod says. */
export function loadAccess(kubeconfigFile: string | undefined): Promise<Kubeconfig> {
  return kubeconfigFile === undefined ? inClusterConfig() : loadKubeconfig(kubeconfigFile);
}
