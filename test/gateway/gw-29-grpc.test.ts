import { once } from 'node:events';
import { connect, createServer, type Http2Server, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { GRPCRoute } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACKEND_ADDRESS } from '../acceptance/given-home.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { asked } from '../e2e/asked.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, HTTP_PORT, httpRoute, to } from './gateway-lab.ts';
import { callOnce, chat, type GrpcBackend, startGrpcBackend } from './grpc-backend.ts';
import { policy, policyCondition } from './policy-objects.ts';

let lab: GatewayLab;
let one: GrpcBackend;
let two: GrpcBackend;
let plain: Http2Server;
let target: string;

beforeAll(async () => {
  plain = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += String(part);
    });
    request.on('end', () => {
      response.setHeader('x-method', request.method);
      response.setHeader('x-version', request.httpVersion);
      response.setHeader('x-client', String(request.headers['x-forwarded-for']));
      response.statusCode = request.url.startsWith('/missing') ? 404 : 200;
      response.end(`got ${body.length}`);
    });
  });
  plain.listen(0, BACKEND_ADDRESS);
  await once(plain, 'listening');
  [lab, one, two] = await Promise.all([GatewayLab.start(['web']), startGrpcBackend('one'), startGrpcBackend('two')]);
  target = `${lab.address}:${HTTP_PORT}`;
  const [service, slice] = serviceTo({ name: 'plain', port: (plain.address() as AddressInfo).port });
  const ports = [{ name: 'http', port: 80, protocol: 'TCP' as const, appProtocol: 'kubernetes.io/h2c' }];
  await lab.home.apply(...serviceTo(one), ...serviceTo(two), { ...service, spec: { ports } }, slice);
});
afterAll(async () => {
  await lab?.stop();
  one?.close();
  two?.close();
  plain?.close();
});

type Rules = NonNullable<GRPCRoute['spec']['rules']>;

function grpcRoute(name: string, rules: Rules, spec: Partial<GRPCRoute['spec']> = {}): GRPCRoute {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GRPCRoute',
    metadata: { name, namespace: 'default' },
    spec: { parentRefs: [{ name: 'demo' }], hostnames: [`${name}.test`], rules, ...spec },
  };
}

const backend = (name: string, weight = 1) => ({ name, port: 80, weight });

async function accepted(kind: 'GRPCRoute' | 'HTTPRoute', name: string): Promise<string> {
  const route = await lab.home.read(kind, { namespace: 'default', name });
  const found = route?.status?.parents[0]?.conditions.find(({ type }) => type === 'Accepted');
  return `${found?.status} ${found?.reason}`;
}

/** One request over HTTP/2 without TLS. */
async function ask2(
  host: string,
  path: string,
  { method = 'GET', body = '', headers: sent = {} }: { method?: string; body?: string; headers?: object } = {},
): Promise<{ readonly headers: IncomingHttpHeaders; readonly body: string }> {
  asked.times += 1;
  const session = connect(`http://${target}`);
  const stream = session.request({ ':authority': host, ':path': path, ':method': method, ...sent });
  stream.setEncoding('utf8').end(body === '' ? undefined : body);
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  let text = '';
  for await (const part of stream) text += String(part);
  session.close();
  return { headers, body: text };
}

