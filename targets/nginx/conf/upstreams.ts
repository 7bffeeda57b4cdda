/** Ways to backends that are always there; those with settings of their own are location profiles (profile-conf.ts). */
import type { TuningIR } from '@causeway/ir/gateway';
import { PROTOCOLS, type Profile } from '../profile.ts';
import { indent } from './directive.ts';
import { ownUpstreams } from './profile-conf.ts';
import { backendBufferLines, poolLines } from './tuning.ts';

/** One block per way to speak to a backend: pools must not mix. The first with TLS verify nothing, and send no name. */
export function upstreams(tuning: TuningIR, profiles: readonly Profile[]): string {
  const blocks = [...PROTOCOLS.map((protocol) => upstream(protocol, tuning)), ...ownUpstreams(profiles, tuning)];
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
