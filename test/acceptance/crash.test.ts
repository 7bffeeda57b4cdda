/** Issue 2: what is killed comes back, and the traffic does not notice more than it must. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import type { AlbPorts } from '../e2e/quick-start.ts';
import { freePort } from '../e2e/traffic.ts';
import { type EchoBackend, startEchoBackend } from './echo-backend.ts';
import { ask } from './http-request.ts';
import { ALB_NAMESPACE, Installation, isRunning } from './installation.ts';
import { Load } from './load.ts';
import { frontend, group, ingress, serviceTo } from './objects.ts';

let home: Installation;
let ports: AlbPorts;
let backend: EchoBackend;

beforeAll(async () => {
  [home, backend] = await Promise.all([Installation.start(), startEchoBackend('app')]);
  ports = await home.addAlb('alb-demo');
  await home.apply(...serviceTo(backend), ingress('app', '/', 'app'));
  await eventually(async () => expect(await ask(ports.http)).toMatchObject({ status: 200 }));
});

afterAll(async () => {
  await home.stop();
  await backend.close();
});

let round = 0;
/** Applies a new path and waits until it answers: the whole way from the API to nginx works. */
async function expectChangesToWork(): Promise<void> {
  const path = `/after-${++round}`;
  await eventually(() => home.apply(ingress(`after-${round}`, path, 'app')));
  await eventually(async () => {
    const answer = await ask(ports.http, path, { headers: { 'x-probe': path } });
    expect(answer.status).toBe(200);
    expect(await ruleOfPath(path)).toBeDefined();
  });
}

async function ruleOfPath(path: string): Promise<string | undefined> {
  return (await home.list('Rule')).find(({ spec }) => spec.url === path)?.metadata.name;
}

/** Requests on connections of their own, from before to after `act`. @returns what went wrong */
async function hammerDuring(act: () => Promise<void>): Promise<{ failures: string[]; answered: number }> {
  const failures: string[] = [];
  let answered = 0;
  let stopped = false;
  const loop = async () => {
    while (!stopped) {
      try {
        const { status, headers } = await ask(ports.http, '/hammer');
        if (status === 200) answered++;
        else failures.push(`${status} ${headers['x-alb-err-reason']}`);
      } catch (error) {
        failures.push((error as NodeJS.ErrnoException).code ?? String(error));
        await sleep(2);
      }
    }
  };
  const loops = Array.from({ length: 6 }, loop);
  try {
    await act();
  } finally {
    stopped = true;
    await Promise.all(loops);
  }
  return { failures, answered };
}

