import { connect } from 'node:net';
import { asked } from '../e2e/asked.ts';

/** Nothing more comes after this long without a byte. */
const QUIET_MS = 1_500;

/** Sends bytes as they are, one character each. @returns all that came back until the connection ended or was quiet */
export function sendRaw(port: number, text: string): Promise<string> {
  asked.times += 1;
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(text, 'latin1')));
    const end = () => {
      socket.destroy();
      resolve(received);
    };
    socket.setEncoding('latin1').on('data', (part: string) => {
      received += part;
    });
    socket.on('end', end).on('close', end).setTimeout(QUIET_MS, end);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') end();
      else reject(error);
    });
  });
}

/** Status lines among it. */
export function statusesOf(received: string): readonly number[] {
  return [...received.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map(([, status]) => Number(status));
}
