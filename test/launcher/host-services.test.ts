import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { ask } from '@causeway/apps/demo/ask';
import type { NginxManifest } from '@causeway/tools/runtime/manifest';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { commandLine, launcher, run, TemporaryDirectories, UpProcess } from './up-process.ts';

const directories = new TemporaryDirectories();
let folder: string;
let services: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'host-service-'));
  services = [];
});
afterEach(async () => {
  await directories.remove();
  for (const service of services) {
    if (service.exitCode !== null) continue;
    service.kill('SIGTERM');
    await once(service, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** An nginx as a Debian machine runs it: title, master and workers are those of a service. */
function startHostNginx(port: number): ChildProcess {
  const file = path.join(process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime'), 'runtime.json');
  const runtime = JSON.parse(readFileSync(file, 'utf8')) as NginxManifest;
  const configuration = path.join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((n) => `${n}_temp_path ${folder}/${n};`);
  writeFileSync(
    configuration,
    `daemon off; pid ${folder}/pid; events {}
     http { access_log off; ${temporary.join(' ')}
       server { listen 127.0.0.1:${port}; location / { return 200 "host nginx\\n"; } } }`,
  );
  const nginx = spawn(runtime.nginx, ['-p', folder, '-e', 'stderr', '-c', configuration], {
    env: { ...process.env, LD_LIBRARY_PATH: runtime.libraryPath },
    stdio: 'ignore',
  });
  services.push(nginx);
  return nginx;
}

function startHostService(port: number): ChildProcess {
  const script = `require('node:http').createServer((_, r) => r.end('host service\\n')).listen(${port}, '127.0.0.1')`;
  const service = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  services.push(service);
  return service;
}

/** What dpkg has installed. */
function installedPackages(): string {
  return createHash('sha256').update(readFileSync('/var/lib/dpkg/status')).digest('hex');
}

test('the quick start serves, while services of the host keep port and process, and nothing is installed', async () => {
  const [nginxPort = 0, servicePort = 0, httpPort = 0, httpsPort = 0, metricsPort = 0] = await freePorts(5);
  const nginx = startHostNginx(nginxPort);
  const service = startHostService(servicePort);
  const ports = [nginxPort, servicePort];
  const answers = () => Promise.all(ports.map((port) => ask(`http://127.0.0.1:${port}/`, 2_000).then((a) => a.body)));
  await vi.waitFor(async () => expect(await answers()).toEqual(['host nginx\n', 'host service\n']), 10_000);
  const titles = services.map(({ pid = 0 }) => commandLine(pid));
  const installed = installedPackages();

  const up = await UpProcess.start(directories.make());
  const demo = await run(launcher, [
    ...['demo', '--once', '--data-dir', up.dataDirectory, '--port', String(httpPort)],
    ...['--https-port', String(httpsPort), '--metrics-port', String(metricsPort)],
  ]);
  expect(demo).toMatchObject({ code: 0, stderr: '' });
  expect(demo.stdout.match(/GET \/ -> 200 hello from/g)).toHaveLength(6);
  for (const address of ['127.0.0.1', '127.0.0.2', '127.0.0.3'])
    expect(demo.stdout).toContain(`hello from ${address}:`);
  expect(await up.signal('SIGTERM')).toBe(0);

  expect(await answers()).toEqual(['host nginx\n', 'host service\n']);
  expect([nginx.exitCode, service.exitCode]).toEqual([null, null]);
  expect(services.map(({ pid = 0 }) => commandLine(pid))).toEqual(titles);
  expect(installedPackages()).toBe(installed);
});
