import { connect, type Socket } from 'node:net';

export interface SteadyLoad {
  readonly port: number;
  readonly connections: number;
  /** Over all connections; exactly as many are sent. */
  readonly requests: number;
  /** Bytes of the n-th request. */
  readonly request: (n: number) => string;
  /** Of all answers; 200 unless given. */
  readonly status?: number;
}

/**
 * Sends a given number of requests over HTTP/1.1 keepalive connections, one at a time on each. Slower than wrk, but exact.
 *
 * @throws when an answer has another status or no Content-Length
 */
export async function runSteadyLoad(load: SteadyLoad): Promise<void> {
  const expected = new RegExp(`^HTTP/1\\.1 ${load.status ?? 200} [\\s\\S]*?\\r\\ncontent-length: (\\d+)\\r\\n`, 'i');
  let sent = 0;
  const next = (): string | undefined => (sent < load.requests ? load.request(sent++) : undefined);
  await Promise.all(
    Array.from({ length: load.connections }, () => converse(connect(load.port, '127.0.0.1'), next, expected)),
  );
}

async function converse(socket: Socket, next: () => string | undefined, expected: RegExp): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let pending = '';
    const send = (): void => {
      const request = next();
      if (request === undefined) socket.end(resolve);
      else socket.write(request);
    };
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection was closed early')));
    socket.on('connect', send);
    socket.on('data', (text: string) => {
      pending += text;
      const head = pending.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = expected.exec(pending.slice(0, head + 2))?.[1];
      if (length === undefined) return reject(new Error(`unexpected answer: ${pending.slice(0, head)}`));
      if (pending.length < head + 4 + Number(length)) return;
      pending = '';
      send();
    });
  });
}
