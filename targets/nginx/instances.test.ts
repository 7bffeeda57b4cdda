/** Real nginx, real Lua: everything here is seen from outside, by requests, pids and files. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Agent, createServer as createHttpServer, type Server as HttpServer, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { GatewayFragment } from '@causeway/ir/gateway';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DATAPLANE_USER } from './instances.ts';
import { childrenOf, commandLine, processInfo, workingDirectory } from './proc.ts';
import { NginxProcess } from './process.ts';
import { createSelfSigned, type KeyPairPem } from './self-signed.ts';
import { ALB, endpoints, forward, instance, listener, route } from './testing/fragments.ts';
import { createHome, eventually, freePorts, masterOf, type TestHome, TestInstances } from './testing/home.ts';

const isRoot = process.getuid?.() === 0;

let home: TestHome;
let backend: HttpServer;
let backendPort: number;
let port: number;
let otherPort: number;
let metricsPort: number;
let instances: TestInstances;

beforeAll(async () => {
  home = await createHome();
  backend = createHttpServer((incoming, response) => response.end(`backend ${incoming.url}`));
  backend.listen(0, '127.0.0.1');
  await new Promise((resolve) => backend.once('listening', resolve));
  backendPort = (backend.address() as AddressInfo).port;
});
afterAll(() => {
  backend.close();
  backend.closeAllConnections();
  home.remove();
});

beforeEach(async () => {
  [port = 0, otherPort = 0, metricsPort = 0] = await freePorts(3);
  instances = new TestInstances(home.options);
});
afterEach(async () => {
  await instances.stop();
  rmSync(home.options.runDirectory, { recursive: true, force: true });
});

/** The smallest thing that serves: `/` of a port to the backend. */
function putAll(...more: readonly GatewayFragment[]): void {
  instances.put('all', [
    instance({ metricsPort }),
    listener(port),
    route('r', '/', port),
    endpoints('default/svc:80', backendPort),
    ...more,
  ]);
  instances.settle();
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly reason: string | undefined;
}

async function get(path: string, to = port, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: to, path, agent: agent ?? new Agent() }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => {
        const reason = response.headers['x-alb-err-reason'];
        resolve({ status: response.statusCode ?? 0, body, reason: typeof reason === 'string' ? reason : undefined });
      });
    })
      .on('error', reject)
      .end();
  });
}

async function serves(path: string, to = port): Promise<void> {
  await eventually(`${path} on ${to} answers 200`, () =>
    get(path, to).then(
      ({ status }) => (status === 200 ? true : undefined),
      () => undefined,
    ),
  );
}

/** Waits until all workers have what was put. */
async function programmed(versionBefore: number): Promise<void> {
  await instances.until('a later version', ({ version }) => version > versionBefore);
}

