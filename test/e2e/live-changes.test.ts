/** Changes under load, and what the end of an agent does to nginx. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createSelfSigned } from '@causeway/targets/nginx/self-signed';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { Home, runtimeFile } from './home.ts';
import { objectsOf } from './objects.ts';
import { type AlbPorts, alb, endpointSlice, ingress, service } from './quick-start.ts';
import { type Backend, freePort, get, startBackend } from './traffic.ts';

const home = new Home();
const { create, read, list, patch, eventsOf } = objectsOf(home);
let ports: AlbPorts;
let backends: readonly Backend[];

beforeAll(async () => {
  ports = { http: await freePort(), https: await freePort(), metrics: await freePort() };
  backends = [await startBackend('one'), await startBackend('two'), await startBackend('three')];
  await home.start('apiserver');
  await Promise.all([home.start('controllers'), home.start('agent')]);
  await create('ALB2', alb('alb-demo', ports));
  await create('Service', service('app'));
  await create('EndpointSlice', endpointSlice('app', backends[0]?.port ?? 0));
  await create('Ingress', ingress('demo', '/', 'app'));
  await eventually(async () => expect(await get(ports.http)).toMatchObject({ status: 200, body: 'one' }));
});

afterAll(async () => {
  await home.stop();
  for (const backend of backends) await backend.close();
});

/** Requests one after the other on each of four connections until `stop`; what was not a 200 is kept. */
function startLoad(port: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const seen = { requests: 0, bodies: new Set<string>(), failures: [] as string[] };
  let stopped = false;
  const once = () =>
    new Promise<void>((resolve) => {
      const fail = (error: Error) => {
        seen.failures.push(error.message);
        resolve();
      };
      const call = request({ host: '127.0.0.1', port, agent, path: '/' }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on('error', fail);
        response.on('end', () => {
          seen.requests++;
          seen.bodies.add(body);
          if (response.statusCode !== 200) seen.failures.push(`${response.statusCode} ${body}`);
          resolve();
        });
      });
      call.on('error', fail);
      call.end();
    });
  const lines = Array.from({ length: 4 }, async () => {
    while (!stopped) await once();
  });
  return {
    seen,
    stop: async () => {
      stopped = true;
      await Promise.all(lines);
      agent.destroy();
      return seen;
    },
  };
}

async function workers(): Promise<readonly number[]> {
  const [instance] = await list('Instance');
  const status = instance?.status as { readonly workers?: readonly { readonly pid: number }[] } | undefined;
  return (status?.workers ?? []).map(({ pid }) => pid);
}

/** Opening a port replaces the workers, and reports come once a second: waits for one of afterwards. */
function workersListeningOn(port: number): Promise<readonly number[]> {
  return eventually(async () => {
    const [instance] = await list('Instance');
    const listening = expect.objectContaining({ port, state: 'listening' });
    expect(instance).toMatchObject({ status: { ready: true, ports: expect.arrayContaining([listening]) } });
    return workers();
  });
}

/** Every worker that the instances report, and their masters. */
async function nginxProcesses(): Promise<readonly number[]> {
  const found = new Set<number>();
  for (const { status } of await list('Instance')) {
    const { workers: reported = [] } = status as { readonly workers?: readonly { readonly pid: number }[] };
    for (const { pid } of reported) found.add(pid).add(parentOf(pid));
  }
  return [...found];
}

function parentOf(pid: number): number {
  return Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** Still runs; one that ended and waits for an init that does not reap (State Z) does not. */
function isNginx(pid: number): boolean {
  try {
    return /^Name:\s+nginx\n(.*\n)*?State:\s+[^Z]/.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // it ended
  }
}

test('endpoints grow from one to three under load: no failed request, the same workers', async () => {
  const before = await workersListeningOn(ports.http);
  expect(before).toHaveLength(2);
  const load = startLoad(ports.http);
  await eventually(() => expect(load.seen.requests).toBeGreaterThan(50));
  for (const [index, { port }] of backends.slice(1).entries()) {
    const slice = endpointSlice('app', port);
    await create('EndpointSlice', { ...slice, metadata: { ...slice.metadata, name: `app-${index + 2}` } });
  }
  await eventually(() => expect([...load.seen.bodies].sort()).toEqual(['one', 'three', 'two']));
  expect(await load.stop()).toMatchObject({ failures: [] });
  expect(await workers()).toEqual(before);
});

function fingerprint(port: number, servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

async function secret(): Promise<Readonly<Record<string, string>>> {
  const { certificate, key } = await createSelfSigned(new Date());
  const encode = (text: string) => Buffer.from(text).toString('base64');
  return { 'tls.crt': encode(certificate), 'tls.key': encode(key) };
}

test('a replaced certificate is shown by the same workers (ALB-108)', async () => {
  await create('Secret', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'cert', namespace: 'default' },
    ...{ type: 'kubernetes.io/tls', data: await secret() },
  });
  const base = ingress('secure', '/', 'app');
  const rules = [{ host: 'secure.example.com', ...base.spec?.rules?.[0] }];
  const tls = [{ hosts: ['secure.example.com'], secretName: 'cert' }];
  await create('Ingress', { ...base, ...{ spec: { rules, tls } } });
  const first = await eventually(() => fingerprint(ports.https, 'secure.example.com'));
  const before = await workersListeningOn(ports.https);
  await patch('Secret', 'cert', { data: await secret() });
  await eventually(async () => expect(await fingerprint(ports.https, 'secure.example.com')).not.toBe(first));
  expect(await workers()).toEqual(before);
});

test('a second ALB on the same port conflicts; both tell the truth and the first serves on', async () => {
  const metrics = await freePort();
  await create('ALB2', alb('alb-late', { ...ports, metrics }));
  await eventually(async () => {
    expect(await read('ALB2', 'alb-late')).toMatchObject({ status: { state: 'Warning' } });
    expect(await eventsOf('ALB2', 'alb-late')).toContainEqual(expect.objectContaining({ reason: 'PortConflict' }));
  });
  expect(await read('ALB2', 'alb-demo')).toMatchObject({ status: { state: 'Running' } });
  expect(await get(ports.http)).toMatchObject({ status: 200 });
});

test('an agent whose parent died leaves nginx running; one that is asked to end ends it', async () => {
  // Reports come once a second; wait for one that names the workers of now.
  const running = await eventually(async () => {
    const reported = await nginxProcesses();
    expect(reported.filter(isNginx)).toHaveLength(6);
    return reported;
  });
  await home.orphan('agent');
  expect(running.filter(isNginx)).toEqual(running);
  expect(await get(ports.http)).toMatchObject({ status: 200 });
  await home.start('agent');
  expect(running.filter(isNginx)).toEqual(running);
  await home.end('agent', 'SIGTERM');
  expect(running.filter(isNginx)).toEqual([]);
  await expect(get(ports.http)).rejects.toThrow();
  expect(await list('Instance')).toEqual([]);
});

test('an nginx that does not start is told, and does not hold up the agent', async () => {
  const runtime = join(home.directory, 'broken.json');
  const working = JSON.parse(readFileSync(runtimeFile(), 'utf8')) as object;
  writeFileSync(runtime, JSON.stringify({ ...working, nginx: '/bin/false' }));
  await home.start('agent', { runtime });
  await eventually(async () => {
    expect(await list('Instance')).toMatchObject([
      { status: { ready: false, message: expect.any(String) } },
      { status: { ready: false, message: expect.any(String) } },
    ]);
    expect(await read('ALB2', 'alb-demo')).toMatchObject({
      status: { state: 'Progressing', reason: expect.stringContaining('wait workload ready 0/1; alb-demo-') },
    });
  });
});
