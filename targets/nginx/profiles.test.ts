/** Location profiles with a real nginx: design D4. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RouteIR } from '@causeway/ir/gateway';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSelfSigned } from './self-signed.ts';
import { endpoints, forward, instance, listener, route } from './testing/fragments.ts';
import { createHome, eventually, freePorts, type TestHome, TestInstances } from './testing/home.ts';

let home: TestHome;
let backend: Server;
let backendPort: number;
let port: number;
let metricsPort: number;
let instances: TestInstances;

beforeAll(async () => {
  home = await createHome();
  backend = createServer((incoming, response) => {
    incoming.resume();
    incoming.on('end', () => response.end('ok'));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => backend.once('listening', resolve));
  backendPort = (backend.address() as AddressInfo).port;
});
afterAll(() => {
  backend.close();
  backend.closeAllConnections();
  home.remove();
});

beforeEach(async () => {
  [port = 0, metricsPort = 0] = await freePorts(2);
  instances = new TestInstances(home.options);
});
afterEach(async () => {
  await instances.stop();
  rmSync(home.options.runDirectory, { recursive: true, force: true });
});

/** Absent: no limit. */
function limited(bytes: number | undefined): RouteIR {
  return route('r', '/', port, { filters: bytes === undefined ? [] : [{ type: 'bodyLimit', bytes }] });
}

function put(...routes: readonly RouteIR[]): void {
  instances.put('all', [
    instance({ metricsPort }),
    listener(port),
    endpoints('default/svc:80', backendPort),
    ...routes,
  ]);
  instances.settle();
}

/** Status of a POST whose body is sent in chunks, without its length. */
async function postChunked(bytes: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n');
  socket.write(`${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n0\r\n\r\n`);
  let text = '';
  for await (const part of socket.setEncoding('utf8')) text += String(part);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
}

async function answers(bytes: number, status: number): Promise<void> {
  await eventually(`${bytes} bytes are answered ${status}`, async () =>
    (await postChunked(bytes)) === status ? true : undefined,
  );
}

test('a new one costs a reload, and its route is served all the time, never without a limit', async () => {
  put(limited(2000));
  const { reloads } = await instances.ready();
  expect(reloads).toBe(0);
  await answers(1000, 200);
  await answers(3000, 413);

  let under = true;
  const seen = new Set<number>();
  const asking = (async () => {
    while (under) {
      seen.add(await postChunked(1000));
      expect(await postChunked(9000)).toBe(413);
    }
  })();
  put(limited(4000));
  await answers(3000, 200);
  await sleep(200);
  under = false;
  await asking;
  expect([...seen]).toEqual([200]);
  expect((await instances.ready()).reloads).toBe(1);
}, 20_000);

test('what nobody uses any more is worth no reload, and comes back for nothing', async () => {
  put(limited(2000));
  await instances.ready();
  await answers(3000, 413);
  put(limited(undefined));
  await answers(3000, 200);
  put(limited(2000));
  await answers(3000, 413);
  expect((await instances.ready()).reloads).toBe(0);
});

test('the prebuilt ones cost none; many new ones together cost one or two', async () => {
  put(limited(undefined));
  await instances.ready();
  put(limited(1024 * 1024));
  await answers(1024 * 1024 + 1, 413);
  expect((await instances.ready()).reloads).toBe(0);
  for (let n = 1; n <= 20; n++) {
    put(limited(undefined), ...Array.from({ length: n }, (_, i) => other(i)));
    await sleep(20);
  }
  const status = await instances.until('nothing waits', ({ reloads }) => reloads === 2);
  expect(status.warnings).toEqual([]);
}, 20_000);

function other(index: number): RouteIR {
  return route(`o${index}`, `/o${index}`, port, {
    action: forward(['default/svc:80'], { retry: { attempts: 5, withinMs: index + 1 } }),
  });
}

test('keys and certificates are files for nginx alone, only as long as they are used', async () => {
  const pair = await createSelfSigned(new Date());
  const certificate = { chainPem: pair.certificate, keyPem: pair.key };
  const { backends, ...rest } = forward(['default/svc:80']);
  const tls = { name: '', sendName: false, certificate };
  const action = { ...rest, backends: backends.map((each) => ({ ...each, protocol: 'https' as const, tls })) };
  put(route('r', '/', port, { action }));
  await instances.ready();
  const keyFile = () =>
    /proxy_ssl_certificate_key (\S+);/.exec(readFileSync(join(home.directory, 'nginx.conf'), 'utf8'))?.[1] ?? '';
  const path = keyFile();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);

  const other = await createSelfSigned(new Date());
  const replaced = { ...tls, certificate: { chainPem: other.certificate, keyPem: other.key } };
  put(
    route('r', '/', port, {
      action: { ...action, backends: backends.map((each) => ({ ...each, protocol: 'https', tls: replaced })) },
    }),
  );
  await instances.until('the other key is in use', ({ reloads }) => reloads === 1);
  await eventually('the old key is gone', () => (existsSync(path) ? undefined : true));
  const next = keyFile();
  expect(existsSync(next)).toBe(true);
  await instances.stop();
  expect(existsSync(next)).toBe(false);
}, 20_000);

test('an agent that finds an nginx without them reloads it before it pushes', async () => {
  const { runDirectory, dataplaneDirectory } = home.options;
  const args = [runDirectory, dataplaneDirectory, port, metricsPort, backendPort].map(String);
  const owner = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'testing/owner.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve) => {
    owner.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('"ready":true')) resolve();
    });
  });
  const ended = new Promise((resolve) => owner.once('exit', resolve));
  owner.kill('SIGKILL');
  await ended;
  expect(await postChunked(3000)).toBe(200);

  let under = true;
  const seen = new Set<number>();
  const asking = (async () => {
    while (under) seen.add(await postChunked(1000));
  })();
  put(limited(2000));
  await answers(3000, 413);
  under = false;
  await asking;
  expect([...seen]).toEqual([200]);
  expect((await instances.ready()).reloads).toBe(1);
}, 20_000);
