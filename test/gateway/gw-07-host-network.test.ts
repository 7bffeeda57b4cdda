import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { GatewayLab, gateway, httpListener, httpRoute, to } from './gateway-lab.ts';

/** Below 1024 only root opens ports. */
const isRoot = process.getuid?.() === 0;
const SHIFT = 10_000;

let lab: GatewayLab;
let port: number;

beforeAll(async () => {
  lab = await GatewayLab.start(['a']);
  port = await lowPort();
});
afterAll(() => lab.stop());

/** One below 1024 that nobody has, and of which nobody has the one 10000 higher. */
async function lowPort(): Promise<number> {
  for (let candidate = 700; candidate < 1023; candidate += 1) {
    const refused = await Promise.all([candidate, candidate + SHIFT].map((each) => answererAt(each)));
    if (refused.every((answer) => answer === 'refused')) return candidate;
  }
  throw new Error('no port is free');
}

/** Which backend answers at a port of the machine. */
async function answererAt(at: number): Promise<string> {
  try {
    const { status, headers } = await ask(at, '/', { host: 'host-network.test' });
    return String(headers['x-backend'] ?? status);
  } catch {
    return 'refused';
  }
}

function proxy(useListenerPortAsContainerPort: boolean): object {
  const value = { spec: { template: { spec: { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } } } };
  const kubernetes = { useListenerPortAsContainerPort, envoyDeployment: { patch: { type: 'StrategicMerge', value } } };
  return {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'EnvoyProxy',
    metadata: { name: 'host', namespace: 'default' },
    spec: { provider: { type: 'Kubernetes', kubernetes } },
  };
}

function onHost(listeners: Parameters<typeof gateway>[1]): object {
  const { spec, ...object } = gateway('host', listeners);
  const parametersRef = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'host' };
  return { ...object, spec: { ...spec, infrastructure: { parametersRef } } };
}

describe('GW-07 a Gateway in the network of the host', () => {
  test('a port below 1024 is 10000 higher, unless the container has the ports of the listeners', async () => {
    const listener = httpListener('low', { port, hostname: 'host-network.test' });
    await lab.home.apply(
      proxy(false),
      onHost([listener]),
      httpRoute('host', [to('a')], { parentRefs: [{ name: 'host' }] }),
    );
    await lab.programmed('host');
    await eventually(async () => {
      expect([await answererAt(port + SHIFT), await answererAt(port)]).toEqual(['a', 'refused']);
    });
    if (!isRoot) return;
    await lab.home.apply(proxy(true));
    await eventually(async () => {
      expect([await answererAt(port + SHIFT), await answererAt(port)]).toEqual(['refused', 'a']);
    });
  });

  test('of two listeners that would have one port of the host the first has it', async () => {
    await lab.home.apply(
      proxy(false),
      onHost([httpListener('low', { port }), httpListener('high', { port: port + SHIFT })]),
    );
    await eventually(async () => {
      expect(await lab.listenerCondition('host', 'low', 'Programmed')).toBe('True Programmed');
      expect(await lab.listenerCondition('host', 'high', 'Accepted')).toBe('False PortUnavailable');
      expect(await answererAt(port + SHIFT)).toBe('a');
    });
    await lab.home.kubectl(['delete', 'gateway', 'host', '-n', 'default']);
    await eventually(async () => expect(await answererAt(port + SHIFT)).toBe('refused'));
  });

  test('others have the ports of their listeners, whatever these are', async () => {
    const high = await freePort();
    await lab.home.apply(proxy(false), onHost([httpListener('high', { port: high })]));
    await eventually(async () => {
      expect(await lab.listenerCondition('host', 'high', 'Programmed')).toBe('True Programmed');
      expect(await answererAt(high)).toBe('a');
    });
  });
});
