import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BenchManifest } from '@causeway/tools/runtime/manifest';
import { stopProcess, untilServing } from './nginx-peer.ts';
import { type Subject, type SubjectOptions, urlOf } from './subject.ts';
import type { WorkloadRule } from './workload.ts';

/** haproxy with one thread, the rules in a prefix map, the same headers and an equal log into a ring buffer. */
export async function startHaproxy(bench: BenchManifest, options: SubjectOptions): Promise<Subject> {
  const { directory, port, backendPorts, rules, tls } = options;
  mkdirSync(directory, { recursive: true });
  const routing = writeMaps(directory, rules);
  const scheme = tls === undefined ? 'http' : 'https';
  const headers = [
    ['X-Real-IP', '%[src]'],
    ['X-Forwarded-For', '%[req.hdr(X-Forwarded-For)]%[src]'],
    ['X-Forwarded-Proto', scheme],
    ['X-Scheme', scheme],
    ['X-Forwarded-Host', '%[req.hdr(Host)]'],
    ['X-Forwarded-Port', '80'],
    ['X-Original-URI', '%[pathq]'],
    ['X-Original-URL', `${scheme}://%[req.hdr(Host)]%[pathq]`],
    ['X-Original-Method', '%[method]'],
  ];
  const conf = `
global
  nbthread 1
  maxconn 8192
  log ring@access format raw local0
ring access
  format raw
  maxlen 1200
  size 1048576
defaults
  mode http
  log global
  timeout connect 5s
  timeout client 120s
  timeout server 120s
  http-reuse always
  log-format '[%t] %ci "%[capture.req.hdr(0)]" "%HM %HU" %ST %si:%sp "%[capture.req.hdr(1)]" "%[capture.req.hdr(2)]" %Ta %Tr %B %fp'
frontend http
  bind 127.0.0.1:${port} backlog 2048${tls === undefined ? '' : ` ssl crt ${tls.bundleFile} alpn h2,http/1.1`}
  capture request header Host len 64
  capture request header User-Agent len 64
  capture request header X-Forwarded-For len 64
${headers.map(([name, value]) => `  http-request set-header ${name} "${value}"`).join('\n')}
  http-response set-header Via alb
${routing.map((line) => `  ${line}`).join('\n')}
backend backend
  balance roundrobin
${backendPorts.map((backend, index) => `  server s${index} 127.0.0.1:${backend}`).join('\n')}
backend missing
  http-request return status 404
`;
  const file = path.join(directory, 'haproxy.cfg');
  writeFileSync(file, conf);
  const child = spawn(bench.haproxy, ['-f', file, '-db'], {
    env: { ...process.env, LD_LIBRARY_PATH: bench.libraryPath },
    stdio: 'inherit',
  });
  const url = urlOf(options);
  await untilServing(url, child);
  return { name: 'haproxy', url, workerPids: [child.pid ?? 0], stop: () => stopProcess(child) };
}

/** Maps as an expert would use them. @returns the lines that choose the backend */
function writeMaps(directory: string, rules: readonly WorkloadRule[]): string[] {
  const write = (name: string, lines: readonly string[]): string => {
    const file = path.join(directory, `${name}.map`);
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    return file;
  };
  if (rules[0]?.host.startsWith('*.') === true) {
    const file = write(
      'domains',
      rules.map(({ host }) => `${host.slice(2)} backend`),
    );
    return [`use_backend %[req.hdr(host),lower,field(2,.,0),map_str(${file},missing)]`];
  }
  if (rules[0]?.regex !== undefined) {
    const regexes = rules.map(({ host, regex = '' }) => `^${host.replaceAll('.', '\\.')}${regex.slice(1)} backend`);
    return [`use_backend %[base,map_reg(${write('regexes', regexes)},missing)]`];
  }
  const conditions = (['header', 'cookie'] as const).flatMap((kind) => {
    const lines = rules.flatMap((rule) => (rule[kind] === undefined ? [] : [`${rule.host}${rule.path} ${rule[kind]}`]));
    if (lines.length === 0) return [];
    const given = kind === 'header' ? 'req.hdr(X-Tenant)' : 'req.cook(tenant)';
    return [
      `http-request set-var(txn.want_${kind}) base,map_beg(${write(kind, lines)})`,
      `http-request set-var(txn.given_${kind}) ${given}`,
      `http-request deny deny_status 404 if { var(txn.want_${kind}) -m found } !{ var(txn.want_${kind}),strcmp(txn.given_${kind}) eq 0 }`,
    ];
  });
  const loopback = rules
    .filter(({ fromLoopback }) => fromLoopback)
    .map(({ host, path: prefix }) => `${host}${prefix} y`);
  if (loopback.length > 0) {
    const wanted = `{ base,map_beg(${write('loopback', loopback)}) -m found }`;
    conditions.push(`http-request deny deny_status 404 if ${wanted} !{ src 127.0.0.0/8 }`);
  }
  const prefixes = rules.map(({ host, path: prefix }) => `${host}${prefix} backend`);
  return [...conditions, `use_backend %[base,map_beg(${write('rules', prefixes)},missing)]`];
}
