import type { ProxyAccessLog } from '@causeway/apis/envoy-gateway/access-log';
import type { EnvoyProxySpec } from '@causeway/apis/envoy-gateway/envoy-proxy';
import type {
  AccessLogIR,
  InstanceIR,
  LogConditionIR,
  LogFormatIR,
  LogLineIR,
  LogSinkIR,
  OperatorTextIR,
  RequestValueIR,
} from '@causeway/ir/gateway';
import { parseOperators } from '../operator-text.ts';
import type { Tell } from '../policy/tell.ts';
import { parseLogCondition } from './log-condition.ts';

const LEVELS = { trace: 'info', debug: 'info', info: 'info', warn: 'warn', error: 'error' } as const;
const STDOUT = '/dev/stdout';
/** What pods write to their standard output. */
const USUAL_FILE = 'access.log';
/** Of others of the data plane. */
const TAKEN: ReadonlySet<string> = new Set(['audit.log', 'error.log', 'stream.log']);
const FILE_NAME = /^[a-z0-9][a-z0-9._-]{0,59}[.]log$/;

export interface ProxyLogs {
  readonly instance: Partial<Pick<InstanceIR, 'accessLog' | 'logLevel' | 'ownAccessLog'>>;
  /** Lines of requests with fields of the user; absent: none. */
  readonly lines?: AccessLogIR;
}

/**
 * What an EnvoyProxy says of logs. A setting without fields of its own is the log that the data plane itself writes, as text or as JSON.
 *
 * Source: GW-06; Envoy Gateway v1.7, ProxyLogging and ProxyAccessLog.
 *
 * @param collectorsOf what of sinks are no files, and the field that they are in
 */
export function logsOf({ logging, telemetry }: EnvoyProxySpec, tell: Tell, collectorsOf: CollectorsOf): ProxyLogs {
  const { default: level, ...others } = logging?.level ?? {};
  for (const component of Object.keys(others)) tell(`spec.logging.level.${component}`, '');
  const { instance = {}, lines } = (telemetry?.accessLog && accessLogOf(telemetry.accessLog, tell, collectorsOf)) ?? {};
  return {
    instance: { ...instance, ...(level === undefined ? {} : { logLevel: LEVELS[level] }) },
    ...(lines === undefined ? {} : { lines }),
  };
}

function accessLogOf({ disable, settings = [] }: ProxyAccessLog, tell: Tell, collectorsOf: CollectorsOf): ProxyLogs {
  if (disable === true) return { instance: { accessLog: 'none' } };
  const lines: LogLineIR[] = [];
  let usual: 'json' | 'text' | undefined;
  for (const [index, setting] of settings.entries()) {
    const field = `spec.telemetry.accessLog.settings[${index}]`;
    if (setting.type === 'Listener') {
      tell(`${field}.type`, 'connections have a log of their own');
      continue;
    }
    const files = filesOf(setting.sinks, field, tell);
    const sinks = collectorsOf(setting.sinks, field);
    if (files.length + sinks.length === 0) continue;
    const format = formatOf(setting.format, field, tell);
    const matches = conditionsOf(setting.matches ?? [], field, tell);
    if (matches === undefined || format === undefined) continue;
    const isUsual = format === 'usual' && matches.length === 0 && files.includes(USUAL_FILE) && sinks.length === 0;
    if (isUsual && usual === undefined) {
      usual = setting.format?.type === 'Text' ? 'text' : 'json';
      if (files.length > 1) tell(`${field}.sinks`, `without a format of its own only ${STDOUT}`);
    } else {
      const said = format === 'usual' ? DEFAULT_FORMAT : format;
      lines.push({ format: said, matches, files, ...(sinks.length === 0 ? {} : { sinks }) });
    }
  }
  return {
    instance: {
      ...(usual === undefined ? {} : { accessLog: usual }),
      ...(usual === undefined && lines.length > 0 ? { ownAccessLog: true } : {}),
    },
    ...(lines.length === 0 ? {} : { lines: { type: 'accessLog', lines } }),
  };
}

type Setting = NonNullable<ProxyAccessLog['settings']>[number];
type CollectorsOf = (sinks: Setting['sinks'], field: string) => readonly LogSinkIR[];

function filesOf(sinks: Setting['sinks'], field: string, tell: Tell): readonly string[] {
  const files = sinks.flatMap((sink, index) => {
    const at = `${field}.sinks[${index}]`;
    if (sink.type !== 'File') return [];
    const path = sink.file?.path ?? STDOUT;
    if (path === STDOUT) return USUAL_FILE;
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (FILE_NAME.test(name) && !TAKEN.has(name)) return name;
    tell(at, `${path}: ${STDOUT}, or a name that ends in .log`);
    return [];
  });
  return [...new Set(files)];
}

/** @returns undefined: something is wrong with it; usual: it has no fields of its own */
function formatOf(format: Setting['format'], field: string, tell: Tell): LogFormatIR | 'usual' | undefined {
  if (format?.text !== undefined) {
    const text = parseOperators(format.text, 'log');
    if (typeof text !== 'string') return { type: 'text', text };
    tell(`${field}.format.text`, text);
    return undefined;
  }
  const written = Object.entries(format?.json ?? {});
  if (written.length === 0) return 'usual';
  const fields: Record<string, OperatorTextIR> = {};
  for (const [name, command] of written) {
    const text = parseOperators(command, 'log');
    if (typeof text === 'string') tell(`${field}.format.json.${name}`, text);
    else fields[name] = text;
  }
  return Object.keys(fields).length < written.length ? undefined : { type: 'json', fields };
}

/** @returns undefined: one of them cannot be judged, and then nothing is told */
function conditionsOf(matches: readonly string[], field: string, tell: Tell): readonly LogConditionIR[] | undefined {
  const conditions = matches.flatMap((expression, index) => {
    const condition = parseLogCondition(expression);
    if (typeof condition !== 'string') return condition;
    tell(`${field}.matches[${index}]`, condition);
    return [];
  });
  return conditions.length < matches.length ? undefined : conditions;
}

const value = (name: RequestValueIR): OperatorTextIR => [{ values: [name] }];

/** Of a setting without fields that is not the log of the data plane itself. */
const DEFAULT_FORMAT: LogFormatIR = {
  type: 'json',
  fields: {
    start_time: value('time'),
    method: value('method'),
    path: value('target'),
    authority: value('host'),
    protocol: value('protocol'),
    response_code: value('status'),
    response_code_details: value('details'),
    response_flags: value('flags'),
    bytes_received: value('bytesReceived'),
    bytes_sent: value('bytesSent'),
    duration: value('durationMs'),
    downstream_remote_address: value('client'),
    upstream_host: value('upstream'),
    route_name: value('routeName'),
    'user-agent': value('request:user-agent'),
    'x-forwarded-for': value('request:x-forwarded-for'),
  },
};
