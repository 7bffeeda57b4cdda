import { connect } from 'node:tls';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { KIND_REFS, type KindMap } from '@causeway/resources/kinds';
import { createSelfSigned, type KeyPairPem } from '@causeway/targets/nginx/self-signed';
import { benchIngress, createAll } from './objects.ts';
import type { ServedAt } from './served-at.ts';

/** Sites with TLS begin here, one host each. */
const FIRST_SITE = 2_000_000;

const IN_A_ROW = 8;

export interface CertificateChange {
  /** Resolves when every name is served with its first certificate. */
  ready(): Promise<void>;
  /** Gives the `number`-th Secret, or the same again after all had their turn, the other certificate. */
  apply(number: number): { readonly written: Promise<unknown>; readonly served: Promise<ServedAt> };
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
  const served = (index: number, pair: KeyPairPem): Promise<number> =>
    sinceShown(port, `h${Math.floor((sites[index] ?? 0) / 100)}.bench.example`, pair);
  return {
    ready: async () => {
      for (const index of sites.keys()) await served(index, pairOf(0));
    },
    apply: (number) => {
      const index = number % count;
      const pair = pairOf(1 + Math.floor(number / count));
      const { data } = secret(index, pair);
      const key = { namespace: 'default', name: `tls${index}` };
      const written = api.patch(KIND_REFS.Secret, key, { data }, { type: 'merge' });
      return { written, served: written.then(async () => ({ at: await served(index, pair), failed: 0 })) };
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

/**
 * Resolves with the moment (performance.now) since when no handshake showed another certificate. Which worker takes a
 * connection is the kernel's choice, so several in a row must show it: of two workers one is missed once in 2^7 times.
 */
async function sinceShown(port: number, servername: string, pair: KeyPairPem): Promise<number> {
  const wanted = pair.certificate.replaceAll(/-----[A-Z ]+-----|\s/g, '');
  let since = 0;
  for (let inARow = 0; inARow < IN_A_ROW; ) {
    const shown = await shownBy(port, servername);
    if (shown !== wanted) inARow = 0;
    else if (inARow++ === 0) since = performance.now();
  }
  return since;
}

async function shownBy(port: number, servername: string): Promise<string | undefined> {
  const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false });
  return new Promise((resolve) => {
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate().raw?.toString('base64'));
      socket.destroy();
    });
    socket.once('error', () => resolve(undefined));
  });
}
