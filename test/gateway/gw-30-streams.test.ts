import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serviceTo } from '../acceptance/objects.ts';
import {
  askUdp,
  heardFrom,
  type StreamBackend,
  startTcpBackend,
  startUdpBackend,
  streamService,
  TcpClient,
} from '../acceptance/stream-backend.ts';
import { startTlsBackend, type TlsBackend } from '../acceptance/tls-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, httpRoute, to } from './gateway-lab.ts';

const [TCP, UDP, TLS] = [9001, 9001, 9443];

let lab: GatewayLab;
const streams: StreamBackend[] = [];
const secure: TlsBackend[] = [];

beforeAll(async () => {
  lab = await GatewayLab.start(
    ['a'],
    [
      { name: 'tcp', port: TCP, protocol: 'TCP' },
      { name: 'udp', port: UDP, protocol: 'UDP' },
      { name: 'tls', port: TLS, protocol: 'TLS', tls: { mode: 'Passthrough' }, hostname: '*.example.com' },
    ],
  );
  for (const name of ['one', 'two']) {
    const tcp = await startTcpBackend(name);
    streams.push(tcp);
    await lab.home.apply(...streamService(`tcp-${name}`, 'TCP', [tcp.port]));
    const tls = await startTlsBackend(name, await selfSigned(`${name}.example.com`));
    secure.push(tls);
    await lab.home.apply(...serviceTo({ name: `tls-${name}`, port: tls.port }));
  }
  const udp = await startUdpBackend('echo');
  streams.push(udp);
  await lab.home.apply(...streamService('udp', 'UDP', [udp.port]));
});
afterAll(async () => {
  await lab.stop();
  for (const backend of [...streams, ...secure]) await backend.close();
});

function route(kind: string, name: string, service: string, spec: object = {}): object {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind,
    metadata: { name, namespace: 'default' },
    spec: { parentRefs: [{ name: 'demo' }], rules: [{ backendRefs: [{ name: service, port: 80 }] }], ...spec },
  };
}

async function accepted(kind: 'TCPRoute' | 'TLSRoute' | 'UDPRoute', name: string): Promise<string> {
  const { status } = (await lab.home.read(kind, { namespace: 'default', name })) ?? {};
  const [first] = status?.parents[0]?.conditions ?? [];
  return `${first?.status} ${first?.reason}`;
}

describe('GW-31 TCPRoute', () => {
  test('connections go to its backends; of two the oldest has the listener', async () => {
    await lab.home.apply(route('TCPRoute', 'older', 'tcp-one'));
    const client = await heardFrom(TCP, { host: lab.address });
    expect(client.backend).toBe('one');
    client.socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await lab.home.apply(route('TCPRoute', 'newer', 'tcp-two'));
    await eventually(async () => {
      expect(await accepted('TCPRoute', 'newer')).toBe('True Accepted');
      expect((await lab.gateway('demo'))?.status?.listeners?.[0]?.attachedRoutes).toBe(2);
    });
    const again = await heardFrom(TCP, { host: lab.address });
    expect(again.backend).toBe('one');
    again.socket.destroy();
    await lab.home.kubectl(['delete', 'tcproute', 'older', '-n', 'default']);
    await eventually(async () => {
      const next = await heardFrom(TCP, { host: lab.address });
      next.socket.destroy();
      expect(next.backend).toBe('two');
    });
  });

  test('without a backend connections are closed', async () => {
    await lab.home.apply(route('TCPRoute', 'newer', 'missing'));
    await eventually(async () => {
      const client = new TcpClient(TCP, { host: lab.address });
      await eventually(() => expect(client.state).not.toBe('open'), 2_000);
      expect(client.heard).toBe('');
      const { status } = (await lab.home.read('TCPRoute', { namespace: 'default', name: 'newer' })) ?? {};
      expect(status?.parents[0]?.conditions[1]).toMatchObject({ status: 'False', reason: 'BackendNotFound' });
    });
  });
});

describe('GW-32 UDPRoute', () => {
  test('packets go there, and answers come back; on the number of a TCP listener', async () => {
    await lab.home.apply(route('UDPRoute', 'udp', 'udp', { parentRefs: [{ name: 'demo', sectionName: 'udp' }] }));
    await eventually(async () => expect(await askUdp(UDP, 'hello', { to: lab.address })).toBe('echo:hello'));
    await lab.home.apply(route('UDPRoute', 'wrong', 'udp', { parentRefs: [{ name: 'demo', sectionName: 'tcp' }] }));
    await eventually(async () => expect(await accepted('UDPRoute', 'wrong')).toBe('False NotAllowedByListeners'));
  });
});

describe('GW-30 TLSRoute', () => {
  const backendOf = (serverName: string) => lab.answerer('/', { port: TLS, serverName, host: serverName });

  test('connections are passed on by the name that the client asks for', async () => {
    await lab.home.apply(
      route('TLSRoute', 'one', 'tls-one', { hostnames: ['one.example.com', 'one.other.com'] }),
      route('TLSRoute', 'rest', 'tls-two', { hostnames: ['*.example.com'] }),
    );
    await eventually(async () => {
      expect([await backendOf('one.example.com'), await backendOf('x.y.example.com')]).toEqual(['one', 'two']);
    });
    for (const name of ['one.other.com', 'example.com']) await expect(backendOf(name)).rejects.toThrow();
  });

  test('what the protocol does not take is refused', async () => {
    await lab.home.apply(httpRoute('http', [to('a')]));
    await eventually(async () => {
      expect(await lab.routeCondition('http', 'Accepted')).toBe('False NotAllowedByListeners');
    });
  });
});

describe('GW-10 kinds per protocol', () => {
  test('each listener says what may be attached to it', async () => {
    const { status } = (await lab.gateway('demo')) ?? {};
    const kinds = status?.listeners?.map(({ supportedKinds = [] }) => supportedKinds.map(({ kind }) => kind));
    expect(kinds).toEqual([['TCPRoute'], ['UDPRoute'], ['TLSRoute']]);
  });
});
