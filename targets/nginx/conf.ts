/**
 * nginx.conf of an instance. Pure, and free of user text (design D7): what goes in are
 * numbers, booleans, addresses of the machine and our own paths. Everything users write
 * reaches nginx as records (records.ts).
 *
 * The frame of it (variables, locations, phases) is a contract with the data plane:
 * dataplane/http/README.md.
 */
import assert from 'node:assert/strict';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { ClientKeepaliveIR, InstanceIR, ListenerProtocol, TuningIR } from '@causeway/ir/gateway';
import { indent, time, whole } from './directive.ts';
import {
  type FirewallSockets,
  firewallLocation,
  firewallUpstream,
  INSPECTED_HEADERS,
  inspectedHead,
  ofInspected,
} from './firewall-hop.ts';
import { type ForwardedHeaders, forwardedHeaderLines } from './forwarded-headers.ts';
import { isPrebuilt, PREBUILT, PROTOCOLS, type Profile } from './profile.ts';
import { profileLines, tlsUpstreams } from './profile-conf.ts';
import { isTls } from './records.ts';
import type { NginxRuntime } from './runtime.ts';
import { backendBufferLines, clientLines, gzipLines, poolLines } from './tuning.ts';

export interface NginxConf {
  readonly instance: InstanceIR;
  /** Ports that can be bound, in ascending order. */
  readonly ports: readonly ServedPort[];
  /** Beside those that are always there. */
  readonly profiles: readonly Profile[];
  readonly paths: NginxPaths;
  /** Present when routes are inspected. */
  readonly firewall?: FirewallSockets | undefined;
}

export interface ServedPort {
  readonly port: number;
  readonly protocol: ListenerProtocol;
  /** Without brackets; at least one. */
  readonly addresses: readonly string[];
  readonly keepalive?: ClientKeepaliveIR;
  /** Every connection begins with a header of the PROXY protocol, whose address counts if the peer is a trusted proxy. */
  readonly proxyProtocol?: true;
}

/** Absolute, except that nginx's own files are named relative to its prefix (`-p`). */
export interface NginxPaths {
  readonly runtime: NginxRuntime;
  /** Folder of the compiled Lua. A new build is a new folder, so that it changes this text. */
  readonly dataplane: string;
  readonly agentSocket: string;
  /** Where the agent answers what workers ask. */
  readonly questionSocket: string;
  readonly stateFile: string;
  /** Folder of the files that profiles read ({@link tlsFiles}). */
  readonly tlsDirectory: string;
}

/** Long streams get this long to end after a reload (design D4). */
const SHUTDOWN_TIMEOUT = '240s';

/** ALB-106; nginx adds text/html by itself. */
const GZIP_TYPES = [
  'text/css',
  'text/plain',
  'text/javascript',
  'text/x-component',
  'application/json',
  'application/javascript',
  'application/x-javascript',
  'application/xml',
  'application/xhtml+xml',
  'application/rss+xml',
  'application/atom+xml',
  'application/vnd.ms-fontobject',
  'application/x-font-ttf',
  'application/x-web-app-manifest+json',
  'font/opentype',
  'image/svg+xml',
  'image/x-icon',
];

/** ALB-97: AEAD only. DHE is left out: its suites need parameters that take seconds to make, and no client needs them. */
const TLS12_CIPHERS = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-CCM',
  'ECDHE-ECDSA-AES256-CCM',
];

/** Statuses nginx makes itself and that get our page (ALB-110). */
const ERROR_STATUSES =
  '400 401 403 404 405 408 411 412 413 414 415 416 421 429 494 495 496 497 500 501 502 503 504 505 507';
const ERROR_PAGE = `error_page ${ERROR_STATUSES} /.causeway/error;`;

/** In every answer; a location with headers of its own has to repeat them. */
const ANSWER_HEADERS = 'add_header Via alb always;';
/** ALB-54. An empty value sends no header; the plain location does without, since each header costs. */
const COOKIE_HEADER = 'add_header Set-Cookie $causeway_cookie always;';
/** ALB-76. The answer to a preflight has no body, and so nginx would not say what it is. */
const PREFLIGHT_HEADERS = `add_header Content-Type $causeway_preflight_type always;
add_header Content-Length $causeway_preflight_length always;`;
/** See dataplane/http/work.ts. */
const AMEND = 'header_filter_by_lua_block { causeway.amend() }';
const WAIT = 'access_by_lua_block { causeway.wait() }';

