import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stopProcess, untilServing } from './nginx-peer.ts';
import { type Subject, type SubjectOptions, urlOf } from './subject.ts';
import type { WorkloadRule } from './workload.ts';

/** Caddy tries rules one after the other: with more of them it only shows that. */
export const CADDY_RULES_MAX = 1_000;

/** The `caddy` of the PATH (Debian's package), or undefined. */
export function caddyProgram(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, 'caddy')).find((file) => existsSync(file));
}

/** Caddy on one processor, with the same rules, headers and an equal log to a file. It serves no bare TLS: certificates from files. */
export async function startCaddy(program: string, options: SubjectOptions): Promise<Subject> {
  const { directory, port } = options;
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, 'Caddyfile');
  writeFileSync(file, caddyfile(options));
  const child = spawn(program, ['run', '--config', file, '--adapter', 'caddyfile'], {
    env: { ...process.env, GOMAXPROCS: '1', XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const url = urlOf(options);
  await untilServing(`http://127.0.0.1:${port}`, child);
  return { name: 'caddy', url, workerPids: [child.pid ?? 0], stop: () => stopProcess(child) };
}

function caddyfile({ directory, port, rules, backendPorts, tls }: SubjectOptions): string {
  const scheme = tls === undefined ? 'http' : 'https';
  const hosts = new Map<string, WorkloadRule[]>();
  for (const rule of rules) hosts.set(rule.host, [...(hosts.get(rule.host) ?? []), rule]);
  const sites = [...hosts].map(
    ([host, of]) => `${scheme}://${host}:${port} {
  bind 127.0.0.1
  ${tls === undefined ? '' : `tls ${tls.chainFile} ${tls.keyFile}`}
  import logged
${of.map(handler).join('\n')}
}`,
  );
  return `{
  admin off
  auto_https off
}
(logged) {
  log {
    output file ${directory}/access.log
  }
  header Via alb
  header -Server
}
(proxied) {
  reverse_proxy ${backendPorts.map((backend) => `127.0.0.1:${backend}`).join(' ')} {
    lb_policy round_robin
    transport http {
      keepalive_idle_conns_per_host 320
      compression off
    }
    header_up X-Real-IP {remote_host}
    header_up X-Scheme ${scheme}
    header_up X-Forwarded-Port 80
    header_up X-Original-URI {uri}
    header_up X-Original-URL ${scheme}://{hostport}{uri}
    header_up X-Original-Method {method}
  }
}
${sites.join('\n')}
`;
}

function handler({ path: prefix, regex, header, cookie, fromLoopback }: WorkloadRule, index: number): string {
  const conditions = [regex === undefined ? `path ${prefix === '/' ? '/*' : `${prefix}*`}` : `path_regexp ${regex}`];
  if (header !== undefined) conditions.push(`header X-Tenant ${header}`);
  if (cookie !== undefined) conditions.push(`header Cookie *tenant=${cookie}*`);
  if (fromLoopback === true) conditions.push('remote_ip 127.0.0.0/8');
  return `  @r${index} {
    ${conditions.join('\n    ')}
  }
  handle @r${index} {
    import proxied
  }`;
}
