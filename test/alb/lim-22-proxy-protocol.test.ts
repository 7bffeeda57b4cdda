import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Haproxy } from '../acceptance/haproxy.ts';
import { frontend, group } from '../acceptance/objects.ts';
import {
  heardFrom,
  type StreamBackend,
  startTcpBackend,
  streamService,
  TcpClient,
} from '../acceptance/stream-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { ALB, Lab } from './lab.ts';

/** From where the load balancer in front connects. */
const TRUSTED = '127.0.0.7';
const CLIENT = '127.0.0.5';

let lab: Lab;
let backend: StreamBackend;
const proxies: Haproxy[] = [];

beforeAll(async () => {
  lab = await Lab.start([], { trustedProxies: [`${TRUSTED}/32`] });
  backend = await startTcpBackend('echo');
  await lab.home.apply(...streamService('echo', 'TCP', [backend.port]));
});
afterAll(async () => {
  for (const proxy of proxies) await proxy.stop();
  await lab.stop();
  await backend.close();
});

/** What the endpoint got before the client's text. */
async function headerAt(port: number, from: string): Promise<string> {
  const client = await heardFrom(port, { from });
  client.socket.end('\nhello');
  await eventually(() => expect(client.state).not.toBe('open'));
  expect(client.heard).toMatch(/\nhello$/);
  return client.heard.replace(/^echo\n/, '').replace(/\r?\n\nhello$/, '');
}

/** A genuine haproxy that listens and forwards. @returns its port */
async function haproxy(bind: string, server: string): Promise<number> {
  const port = await freePort();
  proxies.push(new Haproxy(`listen l\n  bind 127.0.0.1:${port} ${bind}\n  server s ${server}\n`));
  return port;
}

describe('LIM-22 PROXY protocol on layer 4', () => {
  test.each(['v1', 'v2'] as const)('%s goes out: haproxy behind us learns the client', async (send) => {
    const behind = await haproxy('accept-proxy', `127.0.0.1:${backend.port} send-proxy`);
    await lab.home.apply(...streamService(`behind-${send}`, 'TCP', [behind]));
    const port = await lab.open(`out-${send}`, {
      protocol: 'tcp',
      serviceGroup: group({ [`behind-${send}`]: 100 }),
      config: { proxyProtocol: { send } },
    });
    expect(await headerAt(port, CLIENT)).toMatch(
      new RegExp(`^PROXY TCP4 127\\.0\\.0\\.5 127\\.0\\.0\\.1 \\d+ ${port}$`),
    );
  });

  test.each(['send-proxy', 'send-proxy-v2'])('%s of haproxy comes in, and goes on to the endpoint', async (send) => {
    const port = await lab.open(`in-${send}`, {
      protocol: 'tcp',
      serviceGroup: group({ echo: 100 }),
      config: { proxyProtocol: { receive: true, send: 'v1' } },
    });
    const front = await haproxy('', `127.0.0.1:${port} ${send} source ${TRUSTED}`);
    expect(await headerAt(front, CLIENT)).toMatch(
      new RegExp(`^PROXY TCP4 127\\.0\\.0\\.5 127\\.0\\.0\\.1 \\d+ ${front}$`),
    );
  });

  test('the header of somebody who is not trusted is taken off and not believed', async () => {
    const port = await lab.open('strangers', {
      protocol: 'tcp',
      serviceGroup: group({ echo: 100 }),
      config: { proxyProtocol: { receive: true, send: 'v1' } },
    });
    const front = await haproxy('', `127.0.0.1:${port} send-proxy source 127.0.0.8`);
    expect(await headerAt(front, CLIENT)).toMatch(/^PROXY TCP4 127\.0\.0\.8 127\.0\.0\.1 /);
  });

  test('sip-hash goes by the client in the header', async () => {
    const other = await startTcpBackend('other');
    await lab.home.apply(...streamService('two', 'TCP', [backend.port, other.port]));
    const port = await lab.open('hashed', {
      protocol: 'tcp',
      serviceGroup: { ...group({ two: 100 }), session_affinity_policy: 'sip-hash' },
      config: { proxyProtocol: { receive: true } },
    });
    const front = await haproxy('', `127.0.0.1:${port} send-proxy source ${TRUSTED}`);
    const reached = new Set<string | undefined>();
    for (let i = 2; i < 30; i += 1) {
      const client = await heardFrom(front, { from: `127.0.0.${i}` });
      client.socket.destroy();
      reached.add(client.backend);
    }
    expect(reached).toEqual(new Set(['echo', 'other']));
    await other.close();
  });

  test('no header, or half a header: closed; others go on', async () => {
    const port = await lab.open('strict', {
      protocol: 'tcp',
      serviceGroup: group({ echo: 100 }),
      config: { proxyProtocol: { receive: true } },
    });
    await eventually(async () => {
      const client = new TcpClient(port);
      client.socket.write('PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nhello');
      await eventually(() => expect(client.heard).toBe('echo\nhello'), 2_000);
      client.socket.destroy();
    });
    for (const bytes of ['GET / HTTP/1.1\r\n\r\n', 'PROXY nonsense\r\n']) {
      const client = new TcpClient(port);
      client.socket.write(bytes);
      await eventually(() => expect(client.state).toBe('reset'));
    }
    // In pieces, as networks deliver.
    const slow = connect(port, '127.0.0.1');
    let heard = '';
    slow.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
    });
    for (const piece of ['PRO', 'XY TCP4 192.0.2.1 192.0.2.2 ', '1 2\r', '\nslow']) {
      slow.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await eventually(() => expect(heard).toBe('echo\nslow'));
    slow.destroy();
  });

  test.each(['udp', 'http'] as const)('refused on %s', async (protocol) => {
    const { code, stderr } = await lab.home.tryApply(
      frontend(ALB, 'refused', 8099, {
        protocol,
        serviceGroup: group({ echo: 100 }),
        config: { proxyProtocol: { send: 'v1' } },
      }),
    );
    expect(code).toBe(1);
    expect(stderr).toContain(`spec.config.proxyProtocol.send: Forbidden: only on tcp ports, this one is ${protocol}`);
  });
});
