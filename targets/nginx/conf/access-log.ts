/** The access log of a port; ALB-134. */
import type { InstanceIR } from '@causeway/ir/gateway';
import { hasTrustedDoor } from './door.ts';
import { ofInspected } from './firewall-hop.ts';
import type { ServedPort } from './listen.ts';

/** The format of one port. What the port says already is no variable: each costs every request some hundred instructions. */
export function logFormat(served: ServedPort, instance: InstanceIR, through?: 'firewall'): string {
  const { port } = served;
  const suffix = through === undefined ? '' : `_${through}`;
  const plain =
    instance.accessLog === 'json'
      ? `log_format causeway_${port}${suffix} escape=json ${LOG_JSON},"port":${port}}';`
      : `log_format causeway_${port}${suffix} ${LOG_TEXT} ${port}';`;
  const format = hasTrustedDoor(served, instance) ? plain.replace('$remote_addr', '$causeway_address') : plain;
  return through === undefined ? format : ofInspected(format);
}

/** @param format name of what {@link logFormat} gives, after `causeway_` */
export function accessLogLine(
  format: string,
  { accessLog, ownAccessLog }: Pick<InstanceIR, 'accessLog' | 'ownAccessLog'>,
): string {
  return accessLog === 'none' || ownAccessLog === true
    ? 'access_log off;'
    : `access_log access.log causeway_${format} buffer=16k flush=1s;`;
}

/** ALB-134, without its last field, the port. */
const LOG_TEXT = `'[$time_local] $remote_addr "$host" "$request" $status $upstream_status $upstream_addr '
  '"$http_user_agent" "$http_x_forwarded_for" $request_time $upstream_response_time $upstream_bytes_received`;

const LOG_JSON = `'{"time":"$time_iso8601","client":"$remote_addr","host":"$host","request":"$request",'
  '"status":$status,"upstreamStatus":"$upstream_status","upstream":"$upstream_addr","userAgent":"$http_user_agent",'
  '"forwardedFor":"$http_x_forwarded_for","seconds":$request_time,"upstreamSeconds":"$upstream_response_time",'
  '"upstreamBytes":"$upstream_bytes_received","route":"$causeway_route","reason":"$causeway_reason"`;
