import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { selfSigned, type TestCertificate } from '@causeway/dataplane/test/certificates';
import type { BackendTLSPolicy } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createAuthority } from '../acceptance/certificate-authority.ts';
import { BACKEND_ADDRESS } from '../acceptance/given-home.ts';
import { listeningPids } from '../acceptance/listening-processes.ts';
import { base64, serviceTo, slice, tlsSecret } from '../acceptance/objects.ts';
import { type SeenByTls, startGrpcTlsBackend, startTlsBackend, type TlsBackend } from '../acceptance/tls-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, gateway, HTTP_PORT, httpListener, httpRoute, to } from './gateway-lab.ts';

/** Services of one backend, whose certificate is for good.test. */
const SERVICES = [
  ...['good', 'wrong-name', 'wrong-ca', 'system', 'missing-ca', 'section', 'conflict', 'only-tcp'],
  ...['uri', 'any', 'only-asked', 'other-ca'],
];
const TCP_PORT = HTTP_PORT + 1;

let lab: GatewayLab;
let backend: TlsBackend;
/** Whose certificate is for others. */
let foreign: TlsBackend;
let calls: TlsBackend;
/** What the Gateway shows. */
let shown: TestCertificate;

beforeAll(async () => {
  const [started, one, other] = await Promise.all([
    GatewayLab.start(['plain']),
    createAuthority('one'),
    createAuthority('other'),
  ]);
  lab = started;
  shown = await one.issue('gateway.test');
  const between = await one.intermediate('between');
  [backend, foreign, calls] = await Promise.all([
    startTlsBackend('tls', await between.issue('good.test', { uris: ['spiffe://shop/cart'] })),
    startTlsBackend('foreign', await one.issue('foreign.test', { uris: ['spiffe://shop/other'] })),
    startGrpcTlsBackend('calls', await one.issue('calls.test', { uris: ['spiffe://shop/calls'] })),
  ]);
  await lab.home.apply(
    ...SERVICES.flatMap((name) => serviceTo({ name, port: backend.port })),
    ...[foreign, calls].flatMap((each) => serviceTo(each)),
    ...serviceTo({ name: 'pair', port: backend.port }),
    slice('pair', foreign.port, [{ addresses: ['127.0.0.1'], conditions: { ready: true } }], 'pair-2'),
    configMap('ca', one.certificatePem),
    configMap('other-ca', other.certificatePem),
    configMap('no-pem', 'none'),
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'ca', namespace: 'default' },
      data: { 'ca.crt': base64(one.certificatePem) },
    },
    httpRoute(
      'tls',
      [...SERVICES, 'foreign', 'pair', 'plain'].map((name) => to(name, `/${name}`)),
      { hostnames: ['localhost'] },
    ),
  );
});
afterAll(async () => {
  await lab.stop();
  for (const each of [backend, foreign, calls]) await each?.close();
});

function configMap(name: string, certificate: string) {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default' },
    data: { 'ca.crt': certificate },
  };
}

type Validation = Partial<BackendTLSPolicy['spec']['validation']>;

function policy(
  name: string,
  service: string,
  validation: Validation = {},
  section: { readonly sectionName?: string } = {},
): BackendTLSPolicy {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'BackendTLSPolicy',
    metadata: { name, namespace: 'default' },
    spec: {
      targetRefs: [{ group: '', kind: 'Service', name: service, ...section }],
      validation: {
        hostname: 'good.test',
        ...(validation.wellKnownCACertificates === undefined ? { caCertificateRefs: [ca('ca')] } : {}),
        ...validation,
      },
    },
  };
}

const ca = (name: string, kind = 'ConfigMap') => ({ group: '', kind, name });

async function conditions(name: string): Promise<Readonly<Record<string, string>>> {
  const found = await lab.home.read('BackendTLSPolicy', { namespace: 'default', name });
  const [first, ...others] = found?.status?.ancestors ?? [];
  expect(others).toEqual([]);
  expect(first?.ancestorRef).toMatchObject({ kind: 'Gateway', namespace: 'default', name: 'demo' });
  return Object.fromEntries(
    (first?.conditions ?? []).map(({ type, status, reason, observedGeneration }) => {
      expect(observedGeneration).toBe(found?.metadata.generation);
      return [type, `${status} ${reason}`];
    }),
  );
}