describe('changes', () => {
  test('routes, endpoints and fallbacks change without a reload', async () => {
    putAll();
    const { workers, version } = await instances.ready();
    const master = masterOf(home);
    expect(await get('/x')).toMatchObject({ status: 200, body: 'backend /x' });

    putAll(route('extra', '/extra', port, { action: { type: 'respond', status: 404, reason: 'Extra : yes' } }));
    await programmed(version);
    expect(await get('/extra')).toMatchObject({ status: 404, reason: 'Extra : yes' });
    expect((await get('/x')).status).toBe(200);

    instances.put('endpoints elsewhere', [endpoints('default/svc:80')]);
    instances.settle();
    await programmed(version + 1);
    expect(await get('/x')).toMatchObject({ status: 500, reason: 'InvalidBalancer : no balancer found for r' });

    instances.put('endpoints elsewhere', []);
    instances.settle();
    await programmed(version + 2);
    expect((await get('/x')).status).toBe(200);

    const status = await instances.ready();
    expect(status.workers.map(({ pid }) => pid)).toEqual(workers.map(({ pid }) => pid));
    expect(status.version).toBe(version + 3);
    expect(status.reloads).toBe(0);
    expect(masterOf(home)).toBe(master);
  });

  test('what is put again unchanged writes nothing', async () => {
    putAll();
    const { version } = await instances.ready();
    putAll();
    instances.settle();
    expect((await instances.ready()).version).toBe(version);
    const [state] = readdirSync('/dev/shm')
      .filter((name) => name.startsWith('causeway-'))
      .map((name) => join('/dev/shm', name, 'state.jsonl'));
    if (state !== undefined && existsSync(state)) expect(statSync(state).mode & 0o777).toBe(0o600);
  });

  test('a new port comes with one reload, and requests under way go on', async () => {
    putAll();
    const before = await instances.ready();
    const slow = createHttpServer((_, response) => {
      response.write('begun ');
      setTimeout(() => response.end('done'), 2_000);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => slow.once('listening', resolve));
    putAll(
      endpoints('default/slow:80', (slow.address() as AddressInfo).port),
      route('slow', '/slow', port, {
        action: {
          ...route('', '/', 80).action,
          backends: [
            { weight: 1, protocol: 'http', filters: [], target: { type: 'endpoints', id: 'default/slow:80' } },
          ],
        } as never,
      }),
    );
    await programmed(before.version);
    const underWay = get('/slow');
    await eventually(
      'the request reached the backend',
      () =>
        new Promise<true | undefined>((resolve) =>
          slow.getConnections((_, count) => resolve(count > 0 ? true : undefined)),
        ),
    );
    instances.put('more', [listener(otherPort), route('other', '/', otherPort)]);
    instances.settle();
    await serves('/', otherPort);
    const after = await instances.until('the other port', ({ ports, reloads }) => reloads === 1 && ports.length === 3);
    expect(after.workers.some(({ pid }) => before.workers.some((worker) => worker.pid === pid))).toBe(false);
    expect(await underWay).toMatchObject({ status: 200, body: 'begun done' });
    slow.close();
    slow.closeAllConnections();

    instances.put('more', []);
    instances.settle();
    await instances.until('the port is gone', ({ reloads }) => reloads === 2);
    await expect(get('/', otherPort)).rejects.toThrow('ECONNREFUSED');
    expect((await get('/')).status).toBe(200);
  });
});

test('ALB-108: a certificate is replaced under the same workers', async () => {
  const [first, second] = [await createSelfSigned(new Date(0)), await createSelfSigned(new Date(1_000))];
  const secret = (pair: KeyPairPem): GatewayFragment => ({
    kind: 'certificate',
    id: 'ns/tls',
    chainPem: pair.certificate,
    keyPem: pair.key,
  });
  putAll(
    listener(otherPort, {
      protocol: 'https',
      tls: { certificates: [{ host: 'a.com', certificate: 'ns/tls' }], defaultCertificate: 'ns/tls' },
    }),
    secret(first),
  );
  const before = await instances.ready();
  const serialOf = async (servername: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connectTls({ host: '127.0.0.1', port: otherPort, servername, rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().valid_from);
        socket.destroy();
      }).on('error', reject);
    });
  expect(await serialOf('a.com')).toBe('Jan  1 00:00:00 1970 GMT');
  await expect(serialOf('unknown.com')).rejects.toThrow();

  putAll(
    listener(otherPort, {
      protocol: 'https',
      tls: { certificates: [{ host: 'a.com', certificate: 'ns/tls' }], defaultCertificate: 'ns/tls' },
    }),
    secret(second),
  );
  await programmed(before.version);
  expect(await serialOf('a.com')).toBe('Jan  1 00:00:01 1970 GMT');
  const after = await instances.ready();
  expect(after.workers.map(({ pid }) => pid)).toEqual(before.workers.map(({ pid }) => pid));
  expect(after.reloads).toBe(0);
});

