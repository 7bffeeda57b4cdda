import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serviceTo, slice } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, httpRoute, type Rule, to } from './gateway-lab.ts';

let lab: GatewayLab;

beforeAll(async () => {
  lab = await GatewayLab.start(['a', 'b']);
  const [service] = serviceTo({ name: 'both', port: 80 });
  const [a, b] = lab.backends.map(({ port }, index) =>
    slice('both', port, [{ addresses: ['127.0.0.1'], conditions: { ready: true } }], `both-${index}`),
  );
  const sticky = (path: string, sessionPersistence: Rule['sessionPersistence'], fields: Partial<Rule> = {}) =>
    to('both', path, { ...(sessionPersistence && { sessionPersistence }), ...fields });
  const filter = (value: string): NonNullable<Rule['filters']> => [
    { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x-for', value }] } },
  ];
  await lab.home.apply(
    ...[service, a, b].flatMap((object) => object ?? []),
    httpRoute('sessions', [
      sticky('/cookie/', { sessionName: 'basket' }),
      sticky('/header', { type: 'Header', sessionName: 'X-Session' }),
      sticky('/permanent', { absoluteTimeout: '1h', cookieConfig: { lifetimeType: 'Permanent' } }),
      sticky('/short', { type: 'Header', sessionName: 'x-short', absoluteTimeout: '1s' }),
      sticky(
        '/weights',
        { sessionName: 'side' },
        {
          backendRefs: [
            { name: 'a', port: 80, filters: filter('a') },
            { name: 'b', port: 80, filters: filter('b') },
          ],
        },
      ),
    ]),
    httpRoute('badly', [sticky('/badly', { sessionName: 'a b' })]),
  );
  await eventually(async () => {
    for (const path of ['/cookie', '/header', '/permanent', '/short', '/weights']) {
      expect(await lab.answerer(path)).toMatch(/^[ab]$/);
    }
  });
});
afterAll(() => lab.stop());

/** Who answers so many requests that carry something of the session. */
async function answerers(path: string, headers: Readonly<Record<string, string>>, count = 12): Promise<string[]> {
  const found = new Set<string>();
  for (let index = 0; index < count; index += 1) found.add(await lab.answerer(path, { headers }));
  return [...found].sort();
}

async function begin(
  path: string,
): Promise<{ readonly by: string; readonly cookie: string; readonly attributes: string }> {
  const { headers } = await lab.ask(path);
  const [all = ''] = headers['set-cookie'] ?? [];
  const end = all.indexOf(';');
  return { by: String(headers['x-backend']), cookie: all.slice(0, end), attributes: all.slice(end) };
}

describe('GW-28 session persistence', () => {
  test('a cookie ties a client to an endpoint, until that is gone', async () => {
    expect(await answerers('/cookie', {})).toEqual(['a', 'b']);
    const { by, cookie, attributes } = await begin('/cookie');
    expect(cookie).toMatch(/^basket=/);
    expect(attributes).toMatch(/Path=\/cookie(;|$)/);
    expect(attributes).not.toMatch(/Max-Age|Expires/);
    expect(await answerers('/cookie', { cookie })).toEqual([by]);
    expect((await lab.ask('/cookie', { headers: { cookie } })).headers['set-cookie']).toBeUndefined();

    const index = by === 'a' ? 0 : 1;
    await lab.home.kubectl(['delete', 'endpointslice', `both-${index}`, '-n', 'default']);
    await eventually(async () => {
      const { headers } = await lab.ask('/cookie', { headers: { cookie } });
      expect(headers['x-backend']).toBe(by === 'a' ? 'b' : 'a');
      expect(headers['set-cookie']?.[0]).toMatch(/^basket=/);
    });
    const port = lab.backends[index]?.port ?? 0;
    await lab.home.apply(
      slice('both', port, [{ addresses: ['127.0.0.1'], conditions: { ready: true } }], `both-${index}`),
    );
    await eventually(async () => expect(await answerers('/header', {})).toEqual(['a', 'b']));
  });

  test('a header does the same', async () => {
    const { headers } = await lab.ask('/header');
    const session = String(headers['x-session']);
    expect(headers['set-cookie']).toBeUndefined();
    expect(await answerers('/header', { 'X-Session': session })).toEqual([headers['x-backend']]);
    expect((await lab.ask('/header', { headers: { 'x-session': session } })).headers['x-session']).toBeUndefined();
  });

  test('how long it lasts', async () => {
    const { cookie, attributes } = await begin('/permanent');
    expect(cookie).toMatch(/^causeway-[0-9a-f]{12}=/);
    expect(attributes).toMatch(/Max-Age=3600/);
    expect(attributes).toMatch(/Expires=/);
    const session = String((await lab.ask('/short')).headers['x-short']);
    await eventually(async () => {
      const { headers } = await lab.ask('/short', { headers: { 'x-short': session } });
      expect(headers['x-short']).toMatch(/\|/);
      expect(headers['x-short']).not.toBe(session);
    });
  });

  test('it stays with its backend where each has its own filters', async () => {
    const { by, cookie } = await begin('/weights');
    expect(await answerers('/weights', { cookie })).toEqual([by]);
  });

  test('an XBackendTrafficPolicy gives sessions to a Service; of two the older counts, and the other is told', async () => {
    const forService = (name: string, spec: object): object => ({
      apiVersion: 'gateway.networking.x-k8s.io/v1alpha1',
      kind: 'XBackendTrafficPolicy',
      metadata: { name, namespace: 'default' },
      spec: { targetRefs: [{ group: '', kind: 'Service', name: 'both' }], ...spec },
    });
    const said = async (name: string): Promise<string> => {
      const key = { namespace: 'default', name };
      const { status } = (await lab.home.read('XBackendTrafficPolicy', key)) ?? {};
      const { reason, message } = status?.ancestors[0]?.conditions[0] ?? {};
      return `${reason}: ${message}`;
    };
    const sessionPersistence = { sessionName: 'of-service' };
    await lab.home.apply(httpRoute('plain', [to('both', '/plain')]), forService('first', { sessionPersistence }));
    await eventually(async () => {
      const { by, cookie } = await begin('/plain');
      expect(cookie).toMatch(/^of-service=/);
      expect(await answerers('/plain', { cookie })).toEqual([by]);
      // What a rule says itself comes first.
      expect((await begin('/cookie/')).cookie).toMatch(/^basket=/);
      expect(await said('first')).toContain('Accepted: ');
    });
    // Of several Services, if all of them say the same.
    const ofBoth = to('a', '/split', {
      backendRefs: [
        { name: 'a', port: 80 },
        { name: 'both', port: 80 },
      ],
    });
    await lab.home.apply(httpRoute('split', [ofBoth]));
    await eventually(async () => expect((await lab.ask('/split')).status).toBe(200));
    expect((await begin('/split')).cookie).toBe('');
    await lab.home.apply(
      forService('of-a', { targetRefs: [{ group: '', kind: 'Service', name: 'a' }], sessionPersistence }),
    );
    await eventually(async () => {
      const { by, cookie } = await begin('/split');
      expect(cookie).toMatch(/^of-service=/);
      expect(await answerers('/split', { cookie })).toEqual([by]);
    });
    await lab.home.kubectl(['delete', 'xbackendtrafficpolicy', 'of-a', '-n', 'default']);
    await eventually(async () => expect((await begin('/split')).cookie).toBe(''));

    await lab.home.apply(forService('second', {}), forService('first', { sessionPersistence }));
    await eventually(async () => {
      expect(await said('second')).toBe('Conflicted: Service both has XBackendTrafficPolicy default/first');
    });
    await lab.home.kubectl(['delete', 'xbackendtrafficpolicy', 'first', '-n', 'default']);
    await eventually(async () => {
      expect((await begin('/plain')).cookie).toBe('');
      expect(await said('second')).toContain('Accepted: ');
    });
  });

  test('what cannot be is told, and refused', async () => {
    await eventually(async () => expect(await lab.routeCondition('badly', 'Accepted')).toBe('False UnsupportedValue'));
    expect(await lab.answerer('/badly')).toBe('500');
    const endless = httpRoute('endless', [
      to('a', '/endless', { sessionPersistence: { cookieConfig: { lifetimeType: 'Permanent' } } }),
    ]);
    await expect(lab.home.apply(endless)).rejects.toThrow('AbsoluteTimeout must be specified');
    for (const type of ['Cookie', 'Header']) {
      const sessionPersistence = { type, idleTimeout: '1m' } as never;
      expect(await lab.home.tryApply(httpRoute('idle', [to('a', '/idle', { sessionPersistence })]))).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/unknown field "(spec\.rules\[0\]\.sessionPersistence\.)?idleTimeout"/),
      });
    }
  });
});