describe('GW-29 GRPCRoute', () => {
  test('methods, headers, filters; the match that says most comes first; UNIMPLEMENTED without any', async () => {
    const version = [{ name: 'Version', value: '2' }];
    const via = {
      type: 'RequestHeaderModifier',
      requestHeaderModifier: { set: [{ name: 'x-via', value: 'gw' }] },
    } as const;
    await lab.home.apply(
      grpcRoute('calls', [
        { matches: [{ method: { service: 'shop.Cart' } }], backendRefs: [backend('one')] },
        {
          matches: [{ method: { service: 'shop.Cart', method: 'Remove' } }],
          filters: [via],
          backendRefs: [backend('two')],
        },
        { matches: [{ method: { service: 'shop.Cart' }, headers: version }], backendRefs: [backend('two')] },
        {
          matches: [{ method: { type: 'RegularExpression', method: 'A.d' }, headers: version }],
          backendRefs: [backend('two')],
        },
      ]),
    );
    const host = 'calls.test';
    await eventually(async () => {
      expect({
        service: await callOnce(target, '/shop.Cart/Add', { host }),
        method: await callOnce(target, '/shop.Cart/Remove', { host }),
        header: await callOnce(target, '/shop.Cart/Add', { host, headers: { version: '2' } }),
        pattern: await callOnce(target, '/shop.Admin/Add', { host, headers: { version: '2' } }),
        none: await callOnce(target, '/shop.Admin/Add', { host }),
        host: await callOnce(target, '/shop.Cart/Add', { host: 'nobody.test' }),
      }).toEqual({
        service: 'one /shop.Cart/Add ',
        method: 'two /shop.Cart/Remove gw',
        header: 'two /shop.Cart/Add ',
        pattern: 'two /shop.Admin/Add ',
        none: 'UNIMPLEMENTED',
        host: 'UNIMPLEMENTED',
      });
    });
  });

  test('GW-45 calls fail on purpose with a status of gRPC, other requests with what is like it', async () => {
    const abort = { grpcStatus: 8 };
    await lab.home.apply(
      grpcRoute('failing', [{ backendRefs: [backend('one')] }]),
      policy('BackendTrafficPolicy', 'failing', 'GRPCRoute/failing', { faultInjection: { abort } }),
    );
    const host = 'failing.test';
    await eventually(async () => {
      expect(await callOnce(target, '/shop.Cart/Add', { host })).toBe('RESOURCE_EXHAUSTED');
      expect((await ask2(host, '/shop.Cart/Add')).headers[':status']).toBe(429);
    });
  });

  test('GW-33 a SecurityPolicy says who may call', async () => {
    const rules = [{ action: 'Allow', principal: { headers: [{ name: 'x-role', values: ['staff'] }] } }];
    await lab.home.apply(
      grpcRoute('guarded', [{ backendRefs: [backend('one')] }]),
      policy('SecurityPolicy', 'guarded', 'GRPCRoute/guarded', { authorization: { rules } }),
    );
    const host = 'guarded.test';
    await eventually(async () => {
      expect(await callOnce(target, '/shop.Cart/Add', { host })).toBe('PERMISSION_DENIED');
      expect(await callOnce(target, '/shop.Cart/Add', { host, headers: { 'x-role': 'staff' } })).toContain('one ');
      expect(await policyCondition(lab, 'SecurityPolicy', 'guarded')).toContain('True Accepted');
    });
  });

  test('GW-45 calls are sent again after statuses of gRPC, streams go on as they are', async () => {
    const retry = {
      numRetries: 2,
      retryOn: { triggers: ['unavailable', 'cancelled'] },
      perRetry: { backOff: { baseInterval: '1ms' } },
    };
    await lab.home.apply(
      grpcRoute('again', [{ backendRefs: [backend('one')] }]),
      policy('BackendTrafficPolicy', 'again', 'GRPCRoute/again', { retry }),
    );
    const host = 'again.test';
    let asked = 0;
    const failing = (code: number, times: number): Promise<string> =>
      callOnce(target, '/shop.Cart/Add', {
        host,
        headers: { 'x-name': `again${asked++}`, 'x-code': String(code), 'x-fail': String(times) },
      });
    await eventually(async () => {
      expect([await failing(14, 2), await failing(1, 1)]).toEqual([
        'one /shop.Cart/Add after 2',
        'one /shop.Cart/Add after 1',
      ]);
      expect([await failing(14, 3), await failing(13, 1)]).toEqual(['UNAVAILABLE', 'INTERNAL']);
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'again')).toContain('True Accepted');
    });
    expect(await chat(target, host, [Buffer.from('a'), Buffer.from('b')])).toHaveLength(2);
    const circuitBreaker = { maxParallelRetries: 0 };
    await lab.home.apply(policy('BackendTrafficPolicy', 'again', 'GRPCRoute/again', { retry, circuitBreaker }));
    await eventually(async () => expect(await failing(14, 1)).toBe('UNAVAILABLE'));

    await lab.home.apply(policy('BackendTrafficPolicy', 'again', 'GRPCRoute/again', { retry }));
    await eventually(async () => expect(await failing(14, 1)).toContain('after 1'));
    await lab.home.apply({
      apiVersion: 'gateway.networking.x-k8s.io/v1alpha1',
      kind: 'XBackendTrafficPolicy',
      metadata: { name: 'one', namespace: 'default' },
      spec: {
        targetRefs: [{ group: '', kind: 'Service', name: 'one' }],
        retryConstraint: {
          budget: { percent: 0, interval: '1h' },
          minRetryRate: { count: 1, interval: '1h' },
        },
      },
    });
    await eventually(async () => expect(await failing(14, 1)).toBe('UNAVAILABLE'));
    await lab.home.kubectl(['delete', 'xbackendtrafficpolicy', 'one', '-n', 'default']);
    await eventually(async () => expect(await failing(14, 1)).toContain('after 1'));
  });

  test('what cannot be reached is UNAVAILABLE for its share', async () => {
    const [empty] = serviceTo({ name: 'no-endpoints', port: 80 });
    await lab.home.apply(
      empty,
      grpcRoute('shares', [
        {
          matches: [{ method: { service: 'shop.Cart' } }],
          backendRefs: [backend('one'), backend('missing'), backend('two', 0)],
        },
        { matches: [{ method: { service: 'shop.Admin' } }], backendRefs: [backend('no-endpoints')] },
      ]),
    );
    const host = 'shares.test';
    const got = new Set<string>();
    await eventually(async () => {
      got.add(await callOnce(target, '/shop.Cart/Add', { host }));
      expect([...got].filter((each) => each !== 'UNIMPLEMENTED').sort()).toEqual([
        'UNAVAILABLE',
        'one /shop.Cart/Add ',
      ]);
    });
    expect(await callOnce(target, '/shop.Admin/Add', { host })).toBe('UNAVAILABLE');
    await eventually(async () => expect(await accepted('GRPCRoute', 'shares')).toBe('True Accepted'));
  });

  test('streams go both ways at once, with large messages', async () => {
    await lab.home.apply(grpcRoute('stream', [{ backendRefs: [backend('one')] }]));
    await eventually(async () =>
      expect(await callOnce(target, '/shop.Cart/Add', { host: 'stream.test' })).toContain('one'),
    );
    const messages = [Buffer.from('first'), Buffer.alloc(300_000, 'x'), Buffer.from('last')];
    const got = await chat(target, 'stream.test', messages);
    expect(got.map(({ length }) => length)).toEqual([5, 300_000, 4]);
  });

  test('GW-28 calls of a session go to one endpoint', async () => {
    const sessionPersistence = { type: 'Header', sessionName: 'x-session' } as const;
    const said = {
      type: 'ResponseHeaderModifier',
      responseHeaderModifier: { set: [{ name: 'x-said', value: 'gw' }] },
    } as const;
    const backendRefs = [backend('one'), backend('two')];
    await lab.home.apply(grpcRoute('session', [{ filters: [said], backendRefs, sessionPersistence }]));
    const call = async (given: object = {}) => {
      const headers = { 'content-type': 'application/grpc', te: 'trailers', ...given };
      const got = await ask2('session.test', '/shop.Cart/Add', { method: 'POST', body: '\0\0\0\0\x01x', headers });
      expect(got.headers['x-said']).toBe('gw');
      return { session: got.headers['x-session'], by: /one|two/.exec(got.body)?.[0] };
    };
    await eventually(async () => {
      const { session, by } = await call();
      expect([typeof session, typeof by]).toEqual(['string', 'string']);
      for (let index = 0; index < 6; index += 1) expect((await call({ 'x-session': session })).by).toBe(by);
      const without = new Set<string>();
      for (let index = 0; index < 12; index += 1) without.add(String((await call()).by));
      expect([...without].sort()).toEqual(['one', 'two']);
    });
    await eventually(async () => expect(await accepted('GRPCRoute', 'session')).toBe('True Accepted'));
  });

  test('of an HTTPRoute and a GRPCRoute with one hostname the older is served', async () => {
    await lab.home.apply(grpcRoute('shared', [{ backendRefs: [backend('one')] }]));
    await eventually(async () => expect(await accepted('GRPCRoute', 'shared')).toBe('True Accepted'));
    // Ages are whole seconds, and among those of one second the name decides.
    await lab.home.apply(httpRoute('shared-too', [to('web')], { hostnames: ['*.test', 'shared.test'] }));
    await eventually(async () => expect(await accepted('HTTPRoute', 'shared-too')).toBe('False HostnameConflict'));
    await lab.home.kubectl(['delete', 'grpcroute', '--all', '-n', 'default']);
    await eventually(async () => expect(await accepted('HTTPRoute', 'shared-too')).toBe('True Accepted'));
    await lab.home.kubectl(['delete', 'httproute', 'shared-too', '-n', 'default']);
  });

  test('GW-23 copies of calls go to a mirror, those of streams do not; the client sees nothing of it', async () => {
    const mirror = { type: 'RequestMirror', requestMirror: { backendRef: { name: 'two', port: 80 } } } as const;
    const host = 'mirrored.test';
    await lab.home.apply(grpcRoute('mirrored', [{ filters: [mirror], backendRefs: [backend('one')] }]));
    let round = 0;
    await eventually(async () => {
      expect(await accepted('GRPCRoute', 'mirrored')).toBe('True Accepted');
      round += 1;
      const headers = { 'x-name': `copied-${round}` };
      expect(await callOnce(target, '/shop.Cart/Add', { host, headers })).toContain('one /shop.Cart/Add after 0');
      // How many of that name the mirror had before this one.
      expect(await callOnce(`${BACKEND_ADDRESS}:${two.port}`, '/shop.Cart/Add', { headers })).toContain(
        'two /shop.Cart/Add after 1',
      );
    });
    const messages = ['a', 'b'].map((text) => Buffer.from(text));
    expect(await chat(target, host, messages)).toEqual(messages);
  });

  test('what cannot be', async () => {
    const wrong = (method: object) => lab.home.apply(grpcRoute('wrong', [{ matches: [{ method }] }]));
    await expect(wrong({})).rejects.toThrow("One or both of 'service' or 'method' must be specified");
    await expect(wrong({ service: 'a b' })).rejects.toThrow('service must only contain valid characters');
  });
});

