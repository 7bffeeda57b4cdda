import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BenchManifest, NginxManifest } from '@causeway/tools/runtime/manifest';
import { startNginx, stopProcess, temporaryPaths, untilServing } from '../http/nginx-peer.ts';
import type { Subject } from '../http/subject.ts';

/** What every proxy of connections is given. */
export interface StreamOptions {
  /** Own folder for configuration and logs. */
  readonly directory: string;
  readonly port: number;
  readonly backendPorts: readonly number[];
}

/** The server behind: 1 KiB from memory, and `/big` of so many bytes from a file. */
export function startStreamBackend(
  nginx: NginxManifest,
  directory: string,
  { ports, bigBytes }: { readonly ports: readonly number[]; readonly bigBytes: number },
): Promise<Subject> {
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, 'big'), 'x'.repeat(bigBytes));
  const conf = `
worker_processes 1; daemon off; pid ${directory}/nginx.pid; error_log ${directory}/error.log warn;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 100000000; sendfile on; ${temporaryPaths(directory)}
  server {
    ${ports.map((port) => `listen 127.0.0.1:${port} backlog=4096;`).join(' ')}
    location / { default_type text/plain; return 200 "${'x'.repeat(1024)}"; }
    location = /big { root ${directory}; }
  }
}
`;
  return startNginx('backend', nginx, directory, conf, `http://127.0.0.1:${ports[0]}`);
}

/** nginx's stream module with static endpoints and an equal log. */
export function startNginxStream(
  nginx: NginxManifest,
  { directory, port, backendPorts }: StreamOptions,
): Promise<Subject> {
  const conf = `
load_module ${nginx.modules['stream']};
worker_processes 1; daemon off; pid ${directory}/nginx.pid; error_log ${directory}/error.log warn;
events { worker_connections 8192; }
stream {
  log_format text '[$time_local] $remote_addr $protocol $server_port $status $bytes_received $bytes_sent $session_time';
  access_log ${directory}/access.log text buffer=16k flush=1s;
  upstream backend { ${backendPorts.map((backend) => `server 127.0.0.1:${backend};`).join(' ')} }
  server { listen 127.0.0.1:${port} backlog=2048; proxy_pass backend; proxy_connect_timeout 5s; proxy_timeout 120s; }
}
`;
  return startNginx('nginx stream', nginx, directory, conf, `http://127.0.0.1:${port}`);
}

/** haproxy in tcp mode with one thread, and an equal log into a ring buffer. */
export async function startHaproxyTcp(
  bench: BenchManifest,
  { directory, port, backendPorts }: StreamOptions,
): Promise<Subject> {
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, 'haproxy.cfg');
  writeFileSync(
    file,
    `
global
  nbthread 1
  maxconn 8192
  log ring@access format raw local0
ring access
  format raw
  maxlen 1200
  size 1048576
defaults
  mode tcp
  log global
  timeout connect 5s
  timeout client 120s
  timeout server 120s
  log-format '[%t] %ci TCP %fp %ts %U %B %Tt'
listen tcp
  bind 127.0.0.1:${port} backlog 2048
  balance roundrobin
${backendPorts.map((backend, index) => `  server s${index} 127.0.0.1:${backend}`).join('\n')}
`,
  );
  const child = spawn(bench.haproxy, ['-f', file, '-db'], {
    env: { ...process.env, LD_LIBRARY_PATH: bench.libraryPath },
    stdio: 'inherit',
  });
  const url = `http://127.0.0.1:${port}`;
  await untilServing(url, child);
  return { name: 'haproxy tcp', url, workerPids: [child.pid ?? 0], stop: () => stopProcess(child) };
}
