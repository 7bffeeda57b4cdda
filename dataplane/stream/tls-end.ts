/** Ends TLS of a connection whose ClientHello has been seen: what is read and written afterwards is in the clear. */
import type { Socket } from 'node:net';
import { createSecureContext, createServer, type SecureContext, TLSSocket } from 'node:tls';
import { certificateHosts } from '../policy/certificate-host.ts';
import type { CertificateRecord, TlsEnd } from '../policy/record.ts';

/** Looks up a certificate by its id. */
export type FindCertificate = (id: string) => CertificateRecord | undefined;

const MIN_VERSION = 'TLSv1.2';

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
  const shown = certificateFor(serverName.toLowerCase(), end, certificate);
  if (shown === undefined) {
    client.destroy();
    return undefined;
  }
  return new Promise((resolve) => {
    const timer = setTimeout(() => client.destroy(), timeoutMs);
    const finish = (result: TLSSocket | undefined): void => {
      clearTimeout(timer);
      client.off('close', isClosed);
      if (result === undefined) client.destroy();
      resolve(result);
    };
    const isClosed = (): void => finish(undefined);
    client.once('close', isClosed);
    if (end.clientCaPem === undefined) acceptAll(client, shown.context, finish);
    else acceptKnown(client, shown.record, end.clientCaPem, finish);
  });
}

type Finish = (socket: TLSSocket | undefined) => void;

function acceptAll(client: Socket, secureContext: SecureContext, finish: Finish): void {
  const socket = new TLSSocket(client, { isServer: true, secureContext });
  socket.on('error', () => {}); // 'close' follows
  const isClosed = (): void => finish(undefined);
  socket.once('close', isClosed);
  socket.once('secure', () => {
    socket.off('close', isClosed);
    finish(socket.pause());
  });
}

/** What a client has shown only a server judges, which therefore is made for each connection. */
function acceptKnown(client: Socket, { chainPem, keyPem }: CertificateRecord, ca: string, finish: Finish): void {
  const options = { cert: chainPem, key: keyPem, ca, minVersion: MIN_VERSION } as const;
  const server = createServer({ ...options, requestCert: true, rejectUnauthorized: true });
  server.once('tlsClientError', () => finish(undefined));
  server.once('secureConnection', (socket) => {
    socket.on('error', () => {}); // 'close' follows
    finish(socket.authorized ? socket.pause() : undefined);
  });
  server.emit('connection', client);
}

interface Shown {
  readonly record: CertificateRecord;
  readonly context: SecureContext;
}

/** A name of its own comes before a wildcard, and that before what is for every name. */
function certificateFor(name: string, { certificates, fallback }: TlsEnd, find: FindCertificate): Shown | undefined {
  const ids = [
    ...certificateHosts(name).flatMap((host) => certificates.find((each) => each.host === host)?.certificate ?? []),
    ...(fallback === undefined ? [] : [fallback]),
  ];
  for (const id of ids) {
    const record = find(id);
    const context = record && contextOf(record);
    if (record !== undefined && context !== undefined) return { record, context };
  }
  return undefined;
}

const contexts = new WeakMap<CertificateRecord, SecureContext>();

/** @returns undefined when certificate and key do not fit */
function contextOf(record: CertificateRecord): SecureContext | undefined {
  let context = contexts.get(record);
  if (context === undefined) {
    try {
      context = createSecureContext({ cert: record.chainPem, key: record.keyPem, minVersion: MIN_VERSION });
    } catch {
      return undefined;
    }
    contexts.set(record, context);
  }
  return context;
}
