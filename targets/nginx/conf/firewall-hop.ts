/**
 * The way to the second nginx and back, as parts of nginx.conf of the first; see dataplane/http/firewall.ts. What the server there
 * could not know travels in headers.
 */
import { quoted } from './directive.ts';
import type { Entry } from './locations.ts';

export interface FirewallSockets {
  /** Where the second nginx takes requests. */
  readonly socket: string;
  /** Where those that pass come in again. */
  readonly inspectedSocket: string;
}

/** Nothing on this way may be shorter than what a route allows, which holds behind it. */
const FOREVER = '1d';

/** So that the access log of the port can name the endpoint. */
export const INSPECTED_HEADERS = 'add_header X-Causeway-Upstream $upstream_addr always;';

export function firewallUpstream({ socket }: FirewallSockets): string {
  return `upstream causeway_firewall {
  server ${quoted(`unix:${socket}`)};
  keepalive 320;
  keepalive_requests 100000000;
}`;
}

/** @param accessLog how the requests are logged; absent: they have come back once and are logged there */
export function firewallLocation(
  {
    scheme,
    port,
    peer,
    address = '$remote_addr',
    server = '$server_addr',
  }: Pick<Entry, 'scheme' | 'port' | 'peer' | 'address' | 'server'>,
  accessLog?: string,
): string {
  const own =
    accessLog === undefined
      ? ''
      : `
  ${accessLog}
  log_by_lua_block { causeway.logHandedOver() }`;
  return `
location @causeway_firewall {${own}
  error_page 502 504 = @causeway_firewall_away;
  gzip off;
  proxy_set_header Host $http_host;
  proxy_set_header Connection $causeway_connection;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header X-Causeway-Rules $causeway_rules;
  proxy_set_header X-Causeway-Transaction $causeway_transaction;
  proxy_set_header X-Causeway-Client ${address};
  proxy_set_header X-Causeway-Peer ${peer};
  proxy_set_header X-Causeway-Server ${accessLog === undefined ? '""' : server};
  proxy_set_header X-Causeway-Port ${port};
  proxy_set_header X-Causeway-Scheme ${scheme};
  proxy_set_header X-Causeway-Protocol $server_protocol;
  proxy_hide_header X-Causeway-Upstream;
  proxy_hide_header X-Causeway-Blocked;
  proxy_redirect off;
  proxy_request_buffering off;
  proxy_buffer_size 64k;
  proxy_buffers 8 64k;
  proxy_send_timeout ${FOREVER};
  proxy_read_timeout ${FOREVER};
  proxy_pass http://causeway_firewall;
}
location @causeway_firewall_away {
  set $causeway_rules "";
  set $causeway_transaction "";
  set $causeway_reason "WAF : not available";
  return 503;
}`;
}

/** The beginning of the server that requests come back to. */
export function inspectedHead({ inspectedSocket }: FirewallSockets, backlog: number): string {
  return `listen ${quoted(`unix:${inspectedSocket}`)} backlog=${backlog};
set_real_ip_from unix:;
real_ip_header X-Causeway-Client;
real_ip_recursive off;
client_body_timeout ${FOREVER};
large_client_header_buffers 8 128k;
access_log off;
log_by_lua_block { causeway.logInspected() }
${INSPECTED_HEADERS}
set $causeway_inspected 1;
set $causeway_port $http_x_causeway_port;
set $causeway_scheme $http_x_causeway_scheme;
set $causeway_inspected_peer $http_x_causeway_peer;`;
}

/** A log format for requests whose upstream is the firewall: it names the endpoint behind it. */
export function ofInspected(format: string): string {
  return format
    .replaceAll('$upstream_addr', '$upstream_http_x_causeway_upstream')
    .replaceAll('$causeway_reason', '$upstream_http_x_alb_err_reason');
}
