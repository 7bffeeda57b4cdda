import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { group, tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { Lab } from './lab.ts';

let lab: Lab;
let port: number;
let tlsPort: number;

beforeAll(async () => {
  lab = await Lab.start(['app', 'listed'], { trustedProxies: ['127.0.0.1/32'] });
  await lab.home.apply(tlsSecret('web', await selfSigned('a.com')));
  const settings = { serviceGroup: group({ app: 100 }), config: { proxyProtocol: { receive: true } } };
  [port, tlsPort] = [
    await lab.open('web', settings),
    await lab.open('secure', { ...settings, protocol: 'https', certificate_name: 'default/web' }),
  ];
  await lab.addRule('web', 'by-address', {
    dslx: [{ type: 'SRC_IP', values: [['EQ', '198.51.100.7']] }],
    serviceGroup: group({ listed: 100 }),
  });
});
afterAll(() => lab.stop());

const REQUEST =
  'GET / HTTP/1.1\r\nHost: a.com\r\nX-Forwarded-For: 203.0.113.1\r\nX-Real-IP: 203.0.113.2\r\nConnection: close\r\n\r\n';

async function read(socket: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const part of socket) text += String(part);
  return text;
}

function opened(to: number, from = '127.0.0.1'): Socket {
  return connect({ port: to, host: '127.0.0.1', localAddress: from }).on('error', () => {});
}

function echoOf(answer: string): Echo {
  return JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1)) as Echo;
}

/** Version 2 for TCP over IPv4. Source: The PROXY protocol, section 2.2. */
function version2(address: string): Buffer {
  const numbers = address.split('.').map(Number);
  const head = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
  return Buffer.concat([head, Buffer.from([0x21, 0x11, 0, 12, ...numbers, 127, 0, 0, 1, 1, 2, 3, 4])]);
}

describe('LIM-22 PROXY protocol on http ports; ingress-nginx IN-21', () => {
  test.each([
    { version: 'v1', header: 'PROXY TCP4 198.51.100.7 127.0.0.1 4711 80\r\n' },
    { version: 'v2', header: version2('198.51.100.7') },
  ])('$version: the client is who the header says, not who the request says', async ({ header }) => {
    await eventually(async () => {
      const socket = opened(port);
      socket.write(header);
      socket.write(REQUEST);
      const { backend, headers } = echoOf(await read(socket));
      expect(backend).toBe('listed');
      expect(headers).toMatchObject({
        'x-real-ip': '198.51.100.7',
        'x-forwarded-for': '203.0.113.1, 198.51.100.7',
      });
    });
  });

  test('https: the header comes before TLS', async () => {
    await eventually(async () => {
      const socket = opened(tlsPort);
      await new Promise((resolve) => socket.write('PROXY TCP4 198.51.100.8 127.0.0.1 4711 443\r\n', resolve));
      const secure = connectTls({ socket, rejectUnauthorized: false });
      secure.write(REQUEST);
      expect(echoOf(await read(secure)).headers).toMatchObject({ 'x-real-ip': '198.51.100.8' });
    });
  });

  test('of a peer that is not trusted the header is taken off and forgotten', async () => {
    const socket = opened(port, '127.0.0.2');
    socket.write(`PROXY TCP4 198.51.100.7 127.0.0.1 4711 80\r\n${REQUEST}`);
    const { backend, headers } = echoOf(await read(socket));
    expect({ backend, address: headers['x-real-ip'] }).toEqual({ backend: 'app', address: '127.0.0.2' });
  });

  test('without header the connection is closed, and others go on', async () => {
    const socket = opened(port);
    socket.write(REQUEST);
    expect(await read(socket)).toBe('');
    const next = opened(port);
    next.write(`PROXY TCP4 198.51.100.7 127.0.0.1 4711 80\r\n${REQUEST}`);
    expect(await read(next)).toContain('200 OK');
  });

  test('ports without it believe trusted proxies as before', async () => {
    const plain = await lab.open('plain', { serviceGroup: group({ app: 100 }) });
    await eventually(async () => {
      const socket = opened(plain);
      socket.write(REQUEST);
      expect(echoOf(await read(socket)).headers).toMatchObject({ 'x-real-ip': '203.0.113.2' });
    });
  });
});