describe('a nginx worker killed with -9', () => {
  test('comes back with everything before it takes traffic', async () => {
    for (let kill = 0; kill < 3; kill++) {
      const before = home.nginx(ports.http);
      const victim = before.workers[kill % before.workers.length] ?? 0;
      const { failures, answered } = await hammerDuring(async () => {
        await sleep(50);
        process.kill(victim, 'SIGKILL');
        await eventually(() => {
          const { workers } = home.nginx(ports.http);
          expect(workers).toHaveLength(2);
          expect(workers).not.toContain(victim);
        });
        await sleep(300);
      });
      expect(answered).toBeGreaterThan(0);
      // Connections that the victim had accepted, or that waited for it, end with it; nobody gets an answer other than 200.
      expect(failures.filter((failure) => !['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(failure))).toEqual([]);
      expect(failures.length).toBeLessThanOrEqual(6);
      expect(home.nginx(ports.http).masters).toEqual(before.masters);
    }
    await eventually(async () => {
      const [instance] = await home.list('Instance');
      expect(instance?.status?.ready).toBe(true);
      expect(new Set(instance?.status?.workers?.map(({ pid }) => pid))).toEqual(
        new Set(home.nginx(ports.http).workers),
      );
    });
    await expectChangesToWork();
  });
});

describe('a nginx master killed with -9', () => {
  test('is replaced on the same ports, and the old workers go', async () => {
    const before = home.nginx(ports.http);
    const [master = 0] = before.masters;
    let replacedAfterMs = 0;
    const { failures, answered } = await hammerDuring(async () => {
      await sleep(50);
      process.kill(master, 'SIGKILL');
      const killed = performance.now();
      await eventually(() => {
        const { masters, workers } = home.nginx(ports.http);
        expect(masters).toHaveLength(1);
        expect(masters).not.toContain(master);
        expect(workers.filter((pid) => !before.workers.includes(pid))).toHaveLength(2);
      });
      replacedAfterMs = performance.now() - killed;
      await eventually(() => expect(before.workers.filter(isRunning)).toEqual([]));
    });
    console.log(
      `master replaced after ${Math.round(replacedAfterMs)} ms; ${answered} answers, failed: ${failures.join(' ')}`,
    );
    expect(answered).toBeGreaterThan(0);
    // Old workers end in an orderly way; a connection in the queue of a socket that is closed is reset by the kernel.
    expect(failures.filter((failure) => failure !== 'ECONNRESET')).toEqual([]);
    expect(home.nginx(ports.http).workers).toHaveLength(2);
    expect(await ask(ports.http)).toMatchObject({ status: 200 });
    await expectChangesToWork();
  });
});

describe.each(['agent', 'controllers', 'apiserver'])('a killed %s', (program) => {
  test('is started again and adopts what runs; the load does not notice', async () => {
    const before = home.nginx(ports.http);
    const old = home.programs()[program] ?? 0;
    const load = new Load({ port: ports.http, path: '/load', connections: 4 });
    await load.more(20);
    process.kill(old, 'SIGKILL');
    await load.more(50);
    await eventually(() => {
      const now = home.programs()[program];
      expect(now).toBeDefined();
      expect(now).not.toBe(old);
    });
    await expectChangesToWork();
    await load.more(50);
    expect((await load.stop()).failures).toEqual([]);
    expect(home.nginx(ports.http)).toEqual(before);
  });
});

test('an ALB that goes while no agent looks leaves no nginx behind', async () => {
  const orphan = await home.addAlb('orphan');
  const port = await freePort();
  await home.apply(frontend('orphan', 'orphan-port', port, { serviceGroup: group({ app: 100 }) }));
  await eventually(async () => expect(await ask(port)).toMatchObject({ status: 200 }));
  const nginx = home.nginx(port);
  const { agent = 0 } = home.programs();
  process.kill(agent, 'SIGSTOP');
  await home.kubectl(['delete', 'alb2', 'orphan', '-n', ALB_NAMESPACE]);
  expect(await ask(port)).toMatchObject({ status: 200 });
  process.kill(agent, 'SIGKILL');
  await eventually(() => expect([...nginx.masters, ...nginx.workers].filter(isRunning)).toEqual([]));
  expect(nginx.masters).toHaveLength(1);
  await expect(ask(port)).rejects.toThrow('ECONNREFUSED');
  expect(await ask(ports.http)).toMatchObject({ status: 200 });
  expect(orphan.http).not.toBe(ports.http);
});

test('an Ingress that goes while no controllers look takes its Rules with it', async () => {
  await home.apply(ingress('short-lived', '/short-lived', 'app'));
  await eventually(async () => expect(await ruleOfPath('/short-lived')).toBeDefined());
  const { controllers = 0 } = home.programs();
  process.kill(controllers, 'SIGSTOP');
  await home.kubectl(['delete', 'ingress', 'short-lived']);
  process.kill(controllers, 'SIGKILL');
  await eventually(async () => expect(await ruleOfPath('/short-lived')).toBeUndefined());
});

test('agent and controllers killed at once, with a change meanwhile', async () => {
  const before = home.nginx(ports.http);
  const load = new Load({ port: ports.http, path: '/load', connections: 4 });
  const { agent = 0, controllers = 0 } = home.programs();
  process.kill(agent, 'SIGKILL');
  process.kill(controllers, 'SIGKILL');
  await home.kubectl(['delete', 'ingress', 'app']);
  await home.apply(ingress('app', '/load', 'app'));
  await eventually(async () => expect(await ask(ports.http, '/gone')).toMatchObject({ status: 404 }));
  await home.apply(ingress('app', '/', 'app'));
  await eventually(async () => expect(await ask(ports.http, '/gone')).toMatchObject({ status: 200 }));
  await load.more(50);
  await load.stop();
  expect(home.nginx(ports.http)).toEqual(before);
});

describe('kill -9 of the whole group, then up again', () => {
  test('every object is there, traffic flows, one nginx serves', async () => {
    const versions = async () => {
      const kinds = ['Frontend', 'Rule', 'Ingress', 'IngressClass', 'Service', 'EndpointSlice'] as const;
      const all = (await Promise.all(kinds.map((kind) => home.list(kind)))).flat();
      // That says where the API is, which is another port now.
      const objects = all.filter(({ metadata }) => metadata?.name !== 'kubernetes');
      return objects.map(({ kind, metadata }) => `${kind} ${metadata?.name} ${metadata?.resourceVersion}`).sort();
    };
    const settled = await eventually(async () => {
      const first = await versions();
      await sleep(300);
      expect(await versions()).toEqual(first);
      return first;
    });
    const before = home.nginx(ports.http);
    await home.killAndStartAgain();
    expect(await ask(ports.http)).toMatchObject({ status: 200 });
    expect(await versions()).toEqual(settled);
    const after = home.nginx(ports.http);
    expect(after.masters).toHaveLength(1);
    expect(after.workers).toHaveLength(2);
    // Adopted, not started beside.
    expect(after).toEqual(before);
    await expectChangesToWork();
  });

  test('also when nginx was killed with it', async () => {
    const before = home.nginx(ports.http);
    for (const pid of [...before.masters, ...before.workers]) process.kill(pid, 'SIGKILL');
    await home.killAndStartAgain();
    expect(await ask(ports.http)).toMatchObject({ status: 200 });
    const after = home.nginx(ports.http);
    expect(after.masters).toHaveLength(1);
    expect(after.workers).toHaveLength(2);
    expect([...before.masters, ...before.workers].filter(isRunning)).toEqual([]);
    await expectChangesToWork();
  });

  test('also when its master was killed and the workers live on', async () => {
    const before = home.nginx(ports.http);
    for (const pid of before.masters) process.kill(pid, 'SIGKILL');
    await home.killAndStartAgain();
    expect(await ask(ports.http)).toMatchObject({ status: 200 });
    await eventually(() => {
      const after = home.nginx(ports.http);
      expect(after.masters).toHaveLength(1);
      expect(after.workers).toHaveLength(2);
      expect(before.workers.filter(isRunning)).toEqual([]);
    });
    await expectChangesToWork();
  });
});
