/** An endpoint that takes no connection and refuses none, as a machine behind a firewall that says nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BACKEND_ADDRESS } from './given-home.ts';

export interface DeafBackend {
  readonly port: number;
  close(): void;
}

const LISTENING = `const server = require('node:net').createServer();
server.listen({ host: process.argv[1], port: 0, backlog: 1 }, () => console.log(server.address().port));`;
/** In which a connection on this machine is made if it is made at all. */
const CONNECT_MS = 500;
const MOST_WAITING = 16;

/** A process that listens and is stopped; the few connections that wait for it are there already. @throws Error when more of them are made */
export async function startDeafBackend(): Promise<DeafBackend> {
  const child = spawn(process.execPath, ['-e', LISTENING, BACKEND_ADDRESS], { stdio: ['ignore', 'pipe', 'inherit'] });
  const waiting: Socket[] = [];
  const close = (): void => {
    for (const socket of waiting) socket.destroy();
    child.kill('SIGKILL');
  };
  const [printed] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(String(printed));
  child.kill('SIGSTOP');
  while (waiting.length < MOST_WAITING) {
    const socket = connect(port, BACKEND_ADDRESS);
    waiting.push(socket);
    socket.on('error', () => undefined);
    const isMade = await Promise.race([once(socket, 'connect').then(() => true), sleep(CONNECT_MS, false)]);
    if (!isMade) return { port, close };
  }
  close();
  throw new Error(`port ${port}: ${MOST_WAITING} connections are made to a process that takes none`);
}
