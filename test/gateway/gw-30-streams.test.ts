import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serviceTo, tlsSecret } from '../acceptance/objects.ts';
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
import { policy, policyCondition } from './policy-objects.ts';

const [TCP, UDP, TLS, EVERY] = [9001, 9001, 9443, 9444];
const ended = (name: string) => ({ mode: 'Terminate', certificateRefs: [{ name }] }) as const;

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
      { name: 'ended', port: TLS, protocol: 'TLS', tls: ended('ended'), hostname: '*.ended.com' },
      { name: 'every', port: EVERY, protocol: 'TLS', tls: ended('every') },
    ],
  );
  for (const name of ['ended', 'every']) await lab.home.apply(tlsSecret(name, await selfSigned(`${name}.com`)));
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

const SECTIONS: Readonly<Record<string, string>> = { TCPRoute: 'tcp', UDPRoute: 'udp', TLSRoute: 'tls' };

function route(kind: string, name: string, service: string, spec: object = {}): object {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind,
    metadata: { name, namespace: 'default' },
    spec: {
      parentRefs: [{ name: 'demo', sectionName: SECTIONS[kind] }],
      rules: [{ backendRefs: [{ name: service, port: 80 }] }],
      ...spec,
    },
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

  test('weights are shares of the connections', async () => {
    const backendRefs = Object.entries({ 'tcp-one': 80, 'tcp-two': 20 }).map(([name, weight]) => ({
      name,
      port: 80,
      weight,
    }));
    await lab.home.apply(route('TCPRoute', 'newer', '', { rules: [{ backendRefs }] }));
    const heard = async (): Promise<string | undefined> => {
      const client = await heardFrom(TCP, { host: lab.address });
      client.socket.destroy();
      return client.backend;
    };
    await eventually(async () => {
      const all: (string | undefined)[] = [];
      while (all.length < 200) all.push(...(await Promise.all(Array.from({ length: 20 }, heard))));
      // By chance 200 have fewer, or more, less than once in 100,000 runs.
      const fewer = all.filter((name) => name === 'two').length;
      expect(fewer).toBeGreaterThanOrEqual(14);
      expect(fewer).toBeLessThanOrEqual(66);
    });
    // GW-16: what cannot be reached keeps its share.
    const missing = ['tcp-two', 'missing'].map((name) => ({ name, port: 80 }));
    await lab.home.apply(route('TCPRoute', 'newer', '', { rules: [{ backendRefs: missing }] }));
    const heardOrClosed = async (): Promise<string> => {
      const client = new TcpClient(TCP, { host: lab.address });
      try {
        await eventually(() => expect(client.backend ?? client.state).not.toBe('open'), 5_000);
        return client.backend ?? 'closed';
      } finally {
        client.socket.destroy();
      }
    };
    await eventually(async () => {
      const all = await Promise.all(Array.from({ length: 40 }, heardOrClosed));
      expect([...new Set(all)].sort()).toEqual(['closed', 'two']);
    });
    await lab.home.apply(route('TCPRoute', 'newer', 'tcp-two'));
    await eventually(async () =>
      expect(new Set(await Promise.all(Array.from({ length: 20 }, heard)))).toEqual(new Set(['two'])),
    );
  });

  test('GW-39: a SecurityPolicy says from where; that of the Gateway counts where the route has none', async () => {
    const rules = (action: string) => [{ action, principal: { clientCIDRs: ['127.0.0.2/32'] } }];
    const heard = async (from: string) => {
      const client = new TcpClient(TCP, { host: lab.address, from });
      try {
        await eventually(() => expect(client.backend ?? client.state).not.toBe('open'), 5_000);
        return client.backend ?? 'closed';
      } finally {
        client.socket.destroy();
      }
    };
    const answers = (wanted: readonly string[]) =>
      eventually(async () => expect([await heard('127.0.0.1'), await heard('127.0.0.2')]).toEqual(wanted));
    await lab.home.apply(
      policy('SecurityPolicy', 'streams', 'Gateway/demo', {
        authorization: { defaultAction: 'Allow', rules: rules('Deny') },
      }),
    );
    await answers(['two', 'closed']);
    await lab.home.apply(
      policy('SecurityPolicy', 'newer', 'TCPRoute/newer', { authorization: { rules: rules('Allow') } }),
    );
    await answers(['closed', 'two']);
    await lab.home.apply(policy('SecurityPolicy', 'newer', 'TCPRoute/newer', { cors: { allowOrigins: ['*'] } }));
    await answers(['closed', 'closed']);
    await eventually(async () =>
      expect(await policyCondition(lab, 'SecurityPolicy', 'newer')).toMatch(/Invalid: spec.cors/),
    );
    await lab.home.kubectl(['delete', 'securitypolicy', 'streams', 'newer', '-n', 'default']);
    await answers(['two', 'two']);
  });

  test('GW-42: clients whose proxy names them by the PROXY protocol, and such that connect themselves', async () => {
    const client = async (told: string, from: string) => {
      const one = new TcpClient(TCP, { host: lab.address, from });
      try {
        one.socket.write(`${told}hello\n`);
        await eventually(() => expect(one.heard.includes('hello') || one.state !== 'open').toBe(true), 5_000);
        return one.heard === '' ? 'closed' : one.heard;
      } finally {
        one.socket.destroy();
      }
    };
    const proxied = `PROXY TCP4 192.0.2.9 ${lab.address} 4000 ${TCP}\r\n`;
    const rules = [{ action: 'Allow', principal: { clientCIDRs: ['127.0.0.2/32', '192.0.2.0/24'] } }];
    await lab.home.apply(
      policy('SecurityPolicy', 'streams', 'TCPRoute/newer', { authorization: { rules } }),
      policy('ClientTrafficPolicy', 'optional', 'Gateway/demo/tcp', { proxyProtocol: { optional: true } }),
    );
    await eventually(async () => {
      expect(await client(proxied, '127.0.0.1')).toBe('two\nhello\n');
      expect(await client('', '127.0.0.2')).toBe('two\nhello\n');
      expect(await client('', '127.0.0.1')).toBe('closed');
      expect(await client('PROXY nobody\r\n', '127.0.0.2')).toBe('closed');
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'optional')).toContain('True Accepted');
    });
    await lab.home.kubectl(['delete', 'securitypolicy', 'streams', '-n', 'default']);
    await lab.home.kubectl(['delete', 'clienttrafficpolicy', 'optional', '-n', 'default']);
    await eventually(async () => expect(await client('', '127.0.0.1')).toBe('two\nhello\n'));
  });

  test('GW-42: connections beyond a limit are closed, at once or after a while', async () => {
    const limited = (closeDelay?: string) =>
      lab.home.apply(
        policy('ClientTrafficPolicy', 'limited', 'Gateway/demo/tcp', {
          connection: { connectionLimit: { value: 1, ...(closeDelay === undefined ? {} : { closeDelay }) } },
        }),
      );
    /** What becomes of a second connection: it is `served`, closed, or open without a word for a while. */
    const second = async (): Promise<string> => {
      const first = await heardFrom(TCP, { host: lab.address });
      const client = new TcpClient(TCP, { host: lab.address });
      try {
        await eventually(() => expect(client.backend ?? client.state).not.toBe('open'), 1_000).catch(() => undefined);
        expect(first.state).toBe('open');
        return client.backend === undefined ? client.state : 'served';
      } finally {
        for (const { socket } of [first, client]) socket.destroy();
      }
    };
    await limited();
    await eventually(async () => expect(await second()).toMatch(/ended|reset/));
    await limited('1h');
    await eventually(async () => expect(await second()).toBe('open'));
    await limited('10ms');
    await eventually(async () => {
      expect(await second()).toMatch(/ended|reset/);
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'limited')).toContain('True Accepted');
    });
    await lab.home.kubectl(['delete', 'clienttrafficpolicy', 'limited', '-n', 'default']);
    await eventually(async () => expect(await second()).toBe('served'));
  });

  test('without a backend connections are closed', async () => {
    await lab.home.apply(route('TCPRoute', 'newer', 'missing'));
    await eventually(async () => {
      const client = new TcpClient(TCP, { host: lab.address });
      try {
        await eventually(() => expect(client.state).not.toBe('open'), 2_000);
      } finally {
        client.socket.destroy();
      }
      expect(client.heard).toBe('');
      const { status } = (await lab.home.read('TCPRoute', { namespace: 'default', name: 'newer' })) ?? {};
      expect(status?.parents[0]?.conditions[1]).toMatchObject({ status: 'False', reason: 'BackendNotFound' });
    });
  });
});

