/** TLS towards an endpoint, on a connection that it has accepted. */
import type { Socket } from 'node:net';
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { hasCertificateName } from '../policy/certificate-name.ts';
import type { StreamTls } from '../policy/record.ts';

/**
 * Nothing is sent before the endpoint has shown a certificate for one of the names, from one of the authorities.
 *
 * @param protocol offered by ALPN
 * @returns undefined when it has not, or not in time; the connection is closed then
 */
export function securedTo(
  endpoint: Socket,
  tls: StreamTls,
  timeoutMs: number,
  protocol?: string,
): Promise<TLSSocket | undefined> {
  const secureContext = contextOf(tls);
  if (secureContext === undefined) {
    endpoint.destroy();
    return Promise.resolve(undefined);
  }
  return new Promise((resolve) => {
    const socket = connect({
      ...{ socket: endpoint, secureContext },
      ...(tls.name === '' ? {} : { servername: tls.name }),
      ...(protocol === undefined ? {} : { ALPNProtocols: [protocol] }),
      rejectUnauthorized: tls.trustPem !== undefined,
      checkServerIdentity: (name, certificate) => identityProblem(tls, name, certificate),
    });
    const timer = setTimeout(() => socket.destroy(), timeoutMs);
    socket.on('error', () => {}); // 'close' follows
    socket.once('close', () => {
      clearTimeout(timer);
      endpoint.destroy();
      resolve(undefined);
    });
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

function identityProblem({ names }: StreamTls, name: string, certificate: PeerCertificate): Error | undefined {
  if (names === undefined) return checkServerIdentity(name, certificate);
  return hasCertificateName(names, certificate.subjectaltname) ? undefined : new Error('none of the names');
}

const contexts = new WeakMap<StreamTls, SecureContext>();

/** @returns undefined when certificate and key do not fit, or an authority cannot be read */
function contextOf(tls: StreamTls): SecureContext | undefined {
  let context = contexts.get(tls);
  if (context === undefined) {
    const { trustPem, certificate } = tls;
    const shown = certificate && { cert: certificate.chainPem, key: certificate.keyPem };
    try {
      context = createSecureContext({ ...(trustPem && { ca: trustPem }), minVersion: 'TLSv1.2', ...shown });
    } catch {
      return undefined;
    }
    contexts.set(tls, context);
  }
  return context;
}
