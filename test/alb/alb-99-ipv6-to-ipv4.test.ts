import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { group, serviceTo } from '../acceptance/objects.ts';
import { heardFrom, type StreamBackend, startTcpBackend } from '../acceptance/stream-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { Lab } from './lab.ts';

let lab: Lab;
let backend: StreamBackend;

beforeAll(async () => {
  [lab, backend] = await Promise.all([Lab.start(['app']), startTcpBackend('v4')]);
});
afterAll(async () => {
  await lab.stop();
  await backend.close();
});

describe('ALB-99 IPv6 clients to IPv4 backends', () => {
  test('http', async () => {
    const port = await lab.open('http', { serviceGroup: group({ app: 100 }) });
    await eventually(async () => expect((await fetch(`http://[::1]:${port}/`)).status).toBe(200));
  });

  test('tcp', async () => {
    await lab.home.apply(...serviceTo(backend));
    const port = await lab.open('tcp', { protocol: 'tcp', serviceGroup: group({ v4: 100 }) });
    const client = await heardFrom(port, { host: '::1' });
    expect(client.backend).toBe('v4');
    client.socket.destroy();
  });
});
