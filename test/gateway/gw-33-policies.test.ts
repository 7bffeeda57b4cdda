import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, httpListener, httpRoute, to } from './gateway-lab.ts';
import { policy, policyCondition, target } from './policy-objects.ts';

let lab: GatewayLab;

beforeAll(async () => {
  lab = await GatewayLab.start(['a'], [httpListener('http', { allowedRoutes: { namespaces: { from: 'All' } } })]);
  const rules = [{ ...to('a', '/named'), name: 'named' }, to('a', '/')];
  await lab.home.apply(httpRoute('web', rules), httpRoute('plain', [to('a', '/plain')]));
  await lab.answers({ '/': 'a', '/plain': 'a' });
});
afterAll(() => lab.stop());

function timeout(requestTimeout: string): object {
  return { timeout: { http: { requestTimeout } } };
}

describe('GW-33 attachment', () => {
  test('a rule before its route, a route before the Gateway; who loses something is told so', async () => {
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'gateway', 'Gateway/demo', timeout('200ms')),
      policy('BackendTrafficPolicy', 'route', 'HTTPRoute/web', timeout('20s')),
      policy('BackendTrafficPolicy', 'rule', 'HTTPRoute/web/named', timeout('200ms')),
    );
    await eventually(async () => {
      const statuses = ['/', '/named', '/plain'].map(async (path) => (await lab.ask(`${path}?sleep=700`)).status);
      expect(await Promise.all(statuses)).toEqual([200, 504, 504]);
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'gateway', 'Overridden')).toContain(
        'HTTPRoute default/web',
      );
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'route', 'Overridden')).toContain('rule named');
    });
    await lab.home.kubectl(['delete', 'backendtrafficpolicy', 'route', 'rule', '-n', 'default']);
    await eventually(async () => {
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'gateway', 'Overridden')).toBe('');
      expect((await lab.ask('/?sleep=700')).status).toBe(504);
    });
  });

  test('a listener before its Gateway, a route before both', async () => {
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'gateway', 'Gateway/demo', timeout('200ms')),
      policy('BackendTrafficPolicy', 'listener', 'Gateway/demo/http', timeout('20s')),
      policy('BackendTrafficPolicy', 'route', 'HTTPRoute/plain', timeout('200ms')),
    );
    const overridden = (name: string) => policyCondition(lab, 'BackendTrafficPolicy', name, 'Overridden');
    await eventually(async () => {
      const statuses = ['/', '/plain'].map(async (path) => (await lab.ask(`${path}?sleep=700`)).status);
      expect(await Promise.all(statuses)).toEqual([200, 504]);
      expect(await overridden('gateway')).toMatch(/^True Overridden: .*HTTPRoute default\/plain, listener http/);
      expect(await overridden('listener')).toMatch(/^True Overridden: .*HTTPRoute default\/plain/);
    });
    await lab.home.kubectl(['delete', 'backendtrafficpolicy', 'listener', 'route', '-n', 'default']);
    await eventually(async () => {
      expect((await lab.ask('/?sleep=700')).status).toBe(504);
      expect(await overridden('gateway')).toBe('');
    });
  });

  test('a policy of a rule that adds to that of its Gateway stands in the place of that of its route; all three are told so', async () => {
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'gateway', 'Gateway/demo', timeout('200ms')),
      policy('BackendTrafficPolicy', 'route', 'HTTPRoute/web', timeout('20s')),
      policy('BackendTrafficPolicy', 'rule', 'HTTPRoute/web/named', {
        mergeType: 'StrategicMerge',
        requestBuffer: { limit: '1Ki' },
      }),
    );
    const told = (name: string, type: string) => policyCondition(lab, 'BackendTrafficPolicy', name, type);
    await eventually(async () => {
      const statuses = ['/', '/named', '/plain'].map(async (path) => (await lab.ask(`${path}?sleep=700`)).status);
      expect(await Promise.all(statuses)).toEqual([200, 504, 504]);
      expect(await told('rule', 'Merged')).toContain('BackendTrafficPolicy default/gateway says');
      expect(await told('gateway', 'Merged')).toContain('HTTPRoute default/web');
      expect(await told('route', 'Overridden')).toContain('rule named');
      expect(await told('route', 'Merged')).toBe('');
    });
    await lab.home.kubectl(['delete', 'backendtrafficpolicy', 'gateway', 'route', '-n', 'default']);
    await eventually(async () => {
      expect(await told('rule', 'Merged')).toBe('');
      expect(await told('rule', 'Accepted')).toContain('True Accepted');
    });
    await lab.home.kubectl(['delete', 'backendtrafficpolicy', 'rule', '-n', 'default']);
  });

  test('the oldest of two for the same wins; labels choose too; what is not there is told', async () => {
    await lab.home.apply(policy('BackendTrafficPolicy', 'z-first', 'HTTPRoute/plain', timeout('20s')));
    await eventually(async () =>
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'z-first')).toContain('True Accepted'),
    );
    // Ages are whole seconds: of equal ones the name would decide.
    const made = (await lab.home.read('BackendTrafficPolicy', { namespace: 'default', name: 'z-first' }))?.metadata;
    await eventually(() => expect(Date.now()).toBeGreaterThan(Date.parse(made?.creationTimestamp ?? '') + 1000));
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'a-second', 'HTTPRoute/plain', timeout('200ms')),
      policy('BackendTrafficPolicy', 'nowhere', 'HTTPRoute/missing', timeout('1s')),
      policy('BackendTrafficPolicy', 'no-rule', 'HTTPRoute/web/missing', timeout('1s')),
      policy('SecurityPolicy', 'chooses', 'Gateway/missing', {
        targetSelectors: [{ kind: 'HTTPRoute', matchLabels: { team: 'shop' } }],
        cors: { allowOrigins: ['https://a.com'] },
      }),
    );
    await lab.home.kubectl(['label', 'httproute', 'web', '-n', 'default', 'team=shop']);
    await eventually(async () => {
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'a-second')).toContain('False Conflicted');
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'nowhere')).toContain('False TargetNotFound');
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'no-rule')).toContain('False TargetNotFound');
      expect((await lab.ask('/plain?sleep=700')).status).toBe(200);
      const { headers } = await lab.ask('/', { headers: { origin: 'https://a.com' } });
      expect(headers['access-control-allow-origin']).toBe('https://a.com');
    });
    await lab.home.kubectl(['delete', 'backendtrafficpolicy,securitypolicy', '--all', '-n', 'default']);
  });

  test('a SecurityPolicy of a route may add to that of its Gateway, which names objects of its own namespace', async () => {
    await lab.home.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } },
      {
        ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys', namespace: 'default' } },
        stringData: { ann: 'key-of-ann' },
      },
      {
        ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys', namespace: 'team' } },
        stringData: { eve: 'key-of-eve' },
      },
      policy('SecurityPolicy', 'all', 'Gateway/demo', {
        apiKeyAuth: { credentialRefs: [{ name: 'keys' }], extractFrom: [{ headers: ['x-key'] }] },
        authorization: { defaultAction: 'Deny' },
      }),
      {
        apiVersion: 'gateway.networking.k8s.io/v1beta1',
        kind: 'ReferenceGrant',
        metadata: { name: 'team', namespace: 'default' },
        spec: {
          from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'team' }],
          to: [{ group: '', kind: 'Service' }],
        },
      },
      {
        ...httpRoute('added', [to('a', '/added', { backendRefs: [{ name: 'a', namespace: 'default', port: 80 }] })], {
          parentRefs: [{ name: 'demo', namespace: 'default' }],
        }),
        metadata: { name: 'added', namespace: 'team' },
      },
      {
        ...policy('SecurityPolicy', 'added', 'HTTPRoute/added', {
          mergeType: 'StrategicMerge',
          authorization: {
            rules: [{ action: 'Allow', principal: { headers: [{ name: 'x-team', values: ['one'] }] } }],
          },
        }),
        metadata: { name: 'added', namespace: 'team' },
      },
    );
    const status = async (path: string, headers: Readonly<Record<string, string>>) =>
      (await lab.ask(path, { headers })).status;
    const team = { 'x-team': 'one' };
    await eventually(async () => {
      expect([
        await status('/added', team),
        await status('/added', { ...team, 'x-key': 'key-of-eve' }),
        await status('/added', { 'x-key': 'key-of-ann' }),
        await status('/added', { ...team, 'x-key': 'key-of-ann' }),
        await status('/plain', { ...team, 'x-key': 'key-of-ann' }),
      ]).toEqual([401, 401, 403, 200, 403]);
      const added = await lab.home.read('SecurityPolicy', { namespace: 'team', name: 'added' });
      const conditions = added?.status?.ancestors[0]?.conditions.map(({ type, status: is }) => `${type} ${is}`);
      expect(conditions?.sort()).toEqual(['Accepted True', 'Merged True']);
      expect(await policyCondition(lab, 'SecurityPolicy', 'all', 'Overridden')).toBe('');
      expect(await policyCondition(lab, 'SecurityPolicy', 'all', 'Merged')).toContain('HTTPRoute team/added');
    });
    await lab.home.kubectl(['delete', 'secret', 'keys', '-n', 'default']);
    await eventually(async () => {
      const added = await lab.home.read('SecurityPolicy', { namespace: 'team', name: 'added' });
      expect(added?.status?.ancestors[0]?.conditions.find(({ type }) => type === 'Accepted')?.message).toContain(
        'Secret default/keys not found',
      );
      expect(await status('/added', team)).toBe(500);
    });
    await lab.home.kubectl(['delete', 'namespace', 'team']);
    await lab.home.kubectl(['delete', 'securitypolicy', '--all', '-n', 'default']);
  });

  test('what a policy cannot be for is refused; a setting that is not served is named', async () => {
    const cases = [
      [policy('ClientTrafficPolicy', 'bad', 'HTTPRoute/web'), 'kind of Gateway'],
      [policy('SecurityPolicy', 'bad', 'UDPRoute/web'), 'targetRefs[*].kind of Gateway/HTTPRoute/GRPCRoute/TCPRoute'],
      [{ ...policy('SecurityPolicy', 'bad', 'Gateway/demo'), spec: {} }, 'either targetRef or targetRefs must be used'],
      [
        policy('BackendTrafficPolicy', 'bad', 'Gateway/demo', { timeout: { tcp: { connectTimeout: 'fast' } } }),
        'spec.timeout.tcp.connectTimeout',
      ],
    ] as const;
    for (const [object, message] of cases) await expect(lab.home.apply(object)).rejects.toThrow(message);
    // A field that targets do not have is left out, with a warning.
    const backendTls = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'BackendTLSPolicy',
      metadata: { name: 'far', namespace: 'default' },
      spec: {
        targetRefs: [{ group: '', kind: 'Service', name: 'none', namespace: 'far' }],
        validation: { hostname: 'a.test', wellKnownCACertificates: 'System' },
      },
    };
    const { code, stderr } = await lab.home.tryKubectl(
      ['apply', '--validate=warn', '-f', '-'],
      JSON.stringify(backendTls),
    );
    expect([code, stderr]).toEqual([0, expect.stringContaining('unknown field "spec.targetRefs[0].namespace"')]);
    const { spec } = (await lab.home.read('BackendTLSPolicy', { namespace: 'default', name: 'far' })) ?? {};
    expect(spec?.targetRefs).toEqual([{ group: '', kind: 'Service', name: 'none' }]);
    await lab.home.apply({
      ...policy('BackendTrafficPolicy', 'unserved', 'Gateway/demo'),
      spec: { targetRef: target('Gateway/demo'), telemetry: { metrics: {} }, ...timeout('200ms') },
    });
    await eventually(async () => {
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'unserved')).toBe(
        'False Invalid: spec.telemetry.metrics: not served',
      );
      expect((await lab.ask('/?sleep=700')).status).toBe(504);
    });
    await lab.home.kubectl(['delete', 'backendtrafficpolicy', '--all', '-n', 'default']);
  });
});