describe('processes', () => {
  test('a killed master is replaced on the same port, its workers end', async () => {
    putAll();
    const before = await instances.ready();
    const master = masterOf(home);
    process.kill(master, 'SIGKILL');
    await eventually('another master', () => (masterOf(home) === master ? undefined : true));
    expect((await get('/x')).status).toBe(200); // by the orphans or by the new ones, at every moment
    const after = await instances.until(
      'new workers',
      ({ workers, ready }) => ready && workers.every(({ pid }) => !before.workers.some((old) => old.pid === pid)),
    );
    expect(after.version).toBe(before.version);
    await eventually('the orphans ended', () =>
      before.workers.every(({ pid }) => processInfo(pid) === undefined) ? true : undefined,
    );
    expect((await get('/x')).status).toBe(200);
  });

  test('a killed worker comes back with the full state', async () => {
    putAll();
    const before = await instances.ready();
    const victim = before.workers[0]?.pid ?? 0;
    process.kill(victim, 'SIGKILL');
    const after = await instances.until(
      'a new worker',
      ({ workers, ready }) => ready && workers.length === 2 && workers.every(({ pid }) => pid !== victim),
    );
    expect(after.workers.map(({ version }) => version)).toEqual([before.version, before.version]);
    for (let i = 0; i < 10; i++) expect((await get('/x')).status).toBe(200);
  });

  test('D5: a worker that does not answer is replaced', async () => {
    putAll();
    const before = await instances.ready();
    const victim = before.workers[0]?.pid ?? 0;
    process.kill(victim, 'SIGSTOP');
    putAll(route('more', '/more', port));
    const after = await instances.until('all at the next version', ({ version }) => version === before.version + 1);
    expect(after.workers.some(({ pid }) => pid === victim)).toBe(false);
    // Its master has to notice first.
    await eventually('the end of the worker', () => (processInfo(victim) === undefined ? true : undefined));
  });

  test('nginx does not run as root', async () => {
    putAll();
    const { workers } = await instances.ready();
    const uids = [masterOf(home), ...workers.map(({ pid }) => pid)].map((pid) => statSync(`/proc/${pid}`).uid);
    expect(uids).not.toContain(0);
  });

  test('stop leaves no process, no socket and no secret', async () => {
    putAll();
    const { workers } = await instances.ready();
    const pids = [masterOf(home), ...workers.map(({ pid }) => pid)];
    await instances.stop();
    expect(pids.filter((pid) => processInfo(pid) !== undefined)).toEqual([]);
    const left = readdirSync(home.directory);
    expect(left).not.toContain('agent.sock');
    expect(left).not.toContain('state.jsonl');
    await expect(get('/x')).rejects.toThrow('ECONNREFUSED');
  });

  test('an instance that is removed takes its nginx and its folder along', async () => {
    putAll();
    await instances.ready();
    const master = masterOf(home);
    instances.put('all', []);
    instances.settle();
    await eventually('the folder is gone', () => (existsSync(home.directory) ? undefined : true));
    expect(processInfo(master)).toBeUndefined();
  });

  test('no nginx without listeners takes traffic, but it runs', async () => {
    instances.put('all', [instance({ metricsPort })]);
    instances.settle();
    expect((await instances.ready()).workers.length).toBe(2);
  });
});