describe('GW-33 and GW-45 a policy for a TCPRoute', () => {
  test('endpoints are told the client; clients have one endpoint; of what is for requests a condition tells', async () => {
    const consistentHash = { type: 'SourceIP' };
    await lab.home.kubectl(['delete', 'tcproute', '--all', '-n', 'default']);
    await lab.home.apply(
      route('TCPRoute', 'told', 'tcp-one', {
        rules: [{ backendRefs: ['tcp-one', 'tcp-two'].map((name) => ({ name, port: 80 })) }],
      }),
      policy('BackendTrafficPolicy', 'told', 'TCPRoute/told', {
        proxyProtocol: { version: 'V1' },
        loadBalancer: { type: 'ConsistentHash', consistentHash },
        requestBuffer: { limit: '1Ki' },
      }),
    );
    await eventually(async () => {
      const chosen = new Set<string>();
      for (let index = 0; index < 6; index += 1) {
        const client = await heardFrom(TCP, { host: lab.address });
        try {
          chosen.add(client.backend ?? '');
          await eventually(() => expect(client.heard).toMatch(/\nPROXY TCP4 [\d. ]+ 9001\r\n/), 5_000);
        } finally {
          client.socket.destroy();
        }
      }
      expect(chosen.size).toBe(1);
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'told')).toBe(
        'False Invalid: spec.requestBuffer: not served for a TCPRoute',
      );
    });
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'told', 'TCPRoute/told', {
        circuitBreaker: { maxConnections: 1 },
        healthCheck: { active: { type: 'TCP', tcp: {} } },
        timeout: { http: { requestTimeout: '1s' } },
      }),
    );
    await eventually(async () =>
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'told')).toBe(
        'False Invalid: spec.timeout.http: not served for a TCPRoute',
      ),
    );
    await eventually(async () => {
      const first = await heardFrom(TCP, { host: lab.address });
      const second = new TcpClient(TCP, { host: lab.address });
      try {
        await eventually(() => expect(second.state).not.toBe('open'), 2_000);
        expect([first.state, second.backend]).toEqual(['open', undefined]);
      } finally {
        first.socket.destroy();
        second.socket.destroy();
      }
    });
    await lab.home.kubectl(['delete', 'tcproute/told', 'backendtrafficpolicy/told', '-n', 'default']);
  });
});

