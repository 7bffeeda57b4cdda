import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { KIND_REFS, type KindMap } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoBackend, startEchoBackend } from '../acceptance/echo-backend.ts';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { frontend, group, serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { Home } from '../e2e/home.ts';
import { alb } from '../e2e/quick-start.ts';
import { freePort } from '../e2e/traffic.ts';

/** Two agents as on two nodes: one ALB in container mode, so that each has its own address. */
const NODES = ['node-1', 'node-2'] as const;
const TERM_SECONDS = 2;
const HEALTH_MS = 50;

const home = new Home();
let backend: EchoBackend;
let port: number;
const metricsPort = 1936;

function startAgent(node: string): Promise<void> {
  const args = ['--drain', '--node', node, '--instance-addresses', '127.78.0.0/16'];
  return home.start('agent', { as: node, args });
}

beforeAll(async () => {
  await home.start('apiserver');
  [backend] = await Promise.all([startEchoBackend('app'), home.start('controllers')]);
  port = await freePort();
  const ports = { http: await freePort(), https: await freePort(), metrics: metricsPort };
  const config = {
    networkMode: 'container',
    maxTermSeconds: TERM_SECONDS,
    workerLimit: 1,
    vip: { enableLbSvc: false },
  };
  for (const object of [
    ...serviceTo(backend),
    alb('alb', ports, { ...config, networkMode: 'container' }),
    frontend('alb', 'web', port, { serviceGroup: group({ app: 100 }) }),
  ]) {
    await home.api.create(KIND_REFS[object.kind as keyof KindMap], object);
  }
  for (const node of NODES) await startAgent(node);
});
afterAll(async () => {
  // Without draining: nobody waits for it.
  for (const node of NODES) await home.end(node, 'SIGTERM');
  await home.stop();
  await backend.close();
});

async function addressOf(node: string): Promise<string> {
  return eventually(async () => {
    const found = await home.api.get(KIND_REFS.Instance, { namespace: ALB_NAMESPACE, name: `alb-${node}` });
    const { status } = found as unknown as KindMap['Instance'];
    expect(status).toMatchObject({ ready: true, ports: [{ port: metricsPort }, { port, state: 'listening' }] });
    return status?.address ?? '';
  });
}

/** As a balancer in front checks: the health port answers 200. */
async function isHealthy(address: string): Promise<boolean> {
  const sent = request({ host: address, port: metricsPort, path: '/healthz', rejectUnauthorized: false, agent: false });
  sent.end();
  try {
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode === 200;
  } catch {
    return false;
  }
}

/** A balancer with health checks, and clients that never pause. */
class Balancer {
  requests = 0;
  readonly failures: string[] = [];
  readonly #healthy = new Set<string>();
  readonly #loops: readonly Promise<void>[];
  #turn = 0;
  #stopped = false;

  constructor(addresses: readonly string[]) {
    for (const address of addresses) this.#healthy.add(address);
    this.#loops = [
      ...addresses.map((address) => this.#check(address)),
      ...Array.from({ length: 4 }, () => this.#send()),
    ];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  async #check(address: string): Promise<void> {
    while (!this.#stopped) {
      if (await isHealthy(address)) this.#healthy.add(address);
      else this.#healthy.delete(address);
      await sleep(HEALTH_MS);
    }
  }

  async #send(): Promise<void> {
    while (!this.#stopped) {
      const healthy = [...this.#healthy];
      const address = healthy[this.#turn++ % healthy.length];
      try {
        const { status } = await fetch(`http://${address}:${port}/`).then(async (answer) => {
          await answer.text();
          return answer;
        });
        if (status !== 200) this.failures.push(String(status));
      } catch (error) {
        this.failures.push(String((error as Error).cause ?? error));
      }
      this.requests++;
    }
  }
}

describe('ALB-129 termination', () => {
  test('a rolling restart behind a balancer with health checks: no failed request', async () => {
    const balancer = new Balancer(await Promise.all(NODES.map(addressOf)));
    for (const node of NODES) {
      await home.end(node, 'SIGTERM');
      await startAgent(node);
      const address = await addressOf(node);
      await eventually(async () => expect(await isHealthy(address)).toBe(true));
    }
    await eventually(() => expect(balancer.requests).toBeGreaterThan(1_000), 60_000);
    await balancer.stop();
    console.log(`${balancer.requests} requests`);
    expect(balancer.failures).toEqual([]);
  });

  test('after SIGTERM health is refused at once, ports serve for maxTermSeconds, then it ends and takes its report along', async () => {
    const node = NODES[0];
    const address = await addressOf(node);
    const startedAt = performance.now();
    const ended = home.end(node, 'SIGTERM');
    await eventually(async () => expect(await isHealthy(address)).toBe(false), TERM_SECONDS * 500);
    expect((await fetch(`http://${address}:${port}/`)).status).toBe(200);
    await ended;
    expect(performance.now() - startedAt).toBeGreaterThan(TERM_SECONDS * 1_000);
    await expect(fetch(`http://${address}:${port}/`)).rejects.toThrow();
    const key = { namespace: ALB_NAMESPACE, name: `alb-${node}` };
    expect(await home.api.get(KIND_REFS.Instance, key)).toBeUndefined();
    await startAgent(node);
  });
});
