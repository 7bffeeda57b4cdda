/** Connections that pass through, with a real nginx and the real layer 4 process. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, createServer, type Server } from 'node:tls';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import type { GatewayFragment, PassthroughIR } from '@causeway/ir/gateway';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { streamProcessesOf } from './stream-process.ts';
import { ALB, endpoints, forward, instance, listener } from './testing/fragments.ts';
import { createHome, eventually, freePorts, masterOf, type TestHome, TestInstances } from './testing/home.ts';

let home: TestHome;
let programs: string;
let server: Server;
let instances: TestInstances;
let fragments: readonly GatewayFragment[];
let port: number;

beforeAll(async () => {
  home = await createHome();
  programs = mkdtempSync(path.join(tmpdir(), 'cw-'));
  mkdirSync(programs, { recursive: true });
  await build({
    entryPoints: [path.resolve(import.meta.dirname, '../../apps/stream.ts')],
    outfile: path.join(programs, 'stream.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const { chainPem, keyPem } = await selfSigned('raw.example');
  server = createServer({ cert: chainPem, key: keyPem }, (socket) => socket.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [first = 0, metricsPort = 0] = await freePorts(2);
  port = first;
  const ended = await selfSigned('ended.example');
  fragments = [
    instance({ metricsPort }),
    listener(port, {
      protocol: 'https',
      tls: { defaultCertificate: 'c', unknownNameCertificate: 'c', certificates: [] },
    }),
    { kind: 'certificate', id: 'c', ...ended },
    endpoints('default/raw:443', (server.address() as AddressInfo).port),
  ];
  instances = new TestInstances({ ...home.options, streamScript: path.join(programs, 'stream.js') });
});
afterAll(async () => {
  await instances.stop();
  server.close();
  home.remove();
  rmSync(programs, { recursive: true, force: true });
});

function passthrough(host: string): PassthroughIR {
  const { backends, ...rest } = forward(['default/raw:443']);
  return {
    kind: 'passthrough',
    id: `kube-system/${host}`,
    instance: ALB,
    listeners: [`kube-system/alb-demo-${port}`],
    hosts: [{ op: 'equal', value: host }],
    order: { priority: 5, tie: host },
    action: { ...rest, backends: backends.map((backend) => ({ ...backend, protocol: 'tcp' })) },
    name: host,
    source: { type: '', namespace: '', name: '' },
  };
}

function put(...more: readonly GatewayFragment[]): void {
  instances.put('all', [...fragments, ...more]);
  instances.settle();
}

/** The subject that a client is shown; undefined: it cannot connect. */
function subject(servername: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', () => resolve(undefined));
  });
}

async function shows(servername: string, name: string): Promise<void> {
  await eventually(`${name} for ${servername}`, async () => ((await subject(servername)) === name ? true : undefined));
}

function configuration(): string {
  return readFileSync(path.join(home.directory, 'nginx.conf'), 'utf8');
}

test('a name passes through while somebody wants it; others of its port never notice', async () => {
  put();
  await shows('a.com', 'ended.example');
  expect(configuration()).not.toMatch(/^stream /m);
  let over = false;
  const others: (string | undefined)[] = [];
  const traffic = (async () => {
    while (!over) others.push(await subject('b.com'));
  })();
  for (let round = 0; round < 3; round += 1) {
    put(passthrough('a.com'));
    await shows('a.com', 'raw.example');
    put();
    await shows('a.com', 'ended.example');
  }
  over = true;
  await traffic;
  expect(new Set(others)).toEqual(new Set(['ended.example']));
});

test('names stand in nginx.conf as escapes only; what it hands over in excess comes back', async () => {
  put(passthrough('a.com'), {
    ...passthrough('w.com'),
    hosts: [{ op: 'hostSuffix', value: '.w.com', labels: 'many' }],
  });
  await shows('x.y.w.com', 'raw.example');
  expect(configuration()).not.toContain('w.com');
  // The record goes first, nginx.conf follows.
  put(passthrough('a.com'));
  await shows('x.y.w.com', 'ended.example');
});

test('the layer 4 process is killed: the next one takes over', async () => {
  put(passthrough('a.com'));
  await shows('a.com', 'raw.example');
  const [running] = streamProcessesOf(home.directory);
  process.kill(running?.pid ?? 0, 'SIGKILL');
  await shows('a.com', 'raw.example');
  expect(streamProcessesOf(home.directory)[0]?.pid).not.toBe(running?.pid);
  expect(await subject('b.com')).toBe('ended.example');
});

test('nginx is killed: the sockets that it leaves are not in the way', async () => {
  put(passthrough('a.com'));
  await shows('a.com', 'raw.example');
  process.kill(masterOf(home), 'SIGKILL');
  await instances.until('a new master', () => configuration() !== '' && isThere(masterOf(home)));
  await shows('a.com', 'raw.example');
  await shows('b.com', 'ended.example');
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