function logWork({ logWork: call }: Entry): string {
  return `log_by_lua_block { ${call} }`;
}

const TRACE_HEADER = 'add_header x-cpaas-trace $causeway_traced always;';

export function renderConf(given: NginxConf): string {
  const { instance, ports, paths, firewall } = given;
  const profiles = given.profiles.filter((profile) => !isPrebuilt(profile)).sort((a, b) => (a.id < b.id ? -1 : 1));
  const conf = { ...given, profiles: [...PREBUILT, ...profiles] };
  return `${processPart(instance, paths)}
http {
${indent(httpPart(conf))}
${ports.map((port) => `\n${indent(serverPart(port, conf))}\n`).join('')}${
  firewall === undefined || ports.length === 0 ? '' : `\n${indent(inspectedPart(firewall, conf))}\n`
}}
`;
}

/** The addresses and ports in a text that {@link renderConf} made. */
export function listensOf(conf: string): { address: string; port: number }[] {
  const listens: { address: string; port: number }[] = [];
  for (const [, bracketed, plain, port] of conf.matchAll(/^ *listen (?:\[([^\]]+)\]|([\d.]+)):(\d+) /gm)) {
    listens.push({ address: bracketed ?? plain ?? '', port: Number(port) });
  }
  return listens;
}

function processPart(instance: InstanceIR, { runtime }: NginxPaths): string {
  assert(Number.isInteger(instance.workers) && instance.workers > 0, `${instance.workers} workers`);
  return `load_module ${quoted(moduleOf(runtime, 'ndk'))};
load_module ${quoted(moduleOf(runtime, 'http_lua'))};
load_module ${quoted(moduleOf(runtime, 'http_headers_more_filter'))};
worker_processes ${instance.workers};
worker_shutdown_timeout ${SHUTDOWN_TIMEOUT};
pcre_jit on;
pid nginx.pid;
error_log error.log warn;
events {
  worker_connections 16384;
}
`;
}

function httpPart(conf: NginxConf): string {
  const { ports, paths } = conf;
  const hasPorts = ports.length > 0;
  const { runtime, dataplane, agentSocket, questionSocket, stateFile } = paths;
  return `lua_package_path ${quoted(`${dataplane}/?.lua;${runtime.luaPath}`)};
lua_package_cpath ${quoted(runtime.luaCpath)};
lua_shared_dict causeway_auth 4m;
lua_malloc_trim 0;
lua_regex_match_limit 100000;
lua_socket_log_errors off;
init_by_lua_block {
  causeway = require("http.main")
  causeway.init({
    socket = ${quoted(`unix:${agentSocket}`)},
    questions = ${quoted(`unix:${questionSocket}`)},
    stateFile = ${quoted(stateFile)},
  })
}
init_worker_by_lua_block { causeway.initWorker() }

lua_shared_dict causeway_workers 64k;
lua_shared_dict causeway_limits 10m;

client_body_temp_path temp/body;
proxy_temp_path temp/proxy;
fastcgi_temp_path temp/fastcgi;
uwsgi_temp_path temp/uwsgi;
scgi_temp_path temp/scgi;${hasPorts ? trafficPart(conf) : ''}`;
}

/** Left out without ports: it reads variables that only servers declare. */
function trafficPart({ instance, ports, profiles, firewall }: NginxConf): string {
  const { tuning } = instance;
  return `

server_tokens off;
more_clear_headers Server;
uninitialized_variable_warn off;
variables_hash_max_size 2048;
request_pool_size 8k;
${clientLines(tuning)}
${clientAddress(instance, ports, firewall !== undefined)}${instance.gzip ? gzipPart(tuning) : ''}
${ERROR_HEADER}
${instance.traceHeader ? TRACE : PLACE}
${ANSWER_HEADERS}
limit_rate_after $causeway_bytes_at_once;
access_log off;

${upstreams(tuning, profiles)}${firewall === undefined ? '' : `\n${firewallUpstream(firewall)}`}`;
}

/**
 * The client's address as told by proxies that are trusted (design D12), by X-Real-IP before X-Forwarded-For (ALB-10);
 * without any, the peer is the client. The realip module reads one header only, hence the map.
 */
