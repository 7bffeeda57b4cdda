/**
 * The locations of a server: where requests go once the data plane has chosen. The frame (variables, locations, phases) is a
 * contract with it: dataplane/http/README.md.
 */
import type { InstanceIR } from '@causeway/ir/gateway';
import { PROTOCOLS, type Profile } from '../profile.ts';
import { indent } from './directive.ts';
import { againLocations, customErrorLocations, ERROR_PAGE, errorLocation } from './error-page.ts';
import { clientCertificateLines, type ForwardedHeaders, forwardedHeaderLines } from './forwarded-headers.ts';
import { profileLines } from './profile-conf.ts';

/** Through which server a request comes in. */
export interface Entry {
  /** Of Lua: what names the route. */
  readonly route: string;
  /** Of Lua: what logs requests with work. */
  readonly logWork: string;
  readonly scheme: ForwardedHeaders['scheme'];
  readonly port: ForwardedHeaders['port'];
  /** Variable with the address at the other end of the connection from the client. */
  readonly peer: string;
  /** Variables with the client's address, as far as no header says otherwise, and with the one it connected to; absent: nginx's own. */
  readonly address?: string;
  readonly server?: string;
  /** In every answer; a location with headers of its own has to repeat them. */
  readonly answerHeaders: string;
}

export interface LocationsConf {
  readonly instance: InstanceIR;
  /** All of them, the prebuilt ones too. */
  readonly profiles: readonly Profile[];
  readonly paths: { readonly tlsDirectory: string };
}

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

/** Variables of all servers that their locations read. */
const MAPS = `map $causeway_new_host $causeway_host {
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
/** Of the http block: what the locations of all servers read. */
export function locationMaps({ traceHeader }: InstanceIR): string {
  return `${MAPS}\n${traceHeader ? TRACE : PLACE}`;
}

/** What becomes of requests, whatever the server. */
export function locationsPart(entry: Entry, { instance, profiles, paths }: LocationsConf): string {
  const traced = instance.traceHeader;
  const ways: readonly Profile[] = [...PROTOCOLS.map((protocol) => ({ id: protocol, protocol })), ...profiles];
  const answerHeaders = traced ? `${entry.answerHeaders}\n${TRACE_HEADER}` : entry.answerHeaders;
  const plain = requestHeaders(entry, instance, { host: '$http_host', connection: '""', upgrade: '""' });
  const forwarding = ways.map((way) =>
    forwardingLocations(entry, way, profileLines(way, instance.tuning, paths.tlsDirectory), answerHeaders),
  );
  const errorLines = [answerHeaders, COOKIE_HEADER, AMEND, logWork(entry)];
  const customErrors = customErrorLocations(profiles, errorLines);
  const errorWork = [...(traced ? [answerHeaders] : []), AMEND, logWork(entry)];
  return `${indent(requestHeaders(entry, instance, NOT_PLAIN))}
  grpc_set_header Host $causeway_host;
${indent(forwardedHeaderLines('grpc', forwarded(entry, instance)))}
${indent(clientCertificateLines('grpc'))}

  # Plain HTTP to the host that was asked for; all else goes on to a location below.
  location / {
    set_by_lua_block $causeway_route { return ${entry.route} }
    if ($causeway_exit) {
      return 418;
    }
${traced ? '    if ($http_cpaas_trace) {\n      return 418;\n    }\n' : ''}    error_page 418 = $causeway_place;
    ${ERROR_PAGE}
${indent(indent(plain))}
    proxy_pass http://causeway_http;
  }
${indent([...forwarding, ...(customErrors === '' ? [] : [customErrors]), againLocations(errorLines)].join('\n'))}
  # Answers of our own that need no Lua; the status is set already.
  location @causeway_empty {
    types { }
    default_type text/plain;
    return 200 "";
  }
  location @causeway_page {
    types { }
    default_type text/plain;
    return 200 "X-Error: $status\\n";
  }
  location @causeway_answer {
${indent(indent(`${answerHeaders}\n${PREFLIGHT_HEADERS}`))}
    ${AMEND}
    ${logWork(entry)}
    content_by_lua_block { causeway.answer() }
  }${traced ? TRACED_LOCATION : ''}

  ${ERROR_PAGE}
${indent(errorLocation(errorWork))}`;
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
  const headers = protocol.startsWith('grpc')
    ? `grpc_set_header Host $causeway_host;\n${clientCertificateLines('grpc', true)}`
    : `${varyingHeaders({ ...NOT_PLAIN, connection: '$causeway_own_connection' })}\n${clientCertificateLines('proxy', true)}`;
  locations.push(location('_headers', [WAIT, ...amended, headers]));
  return locations.join('\n');
}

const TRACE_HEADER = 'add_header x-cpaas-trace $causeway_traced always;';
const TRACED_LOCATION = `
  location @causeway_traced {
    set $causeway_trace "";
    rewrite_by_lua_block { causeway.trace() }
  }`;

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

function requestHeaders(entry: Entry, instance: InstanceIR, varying: VaryingHeaders): string {
  return `${varyingHeaders(varying)}
${forwardedHeaderLines('proxy', forwarded(entry, instance))}
${clientCertificateLines('proxy')}`;
}

function forwarded(
  { scheme, port }: Entry,
  { trustedProxies, trustedHops = 0, clientFromHeader, forwardedHeaders }: InstanceIR,
): ForwardedHeaders {
  const trustsProxies =
    trustedProxies.length > 0 || trustedHops > 0 || clientFromHeader === true || forwardedHeaders === 'replace';
  return { scheme, port, trustsProxies };
}

function varyingHeaders({ host, connection, upgrade }: VaryingHeaders): string {
  return `proxy_set_header Host ${host};
proxy_set_header Connection ${connection};
proxy_set_header Upgrade ${upgrade};`;
}