describe('HTTP/2 in the clear', () => {
  test('GW-45 backends are spoken to as the client speaks, if a policy wants it', async () => {
    const host = 'as-client.test';
    await lab.home.apply(
      httpRoute('as-client', [to('plain', '/two'), to('web', '/one')], { hostnames: [host] }),
      policy('BackendTrafficPolicy', 'as-client', 'HTTPRoute/as-client', { useClientProtocol: true }),
    );
    await eventually(async () => {
      expect((await ask2(host, '/two')).headers).toMatchObject({ ':status': 200, 'x-version': '2.0' });
      expect((await lab.ask('/one', { host })).headers['x-backend']).toBe('web');
      // Backends that speak the other version alone.
      expect((await ask2(host, '/one')).headers[':status']).toBe(502);
      await expect(lab.ask('/two', { host })).rejects.toThrow('Expected HTTP/');
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'as-client')).toContain('True Accepted');
    });
  });

  test('one port speaks HTTP/1.1 and HTTP/2, and both know the client', async () => {
    await lab.home.apply(httpRoute('both', [to('web')], { hostnames: ['both.test'] }));
    await lab.answers({ 'both.test/': 'web' });
    const answers = [await lab.ask('/x', { host: 'both.test' }), await ask2('both.test', '/x')];
    const seen = answers.map(({ body }) => (JSON.parse(body) as { headers: IncomingHttpHeaders }).headers);
    expect(seen[1]?.['x-real-ip']).toBe(seen[0]?.['x-real-ip']);
    expect(seen.map((headers) => headers['x-forwarded-port'])).toEqual([String(HTTP_PORT), String(HTTP_PORT)]);
    expect(answers[1]?.headers[':status']).toBe(200);
  });

  test('GW-16 a Service with appProtocol kubernetes.io/h2c gets HTTP/2 from clients of both', async () => {
    await lab.home.apply(httpRoute('h2c', [to('plain')], { hostnames: ['h2c.test'] }));
    const host = 'h2c.test';
    await eventually(async () => expect((await lab.ask('/', { host })).headers['x-version']).toBe('2.0'));
    const old = await lab.ask('/', { host, method: 'POST', body: 'x'.repeat(200_000) });
    expect([old.status, old.body]).toEqual([200, 'got 200000']);
    expect(old.headers['x-client']).toMatch(/^[0-9.]+$/);
    const head = await lab.ask('/', { host, method: 'HEAD' });
    expect([head.status, head.headers['x-method']]).toEqual([200, 'HEAD']);
    expect((await lab.ask('/missing', { host })).status).toBe(404);
    const recent = await ask2(host, '/', { method: 'PUT', body: 'y'.repeat(100_000) });
    expect([recent.headers[':status'], recent.headers['x-method'], recent.body]).toEqual([200, 'PUT', 'got 100000']);
  });
});