async function tcpAnswer(): Promise<SeenByTls | 'closed'> {
  const found = await lab.ask('/', { port: TCP_PORT }).catch(() => undefined);
  return found === undefined ? 'closed' : (JSON.parse(found.body) as SeenByTls);
}

/** Which backend answers a call of gRPC, or the status of an answer of our own. */
async function callAnswerer(): Promise<string> {
  const session = connect(`http://${lab.address}:${HTTP_PORT}`);
  try {
    const stream = session.request({
      ...{ ':method': 'POST', ':authority': 'calls.test', ':path': '/shop.Cart/Add' },
      ...{ 'content-type': 'application/grpc', te: 'trailers' },
    });
    stream.resume().end(Buffer.alloc(5));
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    return String(headers['x-backend'] ?? headers[':status']);
  } finally {
    session.destroy();
  }
}

type Names = NonNullable<Validation['subjectAltNames']>;

const host = (hostname: string): Names[number] => ({ type: 'Hostname', hostname });
const uri = (value: string): Names[number] => ({ type: 'URI', uri: value });
const named = (hostname: string, ...subjectAltNames: Names): Validation => ({ hostname, subjectAltNames });

const SERVED = { Accepted: 'True Accepted', ResolvedRefs: 'True ResolvedRefs' };

describe('GW-40 BackendTLSPolicy', () => {
  test('who is verified gets the request, with the name as SNI; others never do', async () => {
    await lab.home.apply(
      policy('good', 'good'),
      policy('wrong-name', 'wrong-name', { hostname: 'bad.test' }),
      policy('wrong-ca', 'wrong-ca', { caCertificateRefs: [ca('other-ca')] }),
      policy('system', 'system', { wellKnownCACertificates: 'System' }),
      policy('missing-ca', 'missing-ca', { caCertificateRefs: [ca('nowhere')] }),
    );
    await lab.answers({
      '/good': 'tls',
      '/wrong-name': '502',
      '/wrong-ca': '502',
      '/system': '502',
      '/missing-ca': '500',
      '/plain': 'plain',
    });
    const { serverName } = JSON.parse((await lab.ask('/good')).body) as SeenByTls;
    expect(serverName).toBe('good.test');
    const before = backend.requests();
    for (const path of ['/wrong-name', '/wrong-ca', '/missing-ca']) {
      expect((await lab.ask(path)).status).toBeGreaterThanOrEqual(500);
    }
    expect(backend.requests()).toBe(before);
    await eventually(async () => {
      for (const name of ['good', 'wrong-name', 'wrong-ca', 'system']) expect(await conditions(name)).toEqual(SERVED);
      expect(await conditions('missing-ca')).toEqual({
        Accepted: 'False NoValidCACertificate',
        ResolvedRefs: 'False InvalidCACertificateRef',
      });
      // The route itself is right.
      expect(await lab.routeCondition('tls', 'ResolvedRefs')).toBe('True ResolvedRefs');
    });
  });

  test('GW-23 who is verified gets copies of requests, others do not', async () => {
    const copied = (name: string) =>
      to('plain', `/copied/${name}`, {
        filters: [{ type: 'RequestMirror', requestMirror: { backendRef: { name, port: 80 } } }],
      });
    await lab.home.apply(httpRoute('copied', ['good', 'wrong-ca'].map(copied), { hostnames: ['localhost'] }));
    await lab.answers({ '/copied/wrong-ca': 'plain' });
    for (let index = 0; index < 9; index += 1) expect(await lab.answerer('/copied/wrong-ca')).toBe('plain');
    const before = backend.requests();
    let asked = 0;
    await eventually(async () => {
      asked += 1;
      expect(await lab.answerer('/copied/good', { method: 'POST', body: 'x'.repeat(1000) })).toBe('plain');
      expect(await lab.routeCondition('copied', 'ResolvedRefs')).toBe('True ResolvedRefs');
      expect(backend.requests()).toBeGreaterThan(before);
    });
    expect(backend.requests() - before).toBeLessThanOrEqual(asked);
  });

  test('authorities are followed: mistakes close, what is mended opens', async () => {
    const said = async () => {
      const { status } = (await lab.home.read('BackendTLSPolicy', { namespace: 'default', name: 'good' })) ?? {};
      return status?.ancestors[0]?.conditions.map(({ reason, message }) => `${reason}: ${message}`).sort();
    };
    const telling = (message: string) =>
      ['InvalidCACertificateRef', 'NoValidCACertificate'].map(
        (reason) => `${reason}: validation.caCertificateRefs[0]: ${message}`,
      );
    await lab.home.apply(
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'no-entry', namespace: 'default' } },
      policy('good', 'good', { caCertificateRefs: [ca('no-entry', 'Secret')] }),
    );
    await lab.answers({ '/good': '500' });
    await eventually(async () => expect(await said()).toEqual(telling('Secret default/no-entry must have ca.crt key')));
    await lab.home.apply(policy('good', 'good', { caCertificateRefs: [ca('no-pem')] }));
    await eventually(async () =>
      expect(await said()).toEqual(
        telling('ConfigMap default/no-pem ca.crt must contain PEM-encoded TLS certificates'),
      ),
    );
    await lab.answers({ '/good': '500' });
    await lab.home.apply(policy('good', 'good', { caCertificateRefs: [ca('ca', 'Bucket')] }));
    await eventually(async () => {
      expect(await conditions('good')).toEqual({
        Accepted: 'False NoValidCACertificate',
        ResolvedRefs: 'False InvalidKind',
      });
    });
    // One that can be read is enough.
    await lab.home.apply(policy('good', 'good', { caCertificateRefs: [ca('no-pem'), ca('ca', 'Secret')] }));
    await lab.answers({ '/good': 'tls' });
    await eventually(async () => {
      expect(await conditions('good')).toEqual({
        Accepted: 'True Accepted',
        ResolvedRefs: 'False InvalidCACertificateRef',
      });
    });
  });

  test('the Gateway shows its certificate; one that cannot be had is told', async () => {
    const shows = async (clientCertificateRef: object): Promise<void> => {
      const { spec, ...demo } = gateway('demo', [httpListener()]);
      await lab.home.apply({ ...demo, spec: { ...spec, tls: { backend: { clientCertificateRef } } } });
    };
    const outcome = async (): Promise<readonly unknown[]> => {
      const { status } = (await lab.gateway('demo')) ?? {};
      const of = (wanted: string) => {
        const found = status?.conditions?.find(({ type }) => type === wanted);
        return `${found?.status} ${found?.reason}`;
      };
      const { client } = JSON.parse((await lab.ask('/good')).body) as SeenByTls;
      return [client, of('ResolvedRefs'), of('Accepted')];
    };
    await lab.home.apply(tlsSecret('own', shown), { ...tlsSecret('no-key', shown), data: {}, type: 'Opaque' });
    await shows({ name: 'own' });
    await eventually(async () =>
      expect(await outcome()).toEqual(['gateway.test', 'True ResolvedRefs', 'True Accepted']),
    );
    const cases = [
      [{ name: 'nothing' }, 'InvalidClientCertificateRef'],
      [{ name: 'own', kind: 'Certificate' }, 'InvalidClientCertificateRef'],
      [{ name: 'no-key' }, 'InvalidClientCertificateRef'],
      [{ name: 'own', namespace: 'kube-system' }, 'RefNotPermitted'],
    ] as const;
    for (const [ref, reason] of cases) {
      await shows(ref);
      await eventually(async () => expect(await outcome()).toEqual(['', `False ${reason}`, 'True Accepted']));
    }
  });

  test('GW-06 so it does with that of its EnvoyProxy, unless it says another itself', async () => {
    const proxy = (backendTLS: object) => ({
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'EnvoyProxy',
      metadata: { name: 'demo', namespace: 'default' },
      spec: { backendTLS },
    });
    const { spec, ...demo } = gateway('demo', [httpListener()]);
    const parametersRef = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'demo' };
    await lab.home.apply(proxy({ clientCertificateRef: { name: 'own' }, minVersion: '1.3' }), {
      ...demo,
      spec: { ...spec, infrastructure: { parametersRef } },
    });
    const client = async () => (JSON.parse((await lab.ask('/good')).body) as SeenByTls).client;
    const resolved = async () =>
      (await lab.gateway('demo'))?.status?.conditions?.find(({ type }) => type === 'ResolvedRefs');
    await eventually(async () => {
      expect(await client()).toBe('gateway.test');
      expect((await resolved())?.status).toBe('True');
    });
    await lab.home.apply(proxy({ clientCertificateRef: { name: 'nothing' } }));
    await eventually(async () => {
      expect(await client()).toBe('');
      expect(await resolved()).toMatchObject({ status: 'False', reason: 'InvalidClientCertificateRef' });
      expect((await resolved())?.message).toContain('EnvoyProxy default/demo: spec.backendTLS.clientCertificateRef');
    });
    await lab.home.apply(gateway('demo', [httpListener()]));
  });

  test('what a TCPRoute takes goes on over TLS, to who is verified', async () => {
    const { spec, ...demo } = gateway('demo', [httpListener(), { name: 'tcp', port: TCP_PORT, protocol: 'TCP' }]);
    const to = (service: string) => ({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'TCPRoute',
      metadata: { name: 'tcp', namespace: 'default' },
      spec: { parentRefs: [{ name: 'demo' }], rules: [{ backendRefs: [{ name: service, port: 80 }] }] },
    });
    const tls = { backend: { clientCertificateRef: { name: 'own' } } };
    await lab.home.apply({ ...demo, spec: { ...spec, tls } }, to('only-tcp'), policy('only-tcp', 'only-tcp'));
    await eventually(async () => {
      expect(await tcpAnswer()).toMatchObject({ backend: 'tls', serverName: 'good.test', client: 'gateway.test' });
      expect(await conditions('only-tcp')).toEqual(SERVED);
    });
    for (const service of ['wrong-name', 'wrong-ca', 'missing-ca']) {
      await lab.home.apply(to(service));
      await eventually(async () => expect(await tcpAnswer()).toBe('closed'));
      await lab.home.apply(to('only-tcp'));
      await eventually(async () => expect(await tcpAnswer()).not.toBe('closed'));
    }
    const anybody = {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'Backend',
      metadata: { name: 'anybody', namespace: 'default' },
      spec: {
        endpoints: [{ ip: { address: BACKEND_ADDRESS, port: backend.port } }],
        tls: { insecureSkipVerify: true },
      },
    };
    const backendRefs = [{ group: 'gateway.envoyproxy.io', kind: 'Backend', name: 'anybody' }];
    const { spec: route, ...tcp } = to('anybody');
    await lab.home.apply(anybody, { ...tcp, spec: { ...route, rules: [{ backendRefs }] } });
    await eventually(async () => expect(await tcpAnswer()).toMatchObject({ backend: 'tls', serverName: '' }));
    await lab.home.apply(to('only-tcp'));
  });

  test('one of subjectAltNames is proved, of a host or a URI; the name that is asked for proves nothing then', async () => {
    await lab.home.apply(
      policy('uri', 'uri', named('asked.test', uri('spiffe://shop/cart'))),
      policy('any', 'any', named('asked.test', host('other.test'), uri('spiffe://shop/none'), host('good.test'))),
      policy('foreign', 'foreign', named('asked.test', uri('spiffe://shop/other'))),
      policy('only-asked', 'only-asked', named('good.test', host('other.test'), uri('spiffe://shop'))),
      policy('other-ca', 'other-ca', {
        ...named('good.test', host('good.test'), uri('spiffe://shop/cart')),
        caCertificateRefs: [ca('other-ca')],
      }),
    );
    await lab.answers({
      ...{ '/uri': 'tls', '/any': 'tls', '/foreign': 'foreign', '/plain': 'plain' },
      ...{ '/only-asked': '502', '/other-ca': '502' },
    });
    const seen = JSON.parse((await lab.ask('/uri')).body) as SeenByTls;
    expect(seen).toMatchObject({ serverName: 'asked.test', client: 'gateway.test' });
    await eventually(async () => {
      for (const name of ['uri', 'any', 'only-asked']) expect(await conditions(name)).toEqual(SERVED);
    });
    // Nothing reaches who has not proved it, with whatever method.
    const before = backend.requests();
    for (const method of ['GET', 'POST']) {
      const { status } = await lab.ask('/only-asked', { method, ...(method === 'POST' && { body: 'secret' }) });
      expect(status).toBe(502);
    }
    expect(backend.requests()).toBe(before);
    // Connections are kept, each for its endpoint.
    const connections = new Set<number>();
    for (let round = 0; round < 20; round++) {
      for (const [path, name] of [
        ['/uri', 'tls'],
        ['/foreign', 'foreign'],
      ] as const) {
        const answer = JSON.parse((await lab.ask(path)).body) as SeenByTls;
        expect(answer.backend).toBe(name);
        if (name === 'foreign') connections.add(answer.connection);
      }
    }
    expect(connections.size).toBeLessThan(20);
  });

  test('the log names the endpoint that proved nothing, whatever was in memory before', async () => {
    for (let index = 0; index < 40; index++) {
      const headers = Object.fromEntries(
        Array.from({ length: index % 40 }, (_, place) => [
          `x-filler-${place}`,
          'x'.repeat((index * 37 + place * 13) % 90),
        ]),
      );
      expect((await lab.ask('/only-asked', { headers })).status).toBe(502);
    }
    const instance = (await lab.home.list('Instance')).find(({ metadata }) => metadata.name.includes('demo'));
    const problems = readFileSync(`${instance?.status?.logDirectory}/error.log`, 'utf8').split('\n');
    expect(problems.filter((line) => line.includes('malloc('))).toEqual([]);
    expect(readFileSync(`${instance?.status?.logDirectory}/access.log`, 'utf8')).toContain(`127.0.0.1:${backend.port}`);
  });

  test('of the endpoints of such a Service those that prove it get the requests, also those with a body', async () => {
    await lab.home.apply(policy('pair', 'pair', named('asked.test', host('foreign.test'))));
    await lab.answers({ '/pair': 'foreign' });
    const before = backend.requests();
    for (let index = 0; index < 10; index++) {
      expect((await lab.ask('/pair', { method: 'POST', body: 'x'.repeat(5000) })).headers['x-backend']).toBe('foreign');
    }
    expect(backend.requests()).toBe(before);
  });

  test('GW-16 a Backend is verified as a policy says, before what it says itself, and shown the certificate that it names', async () => {
    const group = 'gateway.envoyproxy.io';
    const object = (name: string, tls?: object) => ({
      apiVersion: `${group}/v1alpha1`,
      kind: 'Backend',
      metadata: { name, namespace: 'default' },
      spec: {
        endpoints: [{ ip: { address: '127.0.0.1', port: backend.port } }],
        ...(tls === undefined ? {} : { tls }),
      },
    });
    const ofBackend = (name: string, validation: Validation = {}) => {
      const made = policy(`${name}-object`, name, validation);
      return { ...made, spec: { ...made.spec, targetRefs: [{ group, kind: 'Backend', name }] } };
    };
    const verified = { caCertificateRefs: [ca('ca')], sni: 'good.test' };
    const names = ['by-policy', 'refused', 'both', 'shows', 'old', 'lacks'];
    await lab.home.apply(
      tlsSecret('its-own', await selfSigned('backend.test')),
      ...[object('by-policy'), object('refused'), object('both', { ...verified, sni: 'bad.test' })],
      object('shows', { ...verified, clientCertificateRef: { name: 'its-own' }, minVersion: '1.3' }),
      object('old', { ...verified, maxVersion: '1.2', ciphers: ['ECDHE-ECDSA-AES128-GCM-SHA256'] }),
      object('lacks', { ...verified, clientCertificateRef: { name: 'nothing' } }),
      ...[ofBackend('by-policy'), ofBackend('refused', { hostname: 'bad.test' }), ofBackend('both')],
      httpRoute(
        'objects',
        names.map((name) => to(name, `/objects/${name}`, { backendRefs: [{ group, kind: 'Backend', name }] })),
        { hostnames: ['localhost'] },
      ),
    );
    await lab.answers({
      ...{ '/objects/by-policy': 'tls', '/objects/refused': '502', '/objects/both': 'tls' },
      ...{ '/objects/shows': 'tls', '/objects/old': 'tls', '/objects/lacks': '500' },
    });
    const seen = async (name: string) => JSON.parse((await lab.ask(`/objects/${name}`)).body) as SeenByTls;
    expect((await seen('shows')).client).toBe('backend.test');
    expect((await seen('by-policy')).client).not.toBe('backend.test');
    expect(await seen('old')).toMatchObject({ protocol: 'TLSv1.2', cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
    await eventually(async () => {
      for (const name of ['by-policy', 'refused', 'both']) expect(await conditions(`${name}-object`)).toEqual(SERVED);
      const lacks = await lab.home.read('Backend', { namespace: 'default', name: 'lacks' });
      expect(lacks?.status?.conditions?.[0]).toMatchObject({
        status: 'False',
        message: 'spec.tls.clientCertificateRef: Secret default/nothing not found',
      });
    });
  });

  test('WebSockets and calls of gRPC reach who has proved a name, connections of TCPRoutes too', async () => {
    const socket = new WebSocket(`ws://${lab.address}:${HTTP_PORT}/uri`, { headers: { host: 'localhost' } });
    await once(socket, 'open');
    socket.send('hello');
    expect(String((await once(socket, 'message'))[0])).toBe('tls: hello');
    socket.terminate();
    await lab.home.apply(
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'GRPCRoute',
        metadata: { name: 'calls', namespace: 'default' },
        spec: {
          parentRefs: [{ name: 'demo' }],
          hostnames: ['calls.test'],
          rules: [{ backendRefs: [{ name: 'calls', port: 80 }] }],
        },
      },
      policy('calls', 'calls', named('asked.test', uri('spiffe://shop/calls'))),
      policy('only-tcp', 'only-tcp', named('asked.test', uri('spiffe://shop/cart'))),
    );
    await eventually(async () => {
      expect(await callAnswerer()).toBe('calls');
      expect(await tcpAnswer()).toMatchObject({ backend: 'tls', serverName: 'asked.test' });
    });
    await lab.home.apply(
      policy('calls', 'calls', named('calls.test', uri('spiffe://shop/cart'))),
      policy('only-tcp', 'only-tcp', named('good.test', uri('spiffe://shop/calls'))),
    );
    await eventually(async () => {
      expect(await callAnswerer()).toBe('502');
      expect(await tcpAnswer()).toBe('closed');
    });
  });

  test('the process that verifies names is killed: others are served on, and another one comes', async () => {
    const [pid] = listeningPids(TCP_PORT, lab.address);
    if (pid === undefined) throw new Error('nothing listens');
    process.kill(pid, 'SIGKILL');
    expect(await lab.answerer('/good')).toBe('tls');
    await lab.answers({ '/uri': 'tls', '/foreign': 'foreign', '/only-asked': '502' });
  });

  test('a port comes before its Service; of two for the same target the older is in force', async () => {
    await lab.home.apply(
      policy('section', 'section', {}, { sectionName: 'http' }),
      policy('whole', 'section', { hostname: 'bad.test' }),
      policy('first', 'conflict'),
    );
    await eventually(async () => expect(await conditions('first')).toEqual(SERVED));
    await lab.home.apply(policy('another', 'conflict', { hostname: 'bad.test' }));
    // Times are whole seconds: the name decides where both came in one.
    const created = async (name: string): Promise<string> =>
      (await lab.home.read('BackendTLSPolicy', { namespace: 'default', name }))?.metadata.creationTimestamp ?? '';
    const [loser, answer] =
      (await created('first')) < (await created('another')) ? ['another', 'tls'] : ['first', '502'];
    await lab.answers({ '/section': 'tls', '/conflict': answer });
    await eventually(async () => {
      expect(await conditions('section')).toEqual(SERVED);
      expect(await conditions('whole')).toEqual(SERVED);
      expect((await conditions(loser))['Accepted']).toBe('False Conflicted');
    });
    await lab.home.kubectl(['delete', 'backendtlspolicy', loser, '-n', 'default']);
    await lab.answers({ '/conflict': loser === 'another' ? 'tls' : '502' });
  });
});
