import { connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAuthServer } from '../acceptance/auth-server.ts';
import { createAuthority } from '../acceptance/certificate-authority.ts';
import type { Echo } from '../acceptance/echo-backend.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { type CheckService, startCheckService } from './check-service.ts';
import { GatewayLab, HTTP_PORT, httpRoute, to } from './gateway-lab.ts';
import { policy } from './policy-objects.ts';

let lab: GatewayLab;
let service: CheckService;

/** Of nobody, but it has the form of one. */
const TOKEN = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.e30.AAAA`;
const CA = { group: '', kind: 'ConfigMap', name: 'authority' };

beforeAll(async () => {
  service = await startCheckService();
  lab = await GatewayLab.start(['a', 'b']);
  const names = ['grpc', 'open', 'closed', 'http', 'http-open'];
  await lab.home.apply(
    ...serviceTo({ name: 'check', port: service.port }),
    ...serviceTo({ name: 'away', port: 1 }),
    ...names.map((name) => httpRoute(name, [to('a', `/${name}`)])),
  );
  await lab.answers(Object.fromEntries(names.map((name) => [`/${name}`, 'a'])));
});
afterAll(async () => {
  await lab?.stop();
  service.close();
});

function extAuth(name: string, fields: object): object {
  return policy('SecurityPolicy', name, `HTTPRoute/${name}`, { extAuth: fields });
}

function to80(...names: readonly string[]) {
  return { backendRefs: names.map((name) => ({ name, port: 80 })) };
}

describe('GW-38 external authorization', () => {
  test('GW-25 a filter of a rule asks by gRPC, too, and tells only the headers that are named, if any are', async () => {
    const filter = (grpc: object) =>
      ({
        type: 'ExternalAuth',
        externalAuth: { protocol: 'GRPC', backendRef: { name: 'check', port: 80 }, grpc },
      }) as const;
    await lab.home.apply(
      httpRoute('filter', [
        to('a', '/filter/all', { filters: [filter({})] }),
        to('a', '/filter/named', { filters: [filter({ allowedHeaders: ['X-Told'] })] }),
      ]),
    );
    const headers = { 'x-pass': 'yes', 'x-told': 'yes' };
    await eventually(async () => {
      expect((await lab.ask('/filter/all')).status).toBe(418);
      const { status, body } = await lab.ask('/filter/all', { headers });
      expect(status).toBe(200);
      expect((JSON.parse(body) as Echo).headers).toMatchObject({ 'x-user': 'ann' });
      // It is not told what would let the request pass.
      expect((await lab.ask('/filter/named', { headers })).status).toBe(418);
    });
    const told = service.checked.findLast(({ path }) => path === '/filter/named')?.headers;
    expect([told?.['x-told'], told?.['x-pass']]).toEqual(['yes', undefined]);
    await eventually(async () => expect(await lab.routeCondition('filter', 'Accepted')).toBe('True Accepted'));
  });

  test('GW-25 a filter tells the beginning of the body, whose length the client need not say, and the backend gets all of it', async () => {
    const auth = await startAuthServer();
    const filter = (fields: object) =>
      ({ type: 'ExternalAuth', externalAuth: { backendRef: { name: 'auth', port: 80 }, ...fields } }) as never;
    const forwardBody = { maxSize: 10 };
    await lab.home.apply(
      ...serviceTo({ name: 'auth', port: auth.port }),
      httpRoute('body', [
        to('a', '/body/http', { filters: [filter({ protocol: 'HTTP', http: {}, forwardBody })] }),
        to('a', '/body/none', { filters: [filter({ protocol: 'HTTP', http: {}, forwardBody: { maxSize: 0 } })] }),
        to('a', '/body/grpc', {
          filters: [filter({ protocol: 'GRPC', grpc: {}, forwardBody, backendRef: { name: 'check', port: 80 } })],
        }),
      ]),
    );
    const headers = { 'x-pass': 'yes' };
    const ask = async (path: string, body: string) => {
      const answer = await lab.ask(path, { method: 'POST', body, headers });
      const { headers: seen } = JSON.parse(answer.body) as Echo;
      return [seen['content-length'], auth.asked.at(-1)?.body];
    };
    try {
      await eventually(async () => {
        expect(await ask('/body/http', 'hello')).toEqual(['5', 'hello']);
        expect(await ask('/body/http', 'more than ten')).toEqual(['13', 'more than ']);
        expect(await ask('/body/none', 'hello')).toEqual(['5', '']);
        expect((await ask('/body/grpc', 'more than ten'))[0]).toBe('13');
      });
      expect(service.checked.findLast(({ path }) => path === '/body/grpc')?.body).toBe('more than ');
      const session = connect(`http://${lab.address}:${HTTP_PORT}`);
      try {
        for (const path of ['/body/http', '/body/grpc']) {
          const stream = session.request({ ':method': 'POST', ':path': path, ...headers });
          stream.write('no ');
          stream.end('length');
          expect((JSON.parse(await text(stream)) as Echo).headers['content-length']).toBe('9');
        }
      } finally {
        session.close();
      }
      expect(auth.asked.at(-1)?.body).toBe('no length');
      expect(service.checked.findLast(({ path }) => path === '/body/grpc')?.body).toBe('no length');
    } finally {
      await auth.close();
    }
  });

  test('a service that speaks gRPC is told the request, and changes it or answers it', async () => {
    await lab.home.apply(
      extAuth('grpc', {
        grpc: to80('check'),
        bodyToExtAuth: { maxRequestBytes: 10 },
        contextExtensions: [{ name: 'tenant', type: 'Value', value: 'blue' }],
      }),
    );
    const headers = { 'x-pass': 'yes', 'x-secret': 's', 'x-via': 'client', 'x-user': 'root' };
    await eventually(async () => {
      const refused = await lab.ask('/grpc');
      expect([refused.status, refused.body, refused.headers['x-why']]).toEqual([418, 'go away', 'no pass']);
      const {
        status,
        body,
        headers: answered,
      } = await lab.ask('/grpc/x?q=1', { method: 'POST', body: 'hello', headers });
      expect([status, answered['x-checked']]).toEqual([200, 'yes']);
      const echo = JSON.parse(body) as Echo;
      expect(echo.headers).toMatchObject({ 'x-user': 'ann', 'x-via': 'client, check' });
      expect(echo.headers['x-secret']).toBeUndefined();
      expect((await lab.ask('/grpc', { method: 'POST', body: 'more than ten', headers })).status).toBe(413);
    });
    expect(service.checked).toContainEqual(
      expect.objectContaining({ method: 'POST', path: '/grpc/x?q=1', body: 'hello', extensions: { tenant: 'blue' } }),
    );
  });

  test('GW-40 a service whose owner wants it verified is asked over TLS, and only if it proves who it is', async () => {
    const authority = await createAuthority('one');
    const certificate = await authority.issue('auth.test');
    const [auth, check] = await Promise.all([startAuthServer(certificate), startCheckService(certificate)]);
    const tlsPolicy = (name: string, hostname: string, others: object = {}) => ({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'BackendTLSPolicy',
      metadata: { name, namespace: 'default' },
      spec: {
        targetRefs: ['auth', 'check'].map((kind) => ({ group: '', kind: 'Service', name: `${kind}-${name}` })),
        validation: { hostname, caCertificateRefs: [CA], ...others },
      },
    });
    const rules = {
      '/filter': { protocol: 'HTTP', http: {}, backendRef: { name: 'auth-good', port: 80 } },
      '/filter-grpc': { protocol: 'GRPC', grpc: {}, backendRef: { name: 'check-good', port: 80 } },
      '/filter-wrong': { protocol: 'HTTP', http: {}, backendRef: { name: 'auth-wrong', port: 80 } },
    };
    const policies = {
      '/http': { extAuth: { http: { ...to80('auth-good'), headersToBackend: ['X-User'] } } },
      '/grpc': { extAuth: { grpc: to80('check-good') } },
      '/http-wrong': { extAuth: { http: to80('auth-wrong') } },
      '/grpc-wrong': { extAuth: { grpc: to80('check-wrong') } },
      '/http-named': { extAuth: { http: to80('auth-named') } },
      '/grpc-named': { extAuth: { grpc: to80('check-named') } },
      '/object': {
        extAuth: { http: { backendRefs: [{ group: 'gateway.envoyproxy.io', kind: 'Backend', name: 'auth' }] } },
      },
      '/keys': {
        jwt: {
          providers: [
            { name: 'p', remoteJWKS: { uri: 'https://issuer.test/keys', backendRefs: to80('auth-good').backendRefs } },
          ],
        },
      },
    };
    await lab.home.apply(
      {
        ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: CA.name, namespace: 'default' } },
        data: { 'ca.crt': authority.certificatePem },
      },
      ...['good', 'wrong', 'named'].flatMap((name) => [
        ...serviceTo({ name: `auth-${name}`, port: auth.port }),
        ...serviceTo({ name: `check-${name}`, port: check.port }),
      ]),
      tlsPolicy('good', 'auth.test'),
      tlsPolicy('wrong', 'other.test'),
      tlsPolicy('named', 'other.test', { subjectAltNames: [{ type: 'Hostname', hostname: 'auth.test' }] }),
      {
        apiVersion: 'gateway.envoyproxy.io/v1alpha1',
        kind: 'Backend',
        metadata: { name: 'auth', namespace: 'default' },
        spec: {
          endpoints: [{ ip: { address: '127.0.0.1', port: auth.port } }],
          tls: { sni: 'auth.test', caCertificateRefs: [CA] },
        },
      },
      httpRoute('tls', [
        ...Object.entries(rules).map(([path, externalAuth]) =>
          to('a', `/tls${path}`, { filters: [{ type: 'ExternalAuth', externalAuth } as never] }),
        ),
        ...Object.keys(policies).map((path) => to('a', `/tls${path}`, { name: path.slice(1) })),
      ]),
      ...Object.entries(policies).map(([path, fields]) =>
        policy('SecurityPolicy', `tls-${path.slice(1)}`, `HTTPRoute/tls/${path.slice(1)}`, fields),
      ),
    );
    const headers = { 'x-pass': 'yes', 'x-user': 'eve', authorization: `Bearer ${TOKEN}` };
    const statuses = async () => {
      const found: Record<string, number> = {};
      for (const path of [...Object.keys(rules), ...Object.keys(policies)]) {
        found[path] = (await lab.ask(`/tls${path}`, { method: 'POST', body: 'x', headers })).status;
      }
      return found;
    };
    try {
      auth.answer(200, { 'x-user': 'ada' });
      await eventually(async () => {
        expect(await statuses()).toEqual({
          ...{ '/filter': 200, '/filter-grpc': 200, '/filter-wrong': 500, '/http': 200, '/grpc': 200 },
          ...{ '/http-wrong': 403, '/grpc-wrong': 403, '/http-named': 200, '/grpc-named': 200 },
          ...{ '/object': 200, '/keys': 401 },
        });
        expect(auth.asked.some(({ url, headers: { host } }) => url === '/keys' && host === 'issuer.test')).toBe(true);
      });
      const { body } = await lab.ask('/tls/http', { headers });
      expect((JSON.parse(body) as Echo).headers['x-user']).toBe('ada');
      expect(auth.asked.at(-1)).toMatchObject({ method: 'GET', url: '/tls/http', headers: { host: 'localhost' } });
      expect(auth.connections()).toBeLessThan(auth.asked.length);
      auth.answer(302, { location: 'https://sign.in/' });
      expect(await lab.ask('/tls/http')).toMatchObject({ status: 302, headers: { location: 'https://sign.in/' } });
      // Who is trusted no more is asked no more, also over connections that are open.
      await lab.home.apply(tlsPolicy('good', 'other.test'));
      await eventually(async () =>
        expect(await statuses()).toMatchObject({ '/filter': 500, '/http': 403, '/grpc': 403 }),
      );
    } finally {
      check.close();
      await auth.close();
    }
  });

  test('while it cannot be asked nobody gets through, unless the policy is to fail open', async () => {
    await lab.home.apply(
      extAuth('open', { grpc: to80('away'), failOpen: true, timeout: '1s' }),
      extAuth('closed', { grpc: to80('away'), timeout: '1s' }),
      extAuth('http-open', { http: to80('away'), failOpen: true, timeout: '1s' }),
    );
    await eventually(async () => {
      expect([
        (await lab.ask('/open')).status,
        (await lab.ask('/closed')).status,
        (await lab.ask('/http-open')).status,
      ]).toEqual([200, 403, 200]);
    });
  });

  test('a service that speaks HTTP gets the headers that are named, and the body', async () => {
    await lab.home.apply(
      extAuth('http', {
        http: { ...to80('b'), path: '/check' },
        headersToExtAuth: ['X-Told'],
        bodyToExtAuth: { maxRequestBytes: 10 },
      }),
    );
    const seen = lab.backends[1];
    await eventually(async () => {
      expect((await lab.ask('/http?status=418')).status).toBe(418);
      const before = seen?.requests() ?? 0;
      const { status } = await lab.ask('/http', {
        method: 'POST',
        body: 'hello',
        headers: { 'x-told': 'yes', 'x-untold': 'no' },
      });
      expect([status, seen?.requests()]).toEqual([200, before + 1]);
      expect((await lab.ask('/http', { method: 'POST', body: 'more than ten' })).status).toBe(413);
    });
  });
});
