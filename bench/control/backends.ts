import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { NginxManifest } from '@causeway/tools/runtime/manifest';
import { stopProcess, untilServing } from '../http/nginx-peer.ts';
import { freePorts } from '../measure/free-ports.ts';

export interface Backends {
  /** By what they answer. */
  readonly ports: Readonly<Record<'a' | 'b', number>>;
  stop(): Promise<void>;
}

/** Two servers in one nginx, which answer `a` and `b`. @param addresses of loopback, on which they listen */
export async function startBackends(
  nginx: NginxManifest,
  directory: string,
  addresses: readonly string[] = ['127.0.0.1'],
): Promise<Backends> {
  mkdirSync(directory, { recursive: true });
  const [a, b] = await freePorts(2);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${directory}/${name};`)
    .join(' ');
  const server = (port: number | undefined, text: string) =>
    `server { ${addresses.map((address) => `listen ${address}:${port} backlog=4096;`).join(' ')} location / { default_type text/plain; return 200 "${text}"; } }`;
  const conf = path.join(directory, 'nginx.conf');
  writeFileSync(
    conf,
    `user root; worker_processes 1; daemon off; pid ${directory}/nginx.pid; error_log ${directory}/error.log;
events { worker_connections 8192; }
http { ${temporary} access_log off; keepalive_requests 100000000; ${server(a, 'a')} ${server(b, 'b')} }
`,
  );
  const child = spawn(nginx.nginx, ['-p', directory, '-c', conf], {
    env: { ...process.env, LD_LIBRARY_PATH: nginx.libraryPath },
    stdio: 'inherit',
  });
  await untilServing(`http://${addresses[0]}:${b}`, child);
  return { ports: { a: a ?? 0, b: b ?? 0 }, stop: () => stopProcess(child) };
}
