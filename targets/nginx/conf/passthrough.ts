/**
 * Ports with TLS on which some server names pass through (ADR 0013): nginx's stream module takes the connections, reads the name in
 * the ClientHello, and hands them over by unix sockets, each with a PROXY header. Those that may pass through go to the layer 4
 * process, all others to the servers of this same nginx that end TLS.
 *
 * The names are those of users, written as hexadecimal escapes: nothing of them can be read as configuration (design D7). They only
 * have to cover enough; the layer 4 process compares exactly, and hands back what does not pass through.
 *
 * All connections of a port, with TLS or without, go that way where a PROXY header of the client may be there or not.
 */
import assert from 'node:assert/strict';
import { endedSocket, passedSocket } from '@causeway/dataplane/policy/listen-file';
import type { InstanceIR, ServerNameIR } from '@causeway/ir/gateway';
import { isTls } from '../listener-port.ts';
import { http2Lines } from './cleartext-http2.ts';
import { indent, quoted } from './directive.ts';
import { type Door, hasTrustedDoor, innerDoors, socketPath } from './door.ts';
import { EVERYBODY, keepaliveFlags, offersHttp2, type ServedPort } from './listen.ts';

/** A ClientHello has to come in this time, and to fit into this much: a record has at most 16 KiB. */
const HELLO_TIMEOUT = '10s';
const HELLO_BYTES = '17k';
/** Nothing on this way may be shorter than what holds behind it. */
const FOREVER = '1d';

/** The sockets on which nginx ends TLS, where there is any, for connections that its stream module took. */
export function handoverDoors(served: ServedPort, instance: InstanceIR, agentSocket: string): readonly Door[] {
  const { port, protocol, handover } = served;
  if (handover === undefined) return [];
  const isOverTls = isTls({ protocol });
  const http2 = protocol === 'grpc' || protocol === 'grpcs' || (isOverTls && offersHttp2(served, instance));
  const doors = innerDoors(served, instance, agentSocket, {
    socketOf: (client) => endedSocket(port, client),
    flags: [...(isOverTls ? ['ssl'] : []), ...(http2 ? ['http2'] : [])],
  });
  return doors.map((door) => ({ ...door, lines: [...http2Lines(served), ...door.lines], isFirst: true }));
}

/** Paths of the sockets that those servers listen on. */
export function handoverSockets({ port }: { readonly port: number }, agentSocket: string): readonly string[] {
  return (['stranger', 'trusted'] as const).map((client) => socketPath(agentSocket, endedSocket(port, client)));
}

/** Ports whose connections the stream module takes. */
export function frontedPorts(ports: readonly ServedPort[]): readonly ServedPort[] {
  return ports.filter(
    ({ handover, optionalHeader }) => handover !== undefined && (handover.names.length > 0 || optionalHeader === true),
  );
}

/** Whether an nginx.conf of ours has something listen on the sockets of a port. */
export function hasHandover(conf: string, { port }: { readonly port: number }): boolean {
  return conf.includes(`/${endedSocket(port, 'stranger')}"`);
}

/** The block `stream`; empty when no port needs it. */
export function streamPart(ports: readonly ServedPort[], instance: InstanceIR, agentSocket: string): string {
  const fronted = frontedPorts(ports);
  if (fronted.length === 0) return '';
  return `stream {
  preread_timeout ${HELLO_TIMEOUT};
  preread_buffer_size ${HELLO_BYTES};
  proxy_connect_timeout 5s;
  proxy_timeout ${FOREVER};
  proxy_half_close on;
  proxy_protocol on;
${fronted.map((port) => indent(frontPart(port, instance, agentSocket))).join('\n')}
}
`;
}

function frontPart(served: ServedPort, instance: InstanceIR, agentSocket: string): string {
  const { port, addresses, keepalive, believesEverybody, optionalHeader } = served;
  // Whether there is a header that may be there or not, the layer 4 process finds out.
  const hasHeader = served.proxyProtocol === true && optionalHeader !== true;
  const flags = [
    ...(hasHeader ? ['proxy_protocol'] : []),
    `backlog=${instance.backlog}`,
    ...keepaliveFlags(keepalive?.tcp),
    'reuseport',
  ].join(' ');
  const believed = believesEverybody === true ? EVERYBODY : instance.trustedProxies;
  const lines = [
    upstreamLine(`causeway_passed_${port}`, socketPath(agentSocket, passedSocket(port))),
    ...(optionalHeader === true ? [] : choiceLines(served, instance, agentSocket)),
    'server {',
    ...addresses.map((address) => `  listen ${address.includes(':') ? `[${address}]` : address}:${port} ${flags};`),
    ...(hasHeader ? believed.map((network) => `  set_real_ip_from ${network};`) : []),
    ...(optionalHeader === true
      ? [`  proxy_pass causeway_passed_${port};`]
      : ['  ssl_preread on;', `  proxy_pass $causeway_to_${port};`]),
    '}',
  ];
  return lines.join('\n');
}

function upstreamLine(name: string, socket: string): string {
  return `upstream ${name} { server ${quoted(`unix:${socket}`)}; }`;
}

/** Where connections go by the name that they ask for: a variable. */
function choiceLines(served: ServedPort, instance: InstanceIR, agentSocket: string): readonly string[] {
  const { port, handover } = served;
  const names = handover?.names ?? [];
  const trusting = hasTrustedDoor(served, instance);
  const upstream = (name: string, client: 'stranger' | 'trusted'): string =>
    upstreamLine(name, socketPath(agentSocket, endedSocket(port, client)));
  return [
    upstream(`causeway_ended_${port}`, 'stranger'),
    ...(trusting ? [upstream(`causeway_ended_trusted_${port}`, 'trusted')] : []),
    `geo $causeway_end_${port} {`,
    `  default causeway_ended_${port};`,
    ...(trusting ? instance.trustedProxies.map((network) => `  ${network} causeway_ended_trusted_${port};`) : []),
    '}',
    `map $ssl_preread_server_name $causeway_to_${port} {`,
    `  default $causeway_end_${port};`,
    ...names.map((name) => `  "~*${namePattern(name)}" causeway_passed_${port};`),
    // Clients that ask for no name are among all; the layer 4 process knows who may take them. No pattern matches what is empty.
    ...(names.some(({ value }) => value === '') ? [`  "" causeway_passed_${port};`] : []),
    '}',
  ];
}

function namePattern(name: ServerNameIR): string {
  if (name.op === 'equal') return `^${escaped(name.value)}$`;
  return `^${name.labels === 'one' ? '[^.]+' : '.+'}${escaped(name.value)}$`;
}

function escaped(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  assert(bytes.length <= 255, `a server name of ${bytes.length} bytes`);
  return [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
