import { Agent } from 'node:https';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { group, tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { answersWith, Lab } from './lab.ts';
import { shown } from './tls-client.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app']);
});
afterAll(() => lab.stop());

function exchange(socket: WebSocket, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.on('open', () => socket.send(text));
    socket.on('message', (data) => resolve(String(data)));
    socket.on('error', reject);
  });
}

function next(socket: WebSocket, text: string): Promise<string> {
  const answer = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
  socket.send(text);
  return answer;
}

describe('ALB-104 WebSocket', () => {
  test('over http; it outlives changes, and a reload', async () => {
    const port = await lab.open('plain', { serviceGroup: group({ app: 100 }) });
    await answersWith(200, port);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    expect(await exchange(socket, 'hello')).toBe('app: hello');

    await lab.addRule('plain', 'change', {
      dslx: [{ type: 'URL', values: [['STARTS_WITH', '/empty']] }],
      serviceGroup: group({ empty: 100 }),
    });
    await answersWith(500, port, '/empty');
    expect(await next(socket, 'after a change')).toBe('app: after a change');

    const workers = lab.home.nginx(port).workers;
    const added = await lab.open('added', { serviceGroup: group({ app: 100 }) });
    await answersWith(200, added);
    expect(lab.home.nginx(added).workers).not.toEqual(workers);
    expect(await next(socket, 'after a reload')).toBe('app: after a reload');
    socket.terminate();
  });

  test('over https', async () => {
    await lab.home.apply(tlsSecret('tls', await selfSigned('a.example')));
    const port = await lab.open('secure', {
      protocol: 'https',
      certificate_name: 'default/tls',
      serviceGroup: group({ app: 100 }),
    });
    await eventually(async () => expect(await shown(port, '')).toBe('a'));
    const agent = new Agent({ servername: '', rejectUnauthorized: false });
    const socket = new WebSocket(`wss://127.0.0.1:${port}/`, { agent });
    expect(await exchange(socket, 'hello')).toBe('app: hello');
    socket.terminate();
  });
});
