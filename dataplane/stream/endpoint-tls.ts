/** TLS towards an endpoint, on a connection that it has accepted. */
import type { Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { StreamTls } from '../policy/record.ts';

/**
 * Nothing is sent before the endpoint has shown a certificate for the name, from one of the authorities.
 *
 * @returns undefined when it has not, or not in time; the connection is closed then
 */
export function securedTo(endpoint: Socket, tls: StreamTls, timeoutMs: number): Promise<TLSSocket | undefined> {
  const secureContext = contextOf(tls);
  if (secureContext === undefined) {
    endpoint.destroy();
    return Promise.resolve(undefined);
  }
  return new Promise((resolve) => {
    const socket = connect({ socket: endpoint, servername: tls.name, secureContext });
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

const contexts = new WeakMap<StreamTls, SecureContext>();

/** @returns undefined when certificate and key do not fit, or an authority cannot be read */
function contextOf(tls: StreamTls): SecureContext | undefined {
  let context = contexts.get(tls);
  if (context === undefined) {
    const { trustPem, certificate } = tls;
    const shown = certificate && { cert: certificate.chainPem, key: certificate.keyPem };
    try {
      context = createSecureContext({ ca: trustPem, minVersion: 'TLSv1.2', ...shown });
    } catch {
      return undefined;
    }
    contexts.set(tls, context);
  }
  return context;
}