describe('another agent', () => {
  /** Runs an agent in a process of its own until all its workers are ready, then kills it. */
  async function runAndKill(): Promise<void> {
    const { runDirectory, dataplaneDirectory } = home.options;
    const args = [runDirectory, dataplaneDirectory, port, metricsPort, backendPort].map(String);
    const script = join(import.meta.dirname, 'testing/owner.ts');
    const owner = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve, reject) => {
      owner.once('exit', () => reject(new Error('the owner ended')));
      owner.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('"ready":true')) resolve();
      });
    });
    owner.removeAllListeners('exit');
    const ended = new Promise((resolve) => owner.once('exit', resolve));
    owner.kill('SIGKILL');
    await ended;
  }

  test('adopts what runs: same processes, next version, only the difference', async () => {
    await runAndKill();
    const master = masterOf(home);
    const workers = childrenOf(master);
    expect((await get('/orphaned')).status).toBe(200);

    putAll();
    const adopted = await instances.ready();
    expect(masterOf(home)).toBe(master);
    expect(adopted.workers.map(({ pid }) => pid)).toEqual(workers.toSorted((a, b) => a - b));
    expect(adopted).toMatchObject({ version: 1, reloads: 0 });

    putAll(route('more', '/more', port, { action: { type: 'respond', status: 404, reason: 'More : yes' } }));
    await programmed(1);
    expect((await get('/more')).reason).toBe('More : yes');
    expect((await instances.ready()).version).toBe(2);
  });

  test('whose state file is lost starts a later lineage', async () => {
    await runAndKill();
    const state = /stateFile = "(.*?)"/.exec(readFileSync(join(home.directory, 'nginx.conf'), 'utf8'))?.[1] ?? '';
    expect(existsSync(state)).toBe(true);
    writeFileSync(state, '');
    putAll(route('more', '/more', port, { action: { type: 'respond', status: 404, reason: 'More : yes' } }));
    await instances.until('a later version', ({ version, ready }) => ready && version > 1);
    expect((await get('/more')).reason).toBe('More : yes');
  });

  test('ends what belongs to no instance any more', async () => {
    await runAndKill();
    const master = masterOf(home);
    const workers = childrenOf(master);
    instances.put('all', [instance({ id: 'kube-system/other', metricsPort })]);
    instances.settle();
    await eventually('the former nginx ended', () =>
      [master, ...workers].every((pid) => processInfo(pid) === undefined) && !existsSync(home.directory)
        ? true
        : undefined,
    );
  });

  test('ends workers of a master whose replacement was the last thing the agent started', async () => {
    await runAndKill();
    const master = masterOf(home);
    const program = /master process (\S+)/.exec(commandLine(master))?.[1] ?? '';
    const workers = childrenOf(master);
    process.kill(master, 'SIGKILL');
    await eventually('the master is dead', () => (processInfo(master) === undefined ? true : undefined));
    // As root it is a copy, with its libraries beside it.
    const copied = { nginx: program, libraryPath: join(dirname(program), 'lib') };
    const runtime = { ...home.options.runtime, ...(program !== home.options.runtime.nginx && copied) };
    new NginxProcess({ runtime, directory: home.directory, ...(isRoot && { user: DATAPLANE_USER }) }).start();
    await eventually('another master runs', () => (masterOf(home) !== master ? true : undefined));
    putAll();
    await instances.ready();
    await eventually('the old workers ended', () =>
      workers.every((pid) => processInfo(pid) === undefined) ? true : undefined,
    );
    expect((await get('/x')).status).toBe(200);
  });

  test('finds orphaned workers whose master died with the agent', async () => {
    await runAndKill();
    const master = masterOf(home);
    const workers = childrenOf(master);
    process.kill(master, 'SIGKILL');
    await eventually('the master is dead', () => (processInfo(master) === undefined ? true : undefined));
    putAll();
    await instances.ready();
    await eventually('the orphans ended', () =>
      workers.every((pid) => processInfo(pid) === undefined) ? true : undefined,
    );
    expect((await get('/x')).status).toBe(200);
  });
});