function realIp(trustedProxies: readonly string[], ports: readonly ServedPort[], firewall: boolean): string {
  if (trustedProxies.length === 0) return '';
  for (const network of trustedProxies) {
    const [address = '', bits = '', ...rest] = network.split('/');
    const valid = rest.length === 0 && isIP(address) !== 0 && /^\d{1,3}$/.test(bits);
    assert(valid, `trusted proxies ${JSON.stringify(network)}`);
  }
  // Where connections bring the PROXY protocol, the peer has said by it who the client is: nobody else's headers count.
  const proxied = ports.some((port) => port.proxyProtocol === true);
  const first = proxied ? '$causeway_peer' : '$realip_remote_addr';
  const peer = firewall ? '$causeway_first_peer' : first;
  return `${trustedProxies.map((network) => `set_real_ip_from ${network};`).join('\n')}
real_ip_header X-Forwarded-For;
real_ip_recursive on;
geo $realip_remote_addr $causeway_peer_is_trusted {
  default 0;
${trustedProxies.map((network) => `  ${network} 1;`).join('\n')}
}
${proxied ? PROXIED_PEER : ''}map "$causeway_peer_is_trusted${proxied ? '$proxy_protocol_addr' : ''} $http_x_real_ip" $causeway_client {
  default $remote_addr;
  "~^1 (?<address>[0-9a-fA-F.:]+)$" $address;
}
${firewall ? firstPeer(first) : ''}map $http_x_forwarded_for $causeway_forwarded_for {
  default "$http_x_forwarded_for, ${peer}";
  "" ${peer};
}
`;
}

const PROXIED_PEER = `map $proxy_protocol_addr $causeway_peer {
  default $remote_addr;
  "" $realip_remote_addr;
}
`;

/** On the way back from the firewall the peer is the firewall. */
function firstPeer(peer: string): string {
  return `map $realip_remote_addr $causeway_first_peer {
  default ${peer};
  unix: $causeway_inspected_peer;
}
`;
}

/** Who the client is, and what of what it says about those before it goes on. */
function clientAddress(instance: InstanceIR, ports: readonly ServedPort[], firewall: boolean): string {
  const known = realIp(instance.trustedProxies, ports, firewall);
  return known === '' && instance.forwardedHeaders === 'replace' ? PEER_ALONE : known;
}

/** What the client says about those before it counts for nothing (IN-15). */
const PEER_ALONE = `map $remote_addr $causeway_client {
  default $remote_addr;
}
map $remote_addr $causeway_forwarded_for {
  default $remote_addr;
}
`;

/** From level to Vary: ALB-106. */
function gzipPart(tuning: TuningIR): string {
  return `
gzip on;
${gzipLines(tuning)}
gzip_http_version 1.1;
gzip_proxied any;
gzip_vary on;
gzip_types ${GZIP_TYPES.join(' ')};
`;
}

/** Every status that is registered or known to be used, from 400 on: a list is quicker than a look at each status as a text. */
const ERRORS = [
  ...range(400, 431),
  ...[440, 444, 449, 450, 451, 460, 463, 464, 494, 495, 496, 497, 498, 499],
  ...range(500, 511),
  ...[520, 521, 522, 523, 524, 525, 526, 527, 529, 530, 561, 598, 599],
];

/**
 * A reason set by us wins; otherwise the error came from the backend, or is nginx's own 502. Of another ALB behind this one the
 * reason is passed on: it knows more.
 */
const ERROR_HEADER = `map $upstream_bytes_received $causeway_backend_bytes {
  default $upstream_bytes_received;
  "~(?<n>\\d+)$" $n;
  "" 0;
}
map $upstream_http_x_alb_err_reason $causeway_backend_reason {
  "" "BackendError : read $causeway_backend_bytes byte data from backend";
  default $upstream_http_x_alb_err_reason;
}
map $causeway_reason $causeway_error_reason {
  "" $causeway_backend_reason;
  default $causeway_reason;
}
more_set_headers -s '${ERRORS.join(' ')}' 'X-ALB-ERR-REASON: $causeway_error_reason';
map $causeway_new_host $causeway_host {
  default $causeway_new_host;
  "" $http_host;
}
map $status $causeway_preflight_type {
  204 "text/plain charset=UTF-8";
  default "";
}
map $status $causeway_preflight_length {
  204 0;
  default "";
}
map $http_upgrade $causeway_connection {
  default upgrade;
  "" "";
}
map $causeway_new_connection $causeway_own_connection {
  default $causeway_new_connection;
  "" $causeway_connection;
}`;

/** Where a request goes on that is not plain. */
const PLACE = `map $causeway_exit $causeway_place {
  default $causeway_exit;
  "" @causeway_http;
}`;

