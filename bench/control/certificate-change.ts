import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { KIND_REFS, type KindMap } from '@causeway/resources/kinds';
import { createSelfSigned, type KeyPairPem } from '@causeway/targets/nginx/self-signed';
import { instanceStatus } from './data-plane.ts';
import { benchIngress, createAll } from './objects.ts';
import { connectTo } from './worker-connection.ts';

/** Sites with TLS begin here, one host each. */
const FIRST_SITE = 2_000_000;

export interface CertificateChange {
  /** Resolves when every name is served with its first certificate. */
  ready(): Promise<void>;
  /** Gives the `number`-th Secret, or the same again after all had their turn, the other certificate. */
  apply(number: number): { readonly written: Promise<unknown>; readonly served: Promise<number> };
}

/** Makes that many Ingresses with TLS, a Secret each; certificates flip between two. */
export async function certificateChanges(
  api: KubernetesClient,
  port: number,
  count: number,
): Promise<CertificateChange> {
  const pairs = [await createSelfSigned(new Date()), await createSelfSigned(new Date())];
  const pairOf = (turn: number): KeyPairPem => pairs[turn % 2] as KeyPairPem;
  const sites = Array.from({ length: count }, (_, index) => FIRST_SITE + index * 100);
  await createAll(api, [
    ...sites.map((_, index) => secret(index, pairOf(0))),
    ...sites.map((site, index) => benchIngress(site, 'a', `tls${index}`)),
  ]);
  let workerPids: readonly number[] = [];
  const served = async (index: number, pair: KeyPairPem): Promise<number> => {
    const host = `h${Math.floor((sites[index] ?? 0) / 100)}.bench.example`;
    await Promise.all(workerPids.map((pid) => untilShown(pid, port, host, pair)));
    return 0;
  };
  return {
    ready: async () => {
      const { workers = [] } = await instanceStatus(api);
      workerPids = workers.map(({ pid = 0 }) => pid);
      for (const index of sites.keys()) await served(index, pairOf(0));
    },
    apply: (number) => {
      const index = number % count;
      const pair = pairOf(1 + Math.floor(number / count));
      const { data } = secret(index, pair);
      const key = { namespace: 'default', name: `tls${index}` };
      const written = api.patch(KIND_REFS.Secret, key, { data }, { type: 'merge' });
      return { written, served: written.then(() => served(index, pair)) };
    },
  };
}

function secret(index: number, { certificate, key }: KeyPairPem): KindMap['Secret'] {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `tls${index}`, namespace: 'default' },
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': Buffer.from(certificate).toString('base64'),
      'tls.key': Buffer.from(key).toString('base64'),
    },
  };
}

/** Handshakes with one worker until it shows the certificate. */
async function untilShown(worker: number, port: number, servername: string, pair: KeyPairPem): Promise<void> {
  const wanted = pair.certificate.replaceAll(/-----[A-Z ]+-----|\s/g, '');
  while ((await shownBy(worker, port, servername)) !== wanted) await sleep(1);
}

async function shownBy(worker: number, port: number, servername: string): Promise<string | undefined> {
  const socket = connect({ socket: await connectTo(worker, port), servername, rejectUnauthorized: false });
  return new Promise((resolve) => {
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate().raw?.toString('base64'));
      socket.destroy();
    });
    socket.once('error', () => resolve(undefined));
  });
}
