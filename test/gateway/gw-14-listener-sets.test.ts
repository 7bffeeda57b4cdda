import type { Gateway, ListenerSet } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, gateway, httpListener, httpRoute, to } from './gateway-lab.ts';

let lab: GatewayLab;

beforeAll(async () => {
  lab = await GatewayLab.start(['a', 'b'], [httpListener('http', { hostname: 'own.com' })]);
});
afterAll(() => lab.stop());

function listenerSet(name: string, hostnames: readonly string[]): ListenerSet {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'ListenerSet',
    metadata: { name, namespace: 'default' },
    spec: {
      parentRef: { name: 'demo' },
      listeners: hostnames.map((hostname, index) => httpListener(`l${index}`, { hostname })),
    },
  };
}

function demo(from: 'None' | 'Same'): Gateway {
  const plain = gateway('demo', [httpListener('http', { hostname: 'own.com' })]);
  return { ...plain, spec: { ...plain.spec, allowedListeners: { namespaces: { from } } } };
}

/** As `True Accepted, False Pending`: of the set, and of each of its listeners with the number of routes. */
async function stateOf(name: string): Promise<readonly string[]> {
  const { status } = (await lab.home.read('ListenerSet', { namespace: 'default', name })) ?? {};
  const told = (conditions: NonNullable<typeof status>['conditions'] = []) =>
    ['Accepted', 'Programmed'].map((type) => {
      const found = conditions.find((condition) => condition.type === type);
      return `${found?.status} ${found?.reason}`;
    });
  return [
    told(status?.conditions).join(', '),
    ...(status?.listeners ?? []).map(({ conditions, attachedRoutes }) => `${told(conditions)}, ${attachedRoutes}`),
  ];
}

const inSet = (name: string) => ({ parentRefs: [{ kind: 'ListenerSet', name }] });

describe('GW-14 ListenerSet', () => {
  test('unless its owner says so, a Gateway takes none, and they are told', async () => {
    await lab.home.apply(
      listenerSet('older', ['set.com', 'own.com']),
      httpRoute('own', [to('a')]),
      httpRoute('set', [to('b')], inSet('older')),
    );
    await eventually(async () => {
      expect(await stateOf('older')).toEqual(['False NotAllowed, False NotAllowed']);
      expect(await lab.routeCondition('set', 'Accepted')).toBe('False NoMatchingParent');
    });
    await lab.answers({ 'own.com/': 'a', 'set.com/': '404' });
  });

  test('one that is allowed adds its listeners; what the Gateway has, it does not get', async () => {
    await lab.home.apply(demo('Same'));
    await eventually(async () => {
      expect(await stateOf('older')).toEqual([
        'True ListenersNotValid, True Programmed',
        'True Accepted,True Programmed, 1',
        'False HostnameConflict,False HostnameConflict, 1',
      ]);
      expect(await lab.routeCondition('set', 'Accepted')).toBe('True Accepted');
      expect((await lab.gateway('demo'))?.status?.attachedListenerSets).toBe(1);
    });
    await lab.answers({ 'own.com/': 'a', 'set.com/': 'b' });
  });

  test('of two the older one counts, until it goes', async () => {
    await lab.home.apply(listenerSet('younger', ['set.com']), httpRoute('again', [to('a')], inSet('younger')));
    await eventually(async () => {
      expect(await stateOf('younger')).toEqual([
        'False ListenersNotValid, False ListenersNotValid',
        'False HostnameConflict,False HostnameConflict, 1',
      ]);
    });
    await lab.answers({ 'set.com/': 'b' });
    await lab.home.kubectl(['delete', 'listenerset', 'older', '-n', 'default']);
    await lab.answers({ 'set.com/': 'a', 'own.com/': 'a' });
    await eventually(async () => {
      expect((await stateOf('younger'))[0]).toBe('True Accepted, True Programmed');
      expect((await lab.home.read('HTTPRoute', { namespace: 'default', name: 'set' }))?.status?.parents).toEqual([]);
    });
  });

  test('without its Gateway it is not accepted', async () => {
    const lost = listenerSet('lost', ['set.com']);
    await lab.home.apply({ ...lost, spec: { ...lost.spec, parentRef: { name: 'none' } } });
    await eventually(async () => {
      expect(await stateOf('lost')).toEqual(['False ParentNotAccepted, False ParentNotAccepted']);
    });
  });
});