describe('GW-32 UDPRoute', () => {
  test('packets go there, and answers come back; on the number of a TCP listener', async () => {
    await lab.home.apply(route('UDPRoute', 'udp', 'udp', { parentRefs: [{ name: 'demo', sectionName: 'udp' }] }));
    await eventually(async () => expect(await askUdp(UDP, 'hello', { to: lab.address })).toBe('echo:hello'));
    // Of a Backend, which names its endpoints by the Service: it alone leads there now.
    const clusterIP = (await lab.home.read('Service', { namespace: 'default', name: 'udp' }))?.spec?.clusterIP;
    const endpoints = {
      name: { fqdn: { hostname: 'udp.default.svc.cluster.local', port: 80 } },
      address: { ip: { address: clusterIP, port: 80 } },
    };
    for (const [by, endpoint] of Object.entries(endpoints)) {
      const group = 'gateway.envoyproxy.io';
      const parentRefs = [{ name: 'demo', sectionName: 'udp' }];
      const rules = [{ backendRefs: [{ group, kind: 'Backend', name: `by-${by}`, port: 80 }] }];
      await lab.home.apply(route('UDPRoute', 'udp', '', { parentRefs, rules }));
      await eventually(async () => {
        const found = await lab.home.read('UDPRoute', { namespace: 'default', name: 'udp' });
        expect(found?.status?.parents[0]?.conditions.find(({ type }) => type === 'ResolvedRefs')?.status).toBe('False');
      });
      const metadata = { name: `by-${by}`, namespace: 'default' };
      const spec = { endpoints: [endpoint] };
      await lab.home.apply({ apiVersion: `${group}/v1alpha1`, kind: 'Backend', metadata, spec });
      await eventually(async () => expect(await askUdp(UDP, by, { to: lab.address })).toBe(`echo:${by}`));
    }
    await lab.home.apply(route('UDPRoute', 'wrong', 'udp', { parentRefs: [{ name: 'demo', sectionName: 'tcp' }] }));
    await eventually(async () => expect(await accepted('UDPRoute', 'wrong')).toBe('False NotAllowedByListeners'));
  });
});

