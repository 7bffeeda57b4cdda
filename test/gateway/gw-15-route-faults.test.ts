/** What is said of a route of which one thing is wrong, and what traffic gets: of all kinds of routes, side by side. */
import { connect } from 'node:tls';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import { KIND_REFS } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tlsSecret } from '../acceptance/objects.ts';
import {
  askUdp,
  type StreamBackend,
  startTcpBackend,
  startUdpBackend,
  TcpClient,
} from '../acceptance/stream-backend.ts';
import { startTlsBackend, type TlsBackend } from '../acceptance/tls-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab } from './gateway-lab.ts';
import { callOnce, type GrpcBackend, startGrpcBackend } from './grpc-backend.ts';
import { FAULTS, type Fate, type Fault, hostOf, LISTENERS, portOf, type RouteKind, services } from './route-faults.ts';

let lab: GatewayLab;
let calls: GrpcBackend;
let secure: TlsBackend;
const streams: StreamBackend[] = [];

beforeAll(async () => {
  const pair = await selfSigned('faults.test');
  lab = await GatewayLab.start(['a'], LISTENERS, [tlsSecret('shown', pair)]);
  calls = await startGrpcBackend('calls');
  secure = await startTlsBackend('secure', pair);
  streams.push(await startTcpBackend('stream'), await startUdpBackend('packets'));
  const [tcp, udp] = streams.map(({ port }) => port);
  await lab.home.apply(
    ...services({
      HTTPRoute: lab.backends[0]?.port ?? 0,
      GRPCRoute: calls.port,
      TLSRoute: secure.port,
      TCPRoute: tcp ?? 0,
      UDPRoute: udp ?? 0,
    }),
    ...FAULTS.map(({ object }) => object),
  );
});
afterAll(async () => {
  await lab?.stop();
  calls?.close();
  await secure?.close();
  for (const stream of streams) await stream.close();
});

/** What a client of each kind sees of what becomes of its traffic. */
const SEEN: Readonly<Record<RouteKind, Readonly<Record<Fate, string>>>> = {
  HTTPRoute: { served: 'a', unresolved: '500', 'no endpoint': '503', 'no route': '404' },
  GRPCRoute: { served: 'calls', unresolved: 'UNAVAILABLE', 'no endpoint': 'UNAVAILABLE', 'no route': 'UNIMPLEMENTED' },
  TLSRoute: { served: 'secure', unresolved: 'closed', 'no endpoint': 'closed', 'no route': 'closed' },
  TCPRoute: { served: 'stream', unresolved: 'closed', 'no endpoint': 'closed', 'no route': 'closed' },
  UDPRoute: { served: 'packets', unresolved: 'silence', 'no endpoint': 'silence', 'no route': 'silence' },
};

async function seenBy(fault: Fault): Promise<string> {
  const { kind, name } = fault;
  const [port, host] = [portOf(fault), hostOf(name)];
  switch (kind) {
    case 'HTTPRoute':
      return await lab.answerer('/', { host });
    case 'GRPCRoute': {
      const said = await callOnce(`${lab.address}:${port}`, '/shop.Cart/Add', { host });
      return said.split(' ')[0] ?? '';
    }
    case 'TLSRoute':
      return await throughTls(port, host);
    case 'TCPRoute':
      return await throughTcp(port);
    case 'UDPRoute':
      return (await askUdp(port, 'x', { to: lab.address, waitMs: 200 })).split(':')[0] ?? '';
  }
}

async function throughTcp(port: number): Promise<string> {
  const client = new TcpClient(port, { host: lab.address });
  try {
    await eventually(() => expect(client.backend ?? client.state).not.toBe('open'), 5_000);
    return client.backend ?? 'closed';
  } finally {
    client.socket.destroy();
  }
}

/** Whether a handshake reaches the backend, which is the only one that has the certificate. */
function throughTls(port: number, servername: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: lab.address, port, servername, rejectUnauthorized: false }, () => {
      resolve('secure');
      socket.destroy();
    });
    socket.on('error', () => resolve('closed'));
    socket.on('close', () => resolve('closed'));
  });
}

interface Routed {
  readonly metadata: { readonly generation?: number };
  readonly status?: { readonly parents?: readonly { readonly conditions: readonly Condition[] }[] };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly observedGeneration?: number;
}

async function saidOf({ kind, object }: Fault, type: string): Promise<string> {
  const { name, namespace = '' } = (object as { readonly metadata: { name: string; namespace?: string } }).metadata;
  const { metadata, status } = (await lab.home.api.get(KIND_REFS[kind], { namespace, name })) as unknown as Routed;
  const found = status?.parents?.[0]?.conditions.find((condition) => condition.type === type);
  if (found === undefined) return 'none';
  expect(found.observedGeneration).toBe(metadata.generation);
  return `${found.status} ${found.reason}`;
}

describe('GW-15 and GW-16 of a route with', () => {
  for (const fault of FAULTS) {
    const { title, kind, accepted, resolved, fates } = fault;
    test(`${title}: a ${kind} is told, and traffic gets what is left`, async () => {
      const wanted = [...new Set(fates.map((fate) => SEEN[kind][fate]))].sort();
      await eventually(async () => {
        expect([await saidOf(fault, 'Accepted'), await saidOf(fault, 'ResolvedRefs')]).toEqual([accepted, resolved]);
        const seen = await Promise.all(Array.from({ length: fates.length === 1 ? 4 : 24 }, () => seenBy(fault)));
        expect([...new Set(seen)].sort()).toEqual(wanted);
      });
    });
  }

  test('a Service without port: the API server refuses it, of whatever kind the route is', async () => {
    for (const { kind, object } of FAULTS.filter(({ title }) => title === 'nothing')) {
      const { metadata, spec, ...head } = object as { readonly metadata: object; readonly spec: object };
      const rules = [{ backendRefs: [{ name: 'a' }] }];
      const refused = { ...head, metadata: { ...metadata, name: 'refused' }, spec: { ...spec, rules } };
      await expect(lab.home.apply(refused), kind).rejects.toThrow(/Must have port for Service reference/);
    }
  });
});