/** ALB-132. Who asks for a trace takes a detour, so that others pay next to nothing for it. */
const TRACE = `map $causeway_exit $causeway_untraced_place {
  default $causeway_exit;
  "" @causeway_http;
}
map $http_cpaas_trace $causeway_place {
  default $causeway_untraced_place;
  true @causeway_traced;
}
map $upstream_addr $causeway_last_upstream {
  default $upstream_addr;
  "~(?<last>[^ ,]+)$" $last;
}
map $causeway_trace $causeway_traced {
  default '$causeway_trace,"upstream_ip":"$causeway_last_upstream"}';
  "" "";
}`;

/** The format of one port. What the port says already is no variable: each costs every request some hundred instructions. */
function logFormat({ port }: ServedPort, kind: InstanceIR['accessLog'], through?: 'firewall'): string {
  const suffix = through === undefined ? '' : `_${through}`;
  const format =
    kind === 'text'
      ? `log_format causeway_${port}${suffix} ${LOG_TEXT} ${port}';`
      : `log_format causeway_${port}${suffix} escape=json ${LOG_JSON},"port":${port}}';`;
  return through === undefined ? format : ofInspected(format);
}

/** ALB-134, without its last field, the port. */
const LOG_TEXT = `'[$time_local] $remote_addr "$host" "$request" $status $upstream_status $upstream_addr '
  '"$http_user_agent" "$http_x_forwarded_for" $request_time $upstream_response_time $upstream_bytes_received`;

const LOG_JSON = `'{"time":"$time_iso8601","client":"$remote_addr","host":"$host","request":"$request",'
  '"status":$status,"upstreamStatus":"$upstream_status","upstream":"$upstream_addr","userAgent":"$http_user_agent",'
  '"forwardedFor":"$http_x_forwarded_for","seconds":$request_time,"upstreamSeconds":"$upstream_response_time",'
  '"upstreamBytes":"$upstream_bytes_received","route":"$causeway_route","reason":"$causeway_reason"`;

/** One block per way to speak to a backend: pools must not mix. The first with TLS verify nothing, and send no name. */
function upstreams(tuning: TuningIR, profiles: readonly Profile[]): string {
  const blocks = [...PROTOCOLS.map((protocol) => upstream(protocol, tuning)), ...tlsUpstreams(profiles, tuning)];
  return `${blocks.join('\n')}
proxy_http_version 1.1;
proxy_buffering off;
${backendBufferLines(tuning)}
proxy_connect_timeout 5s;
proxy_send_timeout 120s;
proxy_read_timeout 120s;
grpc_connect_timeout 5s;
grpc_send_timeout 120s;
grpc_read_timeout 120s;
proxy_next_upstream error timeout;
grpc_next_upstream error timeout;
proxy_ssl_protocols TLSv1.2 TLSv1.3;
grpc_ssl_protocols TLSv1.2 TLSv1.3;
proxy_ssl_verify off;
proxy_ssl_server_name off;
proxy_ssl_session_reuse on;
recursive_error_pages on;`;
}

function upstream(protocol: string, tuning: TuningIR): string {
  return `upstream causeway_${protocol} {
  server 0.0.0.1:1;
  balancer_by_lua_block { causeway.balance() }
${indent(poolLines(tuning).join('\n'))}
}`;
}

function serverPart(served: ServedPort, conf: NginxConf): string {
  const { instance, firewall } = conf;
  const { port } = served;
  assert(Number.isInteger(port) && port > 0 && port <= 65_535, `port ${port}`);
  const listens = served.addresses.map((address) => listenLine(address, served, instance));
  const entry: Entry = {
    route: `causeway.route(${port})`,
    logWork: `causeway.logWork(${port})`,
    scheme: isTls(served) ? 'https' : 'http',
    port,
    peer:
      served.proxyProtocol === true && instance.trustedProxies.length > 0 ? '$causeway_peer' : '$realip_remote_addr',
    answerHeaders: ANSWER_HEADERS,
  };
  return `${logFormat(served, instance.accessLog)}
${firewall === undefined ? '' : `${logFormat(served, instance.accessLog, 'firewall')}\n`}server {
${indent(listens.join('\n'))}
${isTls(served) ? `\n${indent(tlsPart(port))}\n` : ''}${indent(clientConnectionLines(served, instance))}
  access_log access.log causeway_${port} buffer=16k flush=1s;
  log_by_lua_block { causeway.log(${port}) }

${requestPart(entry, conf)}${firewall === undefined ? '' : indent(firewallLocation(entry, port))}
}`;
}