describe('ALB-125: ports', () => {
  let blocker: Server | undefined;
  afterEach(() => blocker?.close());

  async function block(taken: number): Promise<void> {
    blocker = createServer((socket) => socket.destroy()).listen(taken, '127.0.0.1');
    await new Promise((resolve) => blocker?.once('listening', resolve));
  }

  test('one that is taken is named, the others serve, and it comes up when it is free', async () => {
    await block(otherPort);
    putAll(listener(otherPort), route('other', '/', otherPort));
    const status = await instances.until('conflict', ({ ports }) => ports.some(({ state }) => state === 'conflict'));
    const conflict = status.ports.find((candidate) => candidate.port === otherPort);
    expect(conflict).toMatchObject({ state: 'conflict', protocol: 'http' });
    expect(conflict?.message).toContain(`127.0.0.1:${otherPort} is taken by process ${process.pid}`);
    await serves('/x');
    const master = masterOf(home);

    blocker?.close();
    await serves('/x', otherPort);
    await instances.until('one reload', ({ reloads, ready, ports }) => ready && reloads === 1 && ports.length === 3);
    expect(masterOf(home)).toBe(master);
  });

  test('two instances do not share one', async () => {
    const other = 'kube-system/other';
    const otherMetrics = (await freePorts(1))[0] ?? 0;
    putAll(
      instance({ id: other, metricsPort: otherMetrics }),
      listener(port, { id: 'other-listener', instance: other }),
    );
    await instances.ready();
    const status = await instances.until(
      'conflict',
      ({ ports }) => ports.some(({ state }) => state === 'conflict'),
      other,
    );
    expect(status.ports.find((candidate) => candidate.port === port)?.message).toContain(`is taken by ${ALB}`);
  });

  test('a protocol that is not served says so', async () => {
    putAll(listener(otherPort, { protocol: 'udp' }));
    const status = await instances.until('conflict', ({ ports }) => ports.some(({ state }) => state === 'conflict'));
    expect(status.ports.find((candidate) => candidate.port === otherPort)?.message).toContain(
      'this agent has no program for udp ports',
    );
  });
});

describe('ALB-133: metrics port', () => {
  async function ask(path: string, token?: string): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      requestTls(
        { host: '127.0.0.1', port: metricsPort, path, headers, rejectUnauthorized: false, agent: false },
        (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (text: string) => {
            body += text;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        },
      )
        .on('error', reject)
        .end();
    });
  }

  test('health for anybody, metrics with a token', async () => {
    putAll();
    await instances.ready();
    expect(await ask('/healthz')).toEqual({ status: 200, body: 'ok\n' });
    expect((await ask('/metrics')).status).toBe(401);
    expect((await ask('/metrics', 'bad')).status).toBe(401);
    for (let i = 0; i < 3; i++) await get('/x');
    const labels = 'rule="r",source_type="ingress",source_namespace="default",source_name="ing"';
    const line = `nginx_http_status{port="${port}",${labels},status="200",method="GET"} 3\n`;
    await eventually('three requests counted', async () =>
      (await ask('/metrics', 'good')).body.includes(line) ? true : undefined,
    );
    expect((await ask('/clear', 'good')).status).toBe(200);
    expect((await ask('/metrics', 'good')).body).not.toContain('nginx_http_status{');
  });

  test('open when authentication is switched off', async () => {
    putAll();
    instances.put('all', [instance({ metricsPort, metricsAuth: false })]);
    instances.settle();
    await instances.ready();
    expect((await ask('/metrics')).body).toContain('causeway_nginx_workers 2');
  });
});

test('ALB-134: logs are copied to streams where containers have them, also over a rotation', async () => {
  await instances.stop();
  let [access, errors] = ['', ''];
  const logOutput = { access: new PassThrough(), errors: new PassThrough() };
  logOutput.access.on('data', (chunk: Buffer) => {
    access += chunk.toString();
  });
  logOutput.errors.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  instances = new TestInstances({ ...home.options, logOutput });
  putAll(
    route('dead', '/dead', port, { action: forward(['default/dead:80']) }),
    endpoints('default/dead:80', otherPort),
  );
  await instances.ready();
  await get('/first');
  await get('/dead');
  const said = (text: string) => (access.includes(text) ? true : undefined);
  await eventually('the first line', () => said('"GET /first HTTP/1.1" 200'));
  await eventually('the error', () => (errors.includes('connect() failed') ? true : undefined));
  writeFileSync(join(home.directory, 'access.log'), '#'.repeat(9 << 20), { flag: 'a' });
  await eventually('rotation', () => (existsSync(join(home.directory, 'access.log.1')) ? true : undefined));
  await eventually('a line of the new file', async () => {
    await get('/second');
    return said('"GET /second HTTP/1.1" 200');
  });
});

test('other processes with a similar command line are not ours', () => {
  expect(commandLine(process.pid)).not.toBe('');
  expect(workingDirectory(process.pid)).toBe(process.cwd());
});
