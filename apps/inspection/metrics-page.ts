import { request } from 'node:http';
import { connect, type TLSSocket } from 'node:tls';
import type { Instance } from '@causeway/resources/kinds';

/** For connecting, and again for the silence of a connection. */
const TIMEOUT_MS = 5_000;

/**
 * Reads the metrics of an instance. The instance says in its status where they are served and by which certificate it is known; the
 * token goes to nobody else.
 *
 * @param token of somebody whom the API server knows; absent: sent without
 * @throws Error when no address answers, or the token is refused
 */
export async function readMetricsPage(instance: Instance, token: string | undefined): Promise<string> {
  const { metadata, status } = instance;
  const port = status?.ports?.find(({ protocol }) => protocol === 'metrics')?.port;
  const place = status?.metrics;
  if (port === undefined || place === undefined) throw new Error(`instance ${metadata.name} serves no metrics`);
  const failures: string[] = [];
  for (const host of place.addresses) {
    const socket = await connectTo({ host, port, certificateSha256: place.certificateSha256 }).catch((error: Error) => {
      failures.push(`${host}: ${error.message}`);
    });
    if (socket !== undefined) return await get(socket, token);
  }
  throw new Error(`cannot reach the metrics of instance ${metadata.name} on port ${port}: ${failures.join('; ')}`);
}

interface Target {
  readonly host: string;
  readonly port: number;
  readonly certificateSha256: string;
}

/** Nobody vouches for that certificate: it must be the one that the instance reported to the API. */
async function connectTo({ host, port, certificateSha256 }: Target): Promise<TLSSocket> {
  const socket = connect({ host, port, servername: 'localhost', rejectUnauthorized: false });
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer')));
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  if (socket.getPeerCertificate().fingerprint256 === certificateSha256) return socket;
  socket.destroy();
  throw new Error('another certificate than that of the instance');
}

function get(socket: TLSSocket, token: string | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'localhost', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    const call = request({ path: '/metrics', headers, createConnection: () => socket }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        socket.destroy();
        if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString('utf8'));
        else if (response.statusCode === 401) reject(new Error('the metrics want a token: --token-file'));
        else reject(new Error(`metrics: status ${response.statusCode}`));
      });
    });
    call.on('error', reject);
    call.end();
  });
}
