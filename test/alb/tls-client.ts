/** What a TLS client of a port on 127.0.0.1 gets to see. */
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { asked } from '../e2e/asked.ts';

/** Name of the certificate shown for that SNI, or `fails`. */
export function shown(toPort: number, serverName: string): Promise<string> {
  asked.times += 1;
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port: toPort, rejectUnauthorized: false };
    const socket = connectTls({ ...options, ...(serverName !== '' && { servername: serverName }) }, () => {
      const { subject } = socket.getPeerCertificate();
      resolve(String(subject.CN).replace('.example', ''));
      socket.destroy();
    });
    socket.on('error', () => resolve('fails'));
  });
}

/** Protocol that is chosen by ALPN of a client that knows HTTP/2. */
export function alpn(toPort: number): Promise<string> {
  asked.times += 1;
  return new Promise((resolve, reject) => {
    const protocols = { ALPNProtocols: ['h2', 'http/1.1'] };
    const options = { host: '127.0.0.1', port: toPort, servername: 'a.com', rejectUnauthorized: false, ...protocols };
    const socket = connectTls(options, () => {
      resolve(String(socket.alpnProtocol));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

/** Status of a GET over HTTP/2. */
export function http2Status(toPort: number, path: string): Promise<number> {
  asked.times += 1;
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://127.0.0.1:${toPort}`, { servername: 'a.com', rejectUnauthorized: false });
    session.on('error', reject);
    const stream = session.request({ ':path': path, ':authority': 'a.com' });
    stream.on('response', (headers) => {
      resolve(Number(headers[':status']));
      stream.resume();
      session.close();
    });
    stream.on('error', reject);
  });
}
