import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NginxManifest } from '@causeway/tools/runtime/manifest';
import { type BenchFeature, nginxText } from '../features/feature.ts';
import { type Subject, type SubjectOptions, urlOf } from './subject.ts';
import type { WorkloadRule } from './workload.ts';

/** The request headers that Causeway's data plane sends to backends (ALB-75); a fair peer sends the same. */
const FORWARDED_HEADERS = `
    proxy_set_header Host $http_host;
    proxy_set_header Connection $connection_header;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Scheme $scheme;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Port 80;
    proxy_set_header X-Original-URI $request_uri;
    proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
    proxy_set_header X-Original-Method $request_method;`;

const LOG_FORMAT =
  `'[$time_local] $remote_addr "$host" "$request" $status $upstream_status $upstream_addr ` +
  `"$http_user_agent" "$http_x_forwarded_for" $request_time $upstream_response_time $upstream_bytes_received $server_port'`;

export async function startStaticNginx(nginx: NginxManifest, options: SubjectOptions): Promise<Subject> {
  writeFeatureFiles(options);
  return startNginx('static nginx', nginx, options.directory, staticNginxConf(options), urlOf(options));
}

export function writeFeatureFiles({ directory, feature }: Pick<SubjectOptions, 'directory' | 'feature'>): void {
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of Object.entries(feature?.nginx.files ?? {}))
    writeFileSync(path.join(directory, name), text);
}

/** nginx as an expert would write it by hand: one location a rule, keepalive, the same headers and log. */
export function staticNginxConf(options: SubjectOptions): string {
  const hosts = groupByHost(options.rules);
  const servers = [...hosts].map(
    ([host, rules], index) => `
  server {
    listen 127.0.0.1:${options.port}${options.tls === undefined ? '' : ' ssl http2'}${index === 0 ? ' backlog=2048' : ''}; server_name ${host};
    ${options.feature?.nginx.server ?? ''}
${rules.map((rule) => `    ${locationOf(rule, options.feature)}`).join('\n')}
  }`,
  );
  const conf = `
worker_processes 1; daemon off; pid ${options.directory}/nginx.pid; error_log ${options.directory}/error.log warn;
events { worker_connections 4096; }
http {
  ${temporaryPaths(options.directory)}
  server_tokens off; keepalive_requests 1000000; proxy_buffering off; proxy_http_version 1.1;
  server_names_hash_max_size 65536; server_names_hash_bucket_size 128; variables_hash_max_size 2048;
  proxy_headers_hash_max_size 1024; proxy_headers_hash_bucket_size 128;
  add_header Via alb always;
  map $http_upgrade $connection_header { default upgrade; "" ""; }
  ${FORWARDED_HEADERS}
  log_format text ${LOG_FORMAT};
  access_log ${options.directory}/access.log text buffer=16k flush=1s;
  ${tlsLines(options)}
  ${options.feature?.nginx.http ?? ''}
  upstream backend {
    ${options.feature?.nginx.upstream ?? ''}
    ${options.backendPorts.map((port) => `server 127.0.0.1:${port};`).join(' ')}
    keepalive 320; keepalive_requests 100000000;
  }${servers.join('')}
}
`;
  return nginxText(conf, options.directory, options.backendPorts[0] ?? 0);
}

function tlsLines({ tls }: SubjectOptions): string {
  if (tls === undefined) return '';
  return `ssl_certificate ${tls.chainFile}; ssl_certificate_key ${tls.keyFile}; ssl_protocols TLSv1.2 TLSv1.3;`;
}

/** The server behind every proxy: answers of that size from memory on several ports. */
export async function startBackend(
  nginx: NginxManifest,
  directory: string,
  ports: readonly number[],
  bodyBytes = 1024,
): Promise<Subject> {
  mkdirSync(directory, { recursive: true });
  // nginx.conf takes no text of that length; the file stays in the page cache.
  const body = path.join(directory, 'body');
  writeFileSync(body, 'x'.repeat(bodyBytes));
  const conf = `
worker_processes 1; daemon off; pid ${directory}/nginx.pid; error_log ${directory}/error.log warn;
events { worker_connections 8192; }
http {
  ${temporaryPaths(directory)}
  sendfile on; open_file_cache max=10;
  access_log off; keepalive_requests 100000000;
  server {
    ${ports.map((port) => `listen 127.0.0.1:${port} backlog=4096;`).join(' ')}
    location / { default_type text/plain; ${bodyBytes <= 1024 ? `return 200 "${'x'.repeat(bodyBytes)}"` : `root ${directory}; rewrite ^ /body break`}; }
  }
}
`;
  return startNginx('backend', nginx, directory, conf, `http://127.0.0.1:${ports[0]}`);
}

function locationOf(
  { path: prefix, regex, header, cookie, fromLoopback }: WorkloadRule,
  feature: BenchFeature | undefined,
): string {
  const place = regex === undefined ? prefix : `~ ${regex}`;
  const conditions = [
    header === undefined ? '' : `if ($http_x_tenant != "${header}") { return 404; } `,
    cookie === undefined ? '' : `if ($cookie_tenant != "${cookie}") { return 404; } `,
    fromLoopback === undefined ? '' : 'allow 127.0.0.0/8; deny all; ',
    feature === undefined ? '' : featureLines(feature),
  ];
  return `location ${place} { ${conditions.join('')}proxy_pass http://${feature?.nginx.upstreamName ?? 'backend'}; }`;
}

function featureLines({ nginx }: BenchFeature): string {
  const { location, requestHeaders } = nginx;
  return requestHeaders === undefined ? location : `${location}${FORWARDED_HEADERS} ${requestHeaders} `;
}

function groupByHost(rules: SubjectOptions['rules']): Map<string, WorkloadRule[]> {
  const hosts = new Map<string, WorkloadRule[]>();
  for (const rule of rules) {
    const others = hosts.get(rule.host);
    if (others === undefined) hosts.set(rule.host, [rule]);
    else others.push(rule);
  }
  return hosts;
}

export function temporaryPaths(directory: string): string {
  return ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${directory}/${name};`)
    .join(' ');
}

export async function startNginx(
  name: string,
  nginx: NginxManifest,
  directory: string,
  conf: string,
  url: string,
): Promise<Subject> {
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, 'nginx.conf');
  writeFileSync(file, `user root;${conf}`);
  const child = spawn(nginx.nginx, ['-p', directory, '-c', file], {
    env: { ...process.env, LD_LIBRARY_PATH: nginx.libraryPath },
    stdio: 'inherit',
  });
  await untilServing(url, child);
  return { name, url, workerPids: childrenOf(child.pid ?? 0), stop: () => stopProcess(child) };
}

/** Resolves when `url` answers anything; rejects when the process ends first. */
export async function untilServing(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}`);
    if (await answers(url)) return;
    await sleep(100);
  }
  throw new Error(`${child.spawnfile} does not serve ${url}`);
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { agent: false, rejectUnauthorized: false };
    const request = url.startsWith('https:') ? httpsGet(url, options) : httpGet(url, options);
    request.on('error', () => resolve(false));
    request.on('response', (response) => response.resume().on('end', () => resolve(true)));
  });
}

/** Direct children of a process. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // it ended meanwhile
  }
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
