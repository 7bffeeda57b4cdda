import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, gateway, HTTP_PORT, HTTPS_PORT, httpListener, httpRoute, to } from './gateway-lab.ts';

let lab: GatewayLab;
const OTHER_PORT = 8081;

beforeAll(async () => {
  lab = await GatewayLab.start(
    ['a', 'b', 'c'],
    [
      httpListener('every'),
      httpListener('wild', { hostname: '*.example.com' }),
      httpListener('exact', { hostname: 'foo.example.com' }),
    ],
  );
});
afterAll(() => lab.stop());

const at = (sectionName: string) => ({ parentRefs: [{ name: 'demo', sectionName }] });

describe('GW-08 listeners', () => {
  test('the one with the most specific hostname takes a request, and no other does', async () => {
    await lab.home.apply(
      httpRoute('every', [to('a', '/every'), to('a', '/both')], at('every')),
      httpRoute('wild', [to('b', '/wild'), to('b', '/both')], at('wild')),
      httpRoute('exact', [to('c', '/exact'), to('c', '/both')], at('exact')),
    );
    await lab.answers({
      'a.com/every': 'a',
      'a.com/wild': '404',
      'bar.example.com/wild': 'b',
      'bar.example.com/every': '404',
      'a.b.example.com/both': 'b',
      'example.com/both': 'a',
      'foo.example.com/both': 'c',
      'foo.example.com/wild': '404',
      'foo.example.com/every': '404',
      'FOO.example.com/exact': 'c',
    });
  });

  test('listeners that want the same get nothing; others work', async () => {
    const tls = { certificateRefs: [{ name: 'none' }] };
    await lab.home.apply(
      gateway('conflict', [
        httpListener('http'),
        { name: 'https', port: HTTP_PORT, protocol: 'HTTPS', tls, hostname: 'a.com' },
        { name: 'tcp', port: HTTP_PORT, protocol: 'TCP' },
        httpListener('alone', { port: OTHER_PORT }),
      ]),
      httpRoute('conflict', [to('a')], { parentRefs: [{ name: 'conflict' }] }),
    );
    const address = await lab.programmed('conflict');
    await eventually(async () => {
      for (const name of ['http', 'https', 'tcp']) {
        expect(await lab.listenerCondition('conflict', name, 'Conflicted')).toBe('True ProtocolConflict');
        expect(await lab.listenerCondition('conflict', name, 'Accepted')).toBe('False ProtocolConflict');
        expect(await lab.listenerCondition('conflict', name, 'Programmed')).toBe('False ProtocolConflict');
      }
      expect(await lab.listenerCondition('conflict', 'alone', 'Programmed')).toBe('True Programmed');
      const accepted = (await lab.gateway('conflict'))?.status?.conditions?.find(({ type }) => type === 'Accepted');
      expect(accepted).toMatchObject({ status: 'True', reason: 'ListenersNotValid' });
      expect(await lab.answerer('/', { to: address, port: OTHER_PORT })).toBe('a');
    });
    await expect(lab.ask('/', { to: address })).rejects.toThrow();
  });

  test('only bad listeners: the Gateway is not accepted', async () => {
    await lab.home.apply(gateway('bad', [{ name: 'odd', port: 99, protocol: 'example.com/odd' }]));
    await eventually(async () => {
      expect(await lab.listenerCondition('bad', 'odd', 'Accepted')).toBe('False UnsupportedProtocol');
      const { status } = (await lab.gateway('bad')) ?? {};
      const conditions = status?.conditions?.map(({ type, status: holds, reason }) => `${type} ${holds} ${reason}`);
      expect(conditions?.sort()).toEqual([
        'Accepted False ListenersNotValid',
        'Programmed False Invalid',
        'ResolvedRefs True ResolvedRefs',
      ]);
      expect(status?.listeners?.[0]?.supportedKinds).toEqual([]);
    });
  });

  test('what cannot be is refused with its field', async () => {
    const cases = [
      [httpListener('a'), httpListener('b')],
      [httpListener('a', { hostname: '*.*.com' })],
      [httpListener('a', { port: 0 })],
      [httpListener('a', { tls: { certificateRefs: [{ name: 'x' }] } })],
      [{ name: 'a', port: HTTPS_PORT, protocol: 'TCP', hostname: 'a.com' }],
    ];
    for (const listeners of cases) {
      await expect(lab.home.apply(gateway('refused', listeners))).rejects.toThrow('spec.listeners');
    }
    const misplaced = { name: 'a', port: HTTPS_PORT, protocol: 'TLS', mode: 'Passthrough' };
    const { stderr } = await lab.home.tryApply(gateway('refused', [misplaced]));
    expect(stderr).toContain('unknown field "mode"');
  });
});
