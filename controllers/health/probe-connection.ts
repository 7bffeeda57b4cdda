/** Connections to endpoints, with TLS where requests are sent with TLS. */
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { EndpointIR } from '@causeway/ir/gateway';
import { identityProblem } from '@causeway/targets/nginx/backend-identity';
import type { GroupCheck } from '@causeway/targets/nginx/endpoint-health';
import { systemTrustPem } from '@causeway/targets/nginx/system-trust';

/** What is looked at of an answer. */
export const MOST_BYTES = 65_536;

/**
 * Resolves when the connection is there, and TLS is spoken.
 *
 * @param protocol what is offered by ALPN
 * @throws Error when there is none, or the certificate is not good
 */
export function openConnection(
  check: GroupCheck,
  { address, port }: EndpointIR,
  signal: AbortSignal,
  protocol?: string,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const tls = tlsOptions(check);
    const place = { host: address, port };
    const offered = protocol === undefined ? {} : { ALPNProtocols: [protocol] };
    const socket = tls === undefined ? connectTcp(place) : connectTls({ ...place, ...tls, ...offered });
    const abort = (): void => {
      socket.destroy();
      reject(new Error('aborted'));
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', abort));
    // Also when it fails later, while an answer is awaited.
    socket.on('error', reject);
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => resolve(socket));
  });
}

function tlsOptions({ protocol, tls }: GroupCheck): ConnectionOptions | undefined {
  if (tls === undefined)
    return protocol === 'https' || protocol === 'grpcs' ? { rejectUnauthorized: false } : undefined;
  const { name, sendName, trustPem, trustsSystem, certificate, protocols = [], ciphers } = tls;
  const trust = trustsSystem === true ? systemTrustPem() : trustPem;
  const [oldest] = protocols;
  const newest = protocols.at(-1);
  return {
    ...(sendName ? { servername: name } : {}),
    ...(trust === undefined
      ? { rejectUnauthorized: false }
      : { ca: trust, checkServerIdentity: (_, found) => identityProblem(tls, found) }),
    ...(certificate === undefined ? {} : { cert: certificate.chainPem, key: certificate.keyPem }),
    ...(oldest === undefined ? {} : { minVersion: oldest }),
    ...(newest === undefined ? {} : { maxVersion: newest }),
    ...(ciphers === undefined ? {} : { ciphers }),
  };
}