/** Through which server a request comes in. */
interface Entry {
  /** Of Lua: what names the route. */
  readonly route: string;
  /** Of Lua: what logs requests with work. */
  readonly logWork: string;
  readonly scheme: ForwardedHeaders['scheme'];
  readonly port: ForwardedHeaders['port'];
  /** Variable with the address at the other end of the connection from the client. */
  readonly peer: string;
  readonly answerHeaders: string;
}

/** What becomes of requests, whatever the port. */
function requestPart(entry: Entry, { instance, profiles, paths }: NginxConf): string {
  const traced = instance.traceHeader;
  const ways: readonly Profile[] = [...PROTOCOLS.map((protocol) => ({ id: protocol, protocol })), ...profiles];
  const answerHeaders = traced ? `${entry.answerHeaders}\n${TRACE_HEADER}` : entry.answerHeaders;
  return `${indent(requestHeaders(entry, instance, NOT_PLAIN))}
  grpc_set_header Host $causeway_host;

  # Plain HTTP to the host that was asked for; all else goes on to a location below.
  location / {
    set_by_lua_block $causeway_route { return ${entry.route} }
    if ($causeway_exit) {
      return 418;
    }
    if ($http_upgrade) {
      return 418;
    }
${traced ? '    if ($http_cpaas_trace) {\n      return 418;\n    }\n' : ''}    error_page 418 = $causeway_place;
    ${ERROR_PAGE}
${indent(indent(requestHeaders(entry, instance, { host: '$http_host', connection: '""', upgrade: '""' })))}
    proxy_pass http://causeway_http;
  }
${ways
  .map(
    (
      way,
    ) => `${indent(forwardingLocations(entry, way, profileLines(way, instance.tuning, paths.tlsDirectory), answerHeaders))}
`,
  )
  .join('')}  location @causeway_answer {
${indent(indent(`${answerHeaders}\n${PREFLIGHT_HEADERS}`))}
    ${AMEND}
    ${logWork(entry)}
    content_by_lua_block { causeway.answer() }
  }${traced ? TRACED_LOCATION : ''}

  ${ERROR_PAGE}
  location = /.causeway/error {
    internal;
${traced ? `${indent(indent(answerHeaders))}\n` : ''}    ${AMEND}
    ${logWork(entry)}
    set $causeway_exit "";
    set $causeway_new_host "";
    set $causeway_new_connection "";
    set $causeway_cookie "";
    set $causeway_backend_name "";
    set $causeway_auth_cookies "";
    set $causeway_bytes_at_once 0;
    set $causeway_failed 1;
    if ($status = 504) {
      set $causeway_reason "TimeoutViaBackend : no answer from backend in time";
    }
    if ($status = 413) {
      set $causeway_reason "RequestTooLarge : the body is larger than allowed";
    }
    default_type text/plain;
    return 200 "X-Error: $status\\n";
  }`;
}

/** Where requests that passed the firewall come in again. Only the firewall reaches it. */
function inspectedPart(firewall: FirewallSockets, conf: NginxConf): string {
  const entry: Entry = {
    route: 'causeway.routeInspected()',
    logWork: 'causeway.logInspected()',
    scheme: '$causeway_scheme',
    port: '$causeway_port',
    peer: '$causeway_inspected_peer',
    answerHeaders: INSPECTED_HEADERS,
  };
  return `server {
${indent(inspectedHead(firewall, conf.instance.backlog))}

${requestPart(entry, conf)}${indent(firewallLocation(entry))}
}`;
}

/**
 * How a request goes on that is not plain: forwarded as it is, with changes to its answer, after a wait for others, or with all of
 * that and without the headers that the route changes itself (forwarded-headers.ts).
 */
function forwardingLocations(
  entry: Entry,
  { id: way, protocol }: Profile,
  lines: readonly string[],
  answerHeaders: string,
): string {
  const location = (suffix: string, work: readonly string[]): string =>
    `location @causeway_${way}${suffix} {
${indent([answerHeaders, COOKIE_HEADER, ...work, ...lines].join('\n'))}
}`;
  const amended = [AMEND, logWork(entry)];
  const locations = [location('', []), location('_response', amended), location('_waiting', [WAIT, ...amended])];
  // gRPC backends are told nothing about the client that would have to be left out.
  if (!protocol.startsWith('grpc')) {
    const headers = varyingHeaders({ ...NOT_PLAIN, connection: '$causeway_own_connection' });
    locations.push(location('_headers', [WAIT, ...amended, headers]));
  }
  return locations.join('\n');
}

