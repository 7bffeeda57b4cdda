import type { BackendIR, ForwardIR } from '@causeway/ir/gateway';
import { describe, expect, test } from 'vitest';
import { forwardGroup, renderGroup } from './group-record.ts';
import { renderPort } from './port-records.ts';
import { profilesOf } from './profile.ts';
import { renderRoute } from './route-records.ts';
import { endpoints, forward, listener, route } from './testing/fragments.ts';

const everyCertificate = (): boolean => true;

function backend(id: string, weight: number, fields: Partial<BackendIR> = {}): BackendIR {
  return { weight, protocol: 'http', filters: [], target: { type: 'endpoints', id }, ...fields };
}

function actionOf(action: ForwardIR) {
  const { record, group } = renderRoute(route('r', '/', 80, { action }), [listener(80)]);
  return { action: record?.action, group };
}

describe('ALB-61 weights', () => {
  const cases = [
    { name: 'equal endpoints weigh 1', weights: [100], counts: [3], want: [1, 1, 1] },
    { name: 'a service share is split over its endpoints', weights: [50, 50], counts: [2, 1], want: [1, 1, 2] },
    { name: '70 to 30', weights: [70, 30], counts: [1, 1], want: [7, 3] },
    { name: 'at least 1 above 0', weights: [1, 1000], counts: [1, 1], want: [1, 100] },
    { name: 'weight 0 gets nothing', weights: [100, 0], counts: [1, 1], want: [1] },
    { name: 'a service without endpoints gives its share away', weights: [50, 50], counts: [0, 2], want: [1, 1] },
  ];
  for (const c of cases) {
    test(c.name, () => {
      const backends = c.weights.map((weight, i) => backend(`ns/s${i}:80`, weight));
      const { group } = actionOf(forward([], { backends }));
      if (group === undefined) throw new Error('no group');
      const record = renderGroup(group, (id) => {
        const i = Number(id.charAt(4));
        return endpoints(id, ...Array.from({ length: c.counts[i] ?? 0 }, (_, n) => 1_000 * (i + 1) + n));
      });
      expect(record.peers.map((peer) => peer.weight)).toEqual(c.want);
    });
  }

  test('Gateway API: what has no endpoint keeps its share, unless nothing has one', () => {
    const backends = [backend('ns/a:80', 1), backend('ns/b:80', 3)];
    const { group } = actionOf(forward([], { backends, keepsShares: true }));
    if (group === undefined) throw new Error('no group');
    const shareOf = (...full: readonly string[]) =>
      renderGroup(group, (id) => endpoints(id, ...(full.includes(id) ? [1] : []))).emptyShare;
    expect([shareOf('ns/a:80'), shareOf('ns/b:80'), shareOf('ns/a:80', 'ns/b:80'), shareOf()]).toEqual([
      ...[0.75, 0.25, undefined, 1],
    ]);
  });

  test('what stands in for others has no share while it does not, and then theirs', () => {
    const backends = [backend('ns/a:80', 1), { ...backend('ns/b:80', 3), fallback: true as const }];
    const { group } = actionOf(forward([], { backends, keepsShares: true }));
    if (group === undefined) throw new Error('no group');
    const shareOf = (...full: readonly string[]) =>
      renderGroup(group, (id) => endpoints(id, ...(full.includes(id) ? [1] : []))).emptyShare;
    expect([shareOf('ns/a:80'), shareOf('ns/b:80'), shareOf('ns/a:80', 'ns/b:80')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('layer 4: what cannot be reached keeps its share, beside what has no endpoint', () => {
    const target = { type: 'invalid', status: 500, reason: 'missing' } as const;
    const backends = [backend('ns/a:80', 1), backend('ns/b:80', 1), { ...backend('ns/c:80', 2), target }];
    const shareOf = (keepsShares: boolean, ...full: readonly string[]) =>
      renderGroup(forwardGroup(forward([], { backends, ...(keepsShares && { keepsShares }) })), (id) =>
        endpoints(id, ...(full.includes(id) ? [1] : [])),
      ).emptyShare;
    expect([shareOf(true, 'ns/a:80', 'ns/b:80'), shareOf(true, 'ns/a:80'), shareOf(false, 'ns/a:80')]).toEqual([
      ...[0.5, 0.75, undefined],
    ]);
  });

  test('an address of two services is one peer with both weights', () => {
    const { group } = actionOf(forward(['ns/a:80', 'ns/b:80']));
    const record = group && renderGroup(group, (id) => endpoints(id, ...(id === 'ns/a:80' ? [1, 2] : [2])));
    expect(record?.peers).toEqual([
      { address: '127.0.0.1', port: 1, weight: 1 },
      { address: '127.0.0.1', port: 2, weight: 3 },
    ]);
  });

  test('IPv6 addresses get brackets', () => {
    const { group } = actionOf(forward(['ns/a:80']));
    const set = { kind: 'endpointSet', id: 'ns/a:80', endpoints: [{ address: '2001:db8::1', port: 80 }] } as const;
    expect(group && renderGroup(group, () => set).peers).toEqual([{ address: '[2001:db8::1]', port: 80, weight: 1 }]);
  });
});

describe('groups', () => {
  test('equal backends share a group, whatever their timeouts', () => {
    const timeouts = { connectMs: 1, sendMs: 1, readMs: 1 };
    expect(actionOf(forward(['a/b:1'], { timeouts })).group?.id).toBe(actionOf(forward(['a/b:1'])).group?.id);
  });

  test('other weights or another answer without endpoints are another group', () => {
    const plain = actionOf(forward(['a/b:1'])).group?.id;
    const weighted = actionOf(forward([], { backends: [backend('a/b:1', 7)] })).group?.id;
    const noEndpoints = { type: 'respond', status: 503, reason: 'x' } as const;
    expect(new Set([plain, weighted, actionOf(forward(['a/b:1'], { noEndpoints })).group?.id]).size).toBe(3);
  });

  test('ALB-110: without endpoints the group says so', () => {
    const { group } = actionOf(forward(['a/b:1']));
    expect(group && renderGroup(group, () => undefined)).toMatchObject({
      peers: [],
      emptyStatus: 500,
      emptyReason: 'InvalidBalancer : no balancer found for r',
    });
  });
});

describe('what cannot be done is answered, not left out', () => {
  const invalid: BackendIR = backend('', 100, { target: { type: 'invalid', status: 500, reason: 'BackendNotFound' } });
  const cases: { name: string; action: ForwardIR; want: string | undefined }[] = [
    {
      name: 'backend protocol',
      action: forward([], { backends: [backend('a/b:1', 1, { protocol: 'tcp' })] }),
      want: 'InvalidUpstream : backend protocol tcp',
    },
    {
      name: 'ALB-61: all weights 0',
      action: forward([], { backends: [backend('a/b:1', 0)] }),
      want: 'InvalidBalancer : no peer',
    },
    { name: 'only invalid backends', action: forward([], { backends: [invalid] }), want: 'BackendNotFound' },
    {
      name: 'one valid backend is enough',
      action: forward([], { backends: [invalid, backend('a/b:1', 1)] }),
      want: undefined,
    },
  ];
  for (const c of cases) {
    test(c.name, () => {
      const { action } = actionOf(c.action);
      expect(action?.type).toBe(c.want === undefined ? 'forward' : 'respond');
      expect(action?.reason).toBe(c.want);
      if (c.want !== undefined) expect(action?.status).toBe(500);
    });
  }
});

describe('backends that are reached in different ways', () => {
  const invalid: BackendIR = backend('', 2, { target: { type: 'invalid', status: 500, reason: 'BackendNotFound' } });
  const rewritten = { filters: [{ type: 'hostRewrite', host: 'x' }] } as const;

  test('each way has its share, its group and its profile', () => {
    const tls = { name: 'b.test', sendName: true, trustPem: 'PEM' };
    const backends = [
      backend('a/b:1', 3),
      backend('a/c:1', 1, { protocol: 'https', tls }),
      backend('a/d:1', 0, rewritten),
      invalid,
      backend('a/e:1', 4),
    ];
    const action = forward([], { backends });
    const { record, group, stepGroups } = renderRoute({ ...route('r', '/', 80), action }, [listener(80)]);
    const ways = record?.action.branches?.map(({ weightUpTo, action: own }) => [
      weightUpTo,
      own.type,
      own.reason ?? own.way,
    ]);
    const [profile, ...others] = profilesOf(action, []);
    expect(others).toEqual([]);
    expect(ways).toEqual([
      [7, 'forward', 'http'],
      [8, 'forward', profile?.id],
      [10, 'respond', 'BackendNotFound'],
    ]);
    const groups = [group, ...(stepGroups ?? [])].map((spec) => spec?.backends.map(({ endpointSet }) => endpointSet));
    expect(groups).toEqual([['a/b:1', 'a/e:1'], ['a/c:1']]);
  });

  test('the filters of the rule are in each of them', () => {
    const action = forward([], { backends: [backend('a/b:1', 1), backend('a/c:1', 1, rewritten)] });
    const refuse = { type: 'refuse', status: 403, reason: 'no' } as const;
    const { record } = renderRoute({ ...route('r', '/', 80), action, filters: [refuse] }, [listener(80)]);
    expect(record?.action.branches?.map(({ action: own }) => own.steps)).toEqual([[refuse], [refuse]]);
  });
});

describe('routes', () => {
  test('one record for all ports of its listeners', () => {
    const { record } = renderRoute(route('r', '/', 80), [listener(443, { protocol: 'https' }), listener(80)]);
    expect(record).toMatchObject({ id: 'kube-system/r', ports: ['443', '80'] });
  });

  test('no record without a listener that speaks HTTP', () => {
    expect(renderRoute(route('r', '/', 80), [listener(80, { protocol: 'tcp' })]).record).toBeUndefined();
  });

  test('a host rewrite goes into the action', () => {
    const { record } = renderRoute(route('r', '/', 80, { filters: [{ type: 'hostRewrite', host: 'in.side' }] }), [
      listener(80),
    ]);
    expect(record?.action.host).toBe('in.side');
  });
});

describe('ports', () => {
  test('a missing default certificate is left out', () => {
    const tls = { defaultCertificate: 'ns/gone', unknownNameCertificate: 'ns/gone', certificates: [] };
    const { record } = renderPort([listener(443, { protocol: 'https', tls })], () => false);
    expect(record.tls).toEqual({});
  });

  test('the fallback action goes with its group', () => {
    const { record, group } = renderPort([listener(80, { fallback: forward(['a/b:1']) })], everyCertificate);
    expect(record.fallback?.group).toBe(group?.id);
    expect(record.tls).toBeUndefined();
  });
});
