import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { end, kubernetesPrograms, start, startKubeApiServer } from '../apiserver/kube-apiserver.ts';
import type { RunningSubject } from '../apiserver/subject.ts';
import { goProgram } from '../go-program.ts';

/** What a cluster does beside storing: those that Causeway or its users rely on. */
const CONTROLLERS = [
  'deployment-controller',
  'replicaset-controller',
  'endpoints-controller',
  'endpointslice-controller',
  'endpointslice-mirroring-controller',
  'namespace-controller',
  'garbage-collector-controller',
  'serviceaccount-controller',
  'root-ca-certificate-publisher-controller',
  'clusterrole-aggregation-controller',
  'disruption-controller',
];

/**
 * etcd, kube-apiserver and kube-controller-manager: a cluster without nodes.
 *
 * @param address of the API server, of this machine
 */
export async function startCluster(
  runtimeDirectory: string,
  directory: string,
  address?: string,
): Promise<RunningSubject> {
  mkdirSync(directory, { recursive: true });
  const kubernetes = await startKubeApiServer(kubernetesPrograms(runtimeDirectory), directory, {
    // Nothing routes addresses of Services here: webhooks are asked at the addresses of their endpoints.
    flags: ['--enable-aggregator-routing=true'],
    ...(address === undefined ? {} : { address }),
  });
  let manager: ChildProcess | undefined;
  try {
    manager = start(directory, 'kube-controller-manager', goProgram(runtimeDirectory, 'kube-controller-manager'), [
      `--kubeconfig=${kubernetes.kubeconfig}`,
      `--controllers=${CONTROLLERS.join(',')}`,
      `--root-ca-file=${path.join(directory, 'ca.crt')}`,
      '--leader-elect=false',
      '--secure-port=0',
    ]);
  } catch (error) {
    await kubernetes.stop();
    throw error;
  }
  const running = manager;
  return {
    ...kubernetes,
    stop: async () => {
      await end(running);
      await kubernetes.stop();
    },
  };
}
