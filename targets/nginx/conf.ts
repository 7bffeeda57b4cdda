/**
 * nginx.conf of an instance; its parts are in the folder conf. Pure, and free of user text (design D7): what goes in are
 * numbers, booleans, addresses of the machine and our own paths. Everything users write
 * reaches nginx as records (route-records.ts and its neighbours).
 *
 * The frame of it (variables, locations, phases) is a contract with the data plane:
 * dataplane/http/README.md.
 */
import assert from 'node:assert/strict';
import type { InstanceIR } from '@causeway/ir/gateway';
import { accessLogLine, logFormat } from './conf/access-log.ts';
import { http2Doors, http2Lines, http2Locations } from './conf/cleartext-http2.ts';
import { clientAddress, peerVariable } from './conf/client-address.ts';
import { indent, quoted, whole } from './conf/directive.ts';
import { type Door, hasTrustedDoor } from './conf/door.ts';
import { ERROR_HEADER } from './conf/error-page.ts';
import {
  type FirewallSockets,
  firewallLocation,
  firewallUpstream,
  INSPECTED_HEADERS,
  inspectedHead,
} from './conf/firewall-hop.ts';
import { compressionModule, gzipPart, servedCompression } from './conf/gzip.ts';
import { clientConnectionLines, listenLine, type ServedPort } from './conf/listen.ts';
import { type Entry, locationMaps, locationsPart } from './conf/locations.ts';
import { frontedPorts, handoverDoors, streamPart } from './conf/passthrough.ts';
import { tlsPart } from './conf/tls.ts';
import { clientLines } from './conf/tuning.ts';
import { upstreams } from './conf/upstreams.ts';
import { isTls } from './listener-port.ts';
import { isPrebuilt, PREBUILT, type Profile } from './profile.ts';
import { modulePath, type NginxRuntime } from './runtime.ts';

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

const ANSWER_HEADERS = 'add_header Via alb always;';
export function renderConf(given: NginxConf): string {
  const { instance, ports, paths, firewall } = given;
  const profiles = servedCompression(given.profiles, paths.runtime)
    .filter((profile) => !isPrebuilt(profile))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const conf = { ...given, profiles: [...PREBUILT, ...profiles] };
  return `${processPart(conf)}
${streamPart(ports, instance, paths.agentSocket)}http {
${indent(httpPart(conf))}
${ports.map((port) => `\n${indent(portPart(port, conf))}\n`).join('')}${
  firewall === undefined || ports.length === 0 ? '' : `\n${indent(inspectedPart(firewall, conf))}\n`
}}
`;
}

function processPart({ instance, ports, profiles, paths: { runtime } }: NginxConf): string {
  const streams = frontedPorts(ports).length > 0;
  const compression = compressionModule(profiles);
  assert(Number.isInteger(instance.workers) && instance.workers > 0, `${instance.workers} workers`);
  return `load_module ${quoted(modulePath(runtime, 'ndk'))};
load_module ${quoted(modulePath(runtime, 'http_lua'))};
load_module ${quoted(modulePath(runtime, 'http_headers_more_filter'))};
${streams ? `load_module ${quoted(modulePath(runtime, 'stream'))};\n` : ''}${
  compression === undefined ? '' : `load_module ${quoted(modulePath(runtime, compression))};\n`
}worker_processes ${instance.workers};
worker_shutdown_timeout ${SHUTDOWN_TIMEOUT};
pcre_jit on;
pid nginx.pid;
error_log error.log ${instance.logLevel ?? 'warn'};
events {
  worker_connections ${whole(instance.tuning.workerConnections ?? 16_384)};
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
proxy_headers_hash_max_size 1024;
proxy_headers_hash_bucket_size 128;
request_pool_size 12k;
${clientLines(tuning)}
${clientAddress(instance, ports, firewall !== undefined)}${instance.gzip ? gzipPart(tuning) : ''}
${ERROR_HEADER}
${locationMaps(instance)}
${ANSWER_HEADERS}
limit_rate_after $causeway_bytes_at_once;
access_log off;

${upstreams(tuning, profiles)}${firewall === undefined ? '' : `\n${firewallUpstream(firewall)}`}`;
}

/** The servers of a port: one, and those that get connections handed on. */
function portPart(served: ServedPort, conf: NginxConf): string {
  const { instance, firewall, paths } = conf;
  const { port } = served;
  assert(Number.isInteger(port) && port > 0 && port <= 65_535, `port ${port}`);
  const listens = served.addresses.map((address) => listenLine(address, served, instance));
  const own: Door = { listens, lines: http2Lines(served) };
  const doors = [
    ...(frontedPorts([served]).length > 0 ? [] : [own]),
    ...handoverDoors(served, instance, paths.agentSocket),
    ...http2Doors(served, instance, paths.agentSocket),
  ];
  return `${logFormat(served, instance)}
${firewall === undefined ? '' : `${logFormat(served, instance, 'firewall')}\n`}${doors
  .map((door) => serverPart(door, served, conf))
  .join('\n')}`;
}

function serverPart(door: Door, served: ServedPort, conf: NginxConf): string {
  const { instance, firewall, paths } = conf;
  const { port, proxyProtocol: _own, believesEverybody: _whom, ...behind } = served;
  const isOwn = door.peer === undefined;
  const entry: Entry = {
    route: `causeway.route(${port})`,
    logWork: `causeway.logWork(${port})`,
    scheme: isTls(served) ? 'https' : 'http',
    port,
    peer: door.peer ?? peerVariable(served, instance),
    ...(isOwn ? {} : { server: '$proxy_protocol_server_addr' }),
    ...(!isOwn && hasTrustedDoor(served, instance) ? { address: '$causeway_address' } : {}),
    answerHeaders: ANSWER_HEADERS,
  };
  const ofConnection = clientConnectionLines(isOwn ? served : { port, ...behind }, instance);
  return `server {
${indent([...door.listens, ...door.lines].join('\n'))}
${isTls(served) ? `\n${indent(tlsPart(served))}\n` : ''}${indent(ofConnection)}
  ${accessLogLine(String(port), instance)}
  log_by_lua_block { causeway.log(${port}) }

${locationsPart(entry, conf)}${firewall === undefined ? '' : indent(firewallLocation(entry, accessLogLine(`${port}_firewall`, instance)))}${
  isOwn || door.isFirst === true ? http2Locations(served, instance, paths.agentSocket) : ''
}
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

${locationsPart(entry, conf)}${indent(firewallLocation(entry))}
}`;
}
