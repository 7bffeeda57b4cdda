import type { ProxyAccessLog } from '@causeway/apis/envoy-gateway/access-log';
import type { EnvoyProxySpec } from '@causeway/apis/envoy-gateway/envoy-proxy';
import type { InstanceIR } from '@causeway/ir/gateway';
import type { Tell } from './policy/tell.ts';

const LEVELS = { trace: 'info', debug: 'info', info: 'info', warn: 'warn', error: 'error' } as const;
const FILE = '/dev/stdout';

/**
 * What an EnvoyProxy says of logs. That of requests has fields of ours, as text or as JSON, and one place.
 *
 * Source: GW-06; Envoy Gateway v1.7, ProxyLogging and ProxyAccessLog.
 */
export function logsOf(
  { logging, telemetry }: EnvoyProxySpec,
  tell: Tell,
): Partial<Pick<InstanceIR, 'accessLog' | 'logLevel'>> {
  const { default: level, ...others } = logging?.level ?? {};
  for (const component of Object.keys(others)) tell(`spec.logging.level.${component}`, '');
  const accessLog = telemetry?.accessLog && accessLogOf(telemetry.accessLog, tell);
  return {
    ...(level === undefined ? {} : { logLevel: LEVELS[level] }),
    ...(accessLog === undefined ? {} : { accessLog }),
  };
}

function accessLogOf({ disable, settings = [] }: ProxyAccessLog, tell: Tell): InstanceIR['accessLog'] | undefined {
  if (disable === true) return 'none';
  const [first, ...further] = settings;
  const field = 'spec.telemetry.accessLog.settings';
  if (further.length > 0) tell(`${field}[1]`, 'only the first of several');
  if (first === undefined) return undefined;
  const { format = {}, sinks, ...others } = first;
  for (const name of Object.keys(others)) tell(`${field}[0].${name}`, '');
  if (Object.keys(format).some((name) => name !== 'type')) tell(`${field}[0].format`, 'fields are those of ours');
  for (const [index, sink] of sinks.entries()) {
    const at = `${field}[0].sinks[${index}]`;
    if (sink.type !== 'File') tell(at, `${sink.type} is not served`);
    else if (sink.file?.path !== FILE)
      tell(at, `the log is written to ${FILE} on a cluster, and to the directory of logs at home`);
  }
  return format.type === 'Text' ? 'text' : 'json';
}