const TRACED_LOCATION = `
  location @causeway_traced {
    set $causeway_trace "";
    rewrite_by_lua_block { causeway.trace() }
  }`;

function listenLine(address: string, served: ServedPort, instance: InstanceIR): string {
  const { port, protocol } = served;
  assert(isIPv4(address) || isIPv6(address), `address ${address}`);
  assert(Number.isInteger(instance.backlog) && instance.backlog > 0, `backlog ${instance.backlog}`);
  const host = isIPv6(address) ? `[${address}]` : address;
  const http2 = protocol === 'grpc' || protocol === 'grpcs' || (protocol === 'https' && instance.http2);
  const flags = [
    ...(isTls({ protocol }) ? ['ssl'] : []),
    ...(http2 ? ['http2'] : []),
    'default_server',
    ...(served.proxyProtocol === true ? ['proxy_protocol'] : []),
    `backlog=${instance.backlog}`,
    ...tcpKeepalive(served.keepalive?.tcp),
    'reuseport',
  ];
  return `listen ${host}:${port} ${flags.join(' ')};`;
}

/** ALB-105; absent fields are the system's. */
function tcpKeepalive(tcp: ClientKeepaliveIR['tcp']): readonly string[] {
  if (tcp === undefined) return [];
  const { idleMs, intervalMs, probes } = tcp;
  const values = [idleMs, intervalMs].map((ms) => (ms === undefined ? '' : `${whole(Math.round(ms / 1000))}s`));
  const text = `${values.join(':')}:${probes === undefined ? '' : whole(probes)}`;
  return [`so_keepalive=${text === '::' ? 'on' : text}`];
}

/** Where the port differs from the others. */
function clientConnectionLines({ keepalive, proxyProtocol }: ServedPort, { trustedProxies }: InstanceIR): string {
  const http = keepalive?.http;
  const lines = [
    ...(http === undefined
      ? []
      : [
          `keepalive_timeout ${[http.timeoutMs, ...(http.headerMs === undefined ? [] : [http.headerMs])].map(time).join(' ')};`,
          `keepalive_requests ${whole(http.requests)};`,
        ]),
    ...(proxyProtocol === true && trustedProxies.length > 0 ? ['real_ip_header proxy_protocol;'] : []),
  ];
  return lines.map((line) => `\n${line}`).join('');
}

/** For the key exchange, the cheapest first; ADR 0009. */
const CURVES = ['X25519', 'prime256v1', 'secp384r1'];

function tlsPart(port: number): string {
  return `ssl_certificate placeholder.crt;
ssl_certificate_key placeholder.key;
ssl_certificate_by_lua_block { causeway.certificate(${port}) }
ssl_protocols TLSv1.2 TLSv1.3;
ssl_prefer_server_ciphers on;
ssl_ciphers ${TLS12_CIPHERS.join(':')};
ssl_ecdh_curve ${CURVES.join(':')};
ssl_session_tickets off;
ssl_session_cache shared:causeway_tls:10m;
ssl_session_timeout 10m;`;
}

/** Of requests that go on in another location than the first. */
const NOT_PLAIN: VaryingHeaders = {
  host: '$causeway_host',
  connection: '$causeway_connection',
  upgrade: '$http_upgrade',
};

interface VaryingHeaders {
  readonly host: string;
  readonly connection: string;
  readonly upgrade: string;
}

function requestHeaders({ scheme, port }: Entry, instance: InstanceIR, varying: VaryingHeaders): string {
  return `${varyingHeaders(varying)}
${forwardedHeaderLines({
  scheme,
  port,
  trustsProxies: instance.trustedProxies.length > 0 || instance.forwardedHeaders === 'replace',
})}`;
}

function varyingHeaders({ host, connection, upgrade }: VaryingHeaders): string {
  return `proxy_set_header Host ${host};
proxy_set_header Connection ${connection};
proxy_set_header Upgrade ${upgrade};`;
}

function moduleOf(runtime: NginxRuntime, name: string): string {
  const path = runtime.modules[name];
  assert(path !== undefined, `the nginx runtime has no module ${name}`);
  return path;
}

/** A text that means the same to nginx and to Lua. */
function quoted(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in there
  assert(!/["\\$\x00-\x1f]/.test(path), `this path cannot be written into nginx.conf: ${path}`);
  return `"${path}"`;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
