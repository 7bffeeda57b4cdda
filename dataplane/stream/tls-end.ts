/** Ends TLS of a connection whose ClientHello has been seen: what is read and written afterwards is in the clear. */
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { certificateHosts } from '../policy/certificate-host.ts';
import type { CertificateRecord, TlsEnd } from '../policy/record.ts';

/** Looks up a certificate by its id. */
export type FindCertificate = (id: string) => CertificateRecord | undefined;

/**
 * @param client every byte of the ClientHello is still there to be read
 * @param serverName that it asked for, `''` for none
 * @returns undefined when there is no certificate for it, or the handshake fails; the connection is closed then
 */
export async function endTls(
  client: Socket,
  serverName: string,
  end: TlsEnd,
  { certificate, timeoutMs }: { readonly certificate: FindCertificate; readonly timeoutMs: number },
): Promise<TLSSocket | undefined> {
  const secureContext = contextFor(serverName.toLowerCase(), end, certificate);
  if (secureContext === undefined) {
    client.destroy();
    return undefined;
  }
  const socket = new TLSSocket(client, { isServer: true, secureContext });
  socket.on('error', () => {}); // 'close' follows
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), timeoutMs);
    const finish = (result: TLSSocket | undefined): void => {
      clearTimeout(timer);
      socket.off('secure', isSecure).off('close', isClosed);
      if (result === undefined) client.destroy();
      resolve(result);
    };
    const isSecure = (): void => finish(socket.pause());
    const isClosed = (): void => finish(undefined);
    socket.once('secure', isSecure).once('close', isClosed);
  });
}

/** A name of its own comes before a wildcard, and that before what is for every name. */
function contextFor(
  name: string,
  { certificates, fallback }: TlsEnd,
  find: FindCertificate,
): SecureContext | undefined {
  const ids = [
    ...certificateHosts(name).flatMap((host) => certificates.find((each) => each.host === host)?.certificate ?? []),
    ...(fallback === undefined ? [] : [fallback]),
  ];
  for (const id of ids) {
    const record = find(id);
    const context = record && contextOf(record);
    if (context !== undefined) return context;
  }
  return undefined;
}

const contexts = new WeakMap<CertificateRecord, SecureContext>();

/** @returns undefined when certificate and key do not fit */
function contextOf(record: CertificateRecord): SecureContext | undefined {
  let context = contexts.get(record);
  if (context === undefined) {
    try {
      context = createSecureContext({ cert: record.chainPem, key: record.keyPem, minVersion: 'TLSv1.2' });
    } catch {
      return undefined;
    }
    contexts.set(record, context);
  }
  return context;
}
