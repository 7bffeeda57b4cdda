import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoBackend, startEchoBackend } from '../acceptance/echo-backend.ts';
import { ALB_NAMESPACE, Installation } from '../acceptance/installation.ts';
import { frontend, group, serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { alb } from '../e2e/quick-start.ts';
import { freePort } from '../e2e/traffic.ts';

let home: Installation;
let backends: readonly EchoBackend[];

/** The default network needs root; inside 127.0.0.0/8 nothing has to be configured. */
const isRoot = process.getuid?.() === 0;
const network = isRoot ? /^198\.1[89]\./ : /^127\.77\./;

beforeAll(async () => {
  home = await Installation.start(isRoot ? [] : ['--instance-addresses', '127.77.0.0/16']);
  backends = await Promise.all(['a', 'b'].map(startEchoBackend));
  await home.apply(...backends.flatMap((backend) => serviceTo(backend)));
});
afterAll(async () => {
  await home.stop();
  for (const backend of backends) await backend.close();
});

async function addContainerAlb(name: string, port: number, service: string): Promise<string> {
  const ports = { http: await freePort(), https: await freePort(), metrics: 1936 };
  await home.apply(
    alb(name, ports, { networkMode: 'container', workerLimit: 1, vip: { enableLbSvc: false } }),
    frontend(name, `${name}-web`, port, { serviceGroup: group({ [service]: 100 }) }),
  );
  return eventually(async () => {
    const found = (await home.list('Instance')).find(
      ({ metadata }) => metadata.labels?.['alb2.cpaas.io/name'] === name,
    );
    expect(found?.status?.address).toMatch(network);
    return found?.status?.address ?? '';
  });
}

async function bodyAt(address: string, port: number): Promise<string | undefined> {
  return (await fetch(`http://${address}:${port}/`)).headers.get('x-backend') ?? undefined;
}

function isOnMachine(address: string): boolean {
  return Object.values(networkInterfaces()).some((entries) => entries?.some((entry) => entry.address === address));
}

describe('ALB-122 network modes', () => {
  const port = isRoot ? 80 : 8080;

  test(`container mode: two ALBs use port ${port} and one metrics port, each on an address of its own`, async () => {
    const first = await addContainerAlb('first', port, 'a');
    const second = await addContainerAlb('second', port, 'b');
    expect(first).not.toBe(second);
    await eventually(async () => expect(await bodyAt(first, port)).toBe('a'));
    await eventually(async () => expect(await bodyAt(second, port)).toBe('b'));
    for (const name of ['first', 'second']) {
      await eventually(async () => {
        const { status } = (await home.read('ALB2', { namespace: ALB_NAMESPACE, name })) ?? {};
        expect(status).toMatchObject({ state: 'Running', reason: '' });
      });
    }

    // Their data planes and their addresses outlive what manages them.
    await home.killAndStartAgain();
    expect(await bodyAt(first, port)).toBe('a');
    await eventually(async () => {
      const addresses = (await home.list('Instance')).map(({ status }) => status?.address);
      expect(addresses).toEqual([first, second]);
    });
    expect(await bodyAt(second, port)).toBe('b');

    // Changing the mode moves it to the machine's addresses, and its own goes.
    const other = await freePort();
    await home.apply(frontend('second', 'second-other', other, { serviceGroup: group({ b: 100 }) }));
    await eventually(async () => expect(await bodyAt(second, other)).toBe('b'));
    await home.configure('second', { networkMode: 'host' });
    await eventually(async () => expect(await bodyAt('127.0.0.1', other)).toBe('b'));
    await eventually(async () => {
      // Who else may have an address that is not the machine's is not ours to know.
      expect(await bodyAt(second, other).catch(() => 'refused')).not.toBe('b');
      expect(isOnMachine(second)).toBe(false);
    });
    expect(await bodyAt(first, port)).toBe('a');

    await home.kubectl(['delete', 'alb2', 'first', 'second', '-n', ALB_NAMESPACE]);
    await eventually(() => expect(isOnMachine(first)).toBe(false));
  });

  test('an ALB in host mode does not listen on addresses of instances', async () => {
    const web = await freePort();
    const own = await addContainerAlb('own', web, 'a');
    await home.addAlb('machine', { bindNIC: '{"nic":["lo"]}' });
    await home.apply(frontend('machine', 'machine-web', web, { serviceGroup: group({ b: 100 }) }));
    await eventually(async () => expect(await bodyAt('127.0.0.1', web)).toBe('b'));
    await eventually(async () => expect(await bodyAt(own, web)).toBe('a'));
  });
});