/** By chance 200 of whom a fifth goes elsewhere have fewer, or more, of those less than once in 100,000 runs. */
function isAFifth(count: number): boolean {
  return count >= 14 && count <= 66;
}

async function sharesOf(count: number, answerer: () => Promise<string>): Promise<Readonly<Record<string, number>>> {
  const got: Record<string, number> = {};
  for (let sent = 0; sent < count; sent += 20) {
    for (const name of await Promise.all(Array.from({ length: 20 }, answerer))) got[name] = (got[name] ?? 0) + 1;
  }
  return got;
}

const weighted = (weights: Readonly<Record<string, number>>) => ({
  rules: [{ backendRefs: Object.entries(weights).map(([name, weight]) => ({ name, port: 80, weight })) }],
});

describe('GW-16 shares', () => {
  test('of packets: those of one client go one way; weight 0 is none; a share that cannot be found is dropped', async () => {
    const other = await startUdpBackend('other');
    streams.push(other);
    const parentRefs = [{ name: 'demo', sectionName: 'udp' }];
    const shared = (weights: Readonly<Record<string, number>>) =>
      lab.home.apply(route('UDPRoute', 'udp', '', { parentRefs, ...weighted(weights) }));
    await lab.home.apply(...streamService('udp-other', 'UDP', [other.port]));
    const heard = async () => (await askUdp(UDP, 'x', { to: lab.address })).split(':')[0] ?? '';
    await shared({ udp: 80, 'udp-other': 20 });
    await eventually(async () => {
      const got = await sharesOf(200, heard);
      expect([Object.keys(got).sort(), isAFifth(got['other'] ?? 0)]).toEqual([['echo', 'other'], true]);
    });
    const socket = createSocket('udp4').bind(0);
    await once(socket, 'listening');
    const said = new Set<string>();
    socket.on('message', (message) => said.add(String(message)));
    for (let sent = 0; sent < 20; sent += 1) socket.send('x', UDP, lab.address);
    await eventually(() => expect(said.size).toBeGreaterThan(0));
    await heard();
    socket.close();
    expect(said.size).toBe(1);
    await shared({ udp: 1, 'udp-other': 0 });
    await eventually(async () => expect(Object.keys(await sharesOf(40, heard))).toEqual(['echo']));
    await shared({ 'udp-other': 1, missing: 1 });
    await eventually(async () => expect(Object.keys(await sharesOf(40, heard)).sort()).toEqual(['other', 'silence']));
  });

  test('of connections that are passed on by name, also where a share cannot be found', async () => {
    const host = 'shared.example.com';
    const shared = (weights: Readonly<Record<string, number>>) =>
      lab.home.apply(route('TLSRoute', 'shared', '', { hostnames: [host], ...weighted(weights) }));
    const reached = () => lab.answerer('/', { port: TLS, serverName: host, host }).catch(() => 'closed');
    await shared({ 'tls-one': 80, 'tls-two': 20 });
    await eventually(async () => {
      const got = await sharesOf(200, reached);
      expect([Object.keys(got).sort(), isAFifth(got['two'] ?? 0)]).toEqual([['one', 'two'], true]);
    });
    await shared({ 'tls-one': 1, 'tls-two': 0 });
    await eventually(async () => expect(Object.keys(await sharesOf(40, reached))).toEqual(['one']));
    await shared({ 'tls-two': 1, missing: 1 });
    await eventually(async () => expect(Object.keys(await sharesOf(40, reached)).sort()).toEqual(['closed', 'two']));
    await lab.home.kubectl(['delete', 'tlsroute', 'shared', '-n', 'default']);
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

  test('one of the earlier version without hostnames serves those of the listener', async () => {
    await lab.home.kubectl(['delete', 'tlsroute', 'rest', '-n', 'default']);
    await eventually(async () => {
      await expect(backendOf('x.example.com')).rejects.toThrow();
      expect(await backendOf('one.example.com')).toBe('one');
    });
    await lab.home.apply({
      ...route('TLSRoute', 'nameless', 'tls-two'),
      apiVersion: 'gateway.networking.k8s.io/v1alpha2',
    });
    await eventually(async () => {
      expect([await backendOf('one.example.com'), await backendOf('x.example.com')]).toEqual(['one', 'two']);
      expect(await accepted('TLSRoute', 'nameless')).toBe('True Accepted');
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

/** What a backend says and sends back, when TLS is ended before it; with the common name of the certificate. */
async function heardInTls(port: number, servername?: string): Promise<string> {
  const socket = connect({ host: lab.address, port, rejectUnauthorized: false, ...(servername && { servername }) });
  try {
    socket.setEncoding('utf8').write('ping');
    let heard = `${servername ?? 'none'}: `;
    await new Promise<void>((resolve, reject) => {
      socket.on('data', (text: string) => {
        heard += text.replace('\n', ' ');
        if (heard.endsWith('ping')) resolve();
      });
      socket.once('close', () => reject(new Error(`closed after ${heard}`)));
      socket.once('error', reject);
    });
    return `${heard} ${socket.getPeerCertificate().subject.CN}`;
  } finally {
    socket.destroy();
  }
}

describe('GW-31 TLS that is ended', () => {
  test('what a TLSRoute or a TCPRoute gets is in the clear, beside what is passed on as it is', async () => {
    const at = (sectionName: string) => ({ parentRefs: [{ name: 'demo', sectionName }] });
    await lab.home.apply(
      route('TLSRoute', 'ended', 'tcp-one', { ...at('ended'), hostnames: ['a.ended.com'] }),
      route('TCPRoute', 'rest', 'tcp-two', at('ended')),
      route('TCPRoute', 'every', 'tcp-two', at('every')),
    );
    await eventually(async () => {
      expect(await heardInTls(TLS, 'a.ended.com')).toBe('a.ended.com: one ping ended.com');
      expect(await heardInTls(TLS, 'b.ended.com')).toBe('b.ended.com: two ping ended.com');
      expect(await heardInTls(EVERY, 'x.org')).toBe('x.org: two ping every.com');
      expect(await heardInTls(EVERY)).toBe('none: two ping every.com');
    });
  });

  test('a certificate that is renewed is shown; connections that nobody wants are closed', async () => {
    await lab.home.apply(tlsSecret('every', await selfSigned('renewed.com')));
    await lab.home.kubectl(['delete', 'tcproute', 'rest', '-n', 'default']);
    await eventually(async () => {
      expect(await heardInTls(EVERY, 'x.org')).toBe('x.org: two ping renewed.com');
      await expect(heardInTls(TLS, 'b.ended.com')).rejects.toThrow();
      expect(await heardInTls(TLS, 'a.ended.com')).toBe('a.ended.com: one ping ended.com');
    });
  });
});

describe('GW-10 kinds per protocol', () => {
  test('each listener says what may be attached to it', async () => {
    const { status } = (await lab.gateway('demo')) ?? {};
    const kinds = status?.listeners?.map(({ supportedKinds = [] }) => supportedKinds.map(({ kind }) => kind));
    const inTls = ['TLSRoute', 'TCPRoute'];
    expect(kinds).toEqual([['TCPRoute'], ['UDPRoute'], ['TLSRoute'], inTls, inTls]);
  });
});
