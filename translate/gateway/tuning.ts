import type { ALB2Config } from '@causeway/apis/gateway/alb2';
import { type ObjectKey, objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';
import { VERSION } from '@causeway/apis/meta/version';
import type { TuningIR } from '@causeway/ir/gateway';
import type { ConfigMap } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import type { AlbSettings } from './alb-settings.ts';
import { readDirectives } from './directive-text.ts';
import type { Problem } from './problem.ts';
import { albReferrer, mayUse, notPermitted, type Referent } from './reference.ts';
import type { NumberSetting, SwitchSetting, TuningDraft } from './tuning-setting.ts';

/**
 * The "tweak" ConfigMap of an ALB: named like it, or named by the last entry of overwrite.configmap for this version. Its keys
 * hold nginx text; only the directives below are taken, as typed settings, and everything else is refused by name. So no
 * text of a user ever is nginx configuration (design D7).
 *
 * Source: spec ALB 2.1 and 11.1 with their amendment. `http` counts for every HTTP port, `http_server` and `grpc_server`
 * win over it.
 */
export function translateTuning(
  view: View,
  alb: ObjectKey,
  settings: AlbSettings,
): { readonly tuning: TuningIR; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const tell = (reason: Problem['reason'], message: string): void => {
    problems.push({ object: { kind: 'ALB2', key: alb }, reason, message, severity: 'Warning' });
  };
  const source = sourceOf(view, alb, settings, tell);
  const tuning: TuningDraft = {};
  for (const key of KEYS) {
    const text = source?.data?.[key] ?? '';
    const { directives, mistakes } = readDirectives(text);
    const where = (line: number): string =>
      `ConfigMap ${source?.metadata.namespace}/${source?.metadata.name}, ${key} line ${line}`;
    for (const { line, message } of mistakes) tell('InvalidField', `${where(line)}: ${message}`);
    for (const { name, values, line } of directives) {
      const scope = key === 'upstream' ? UPSTREAM : key.startsWith('stream') ? {} : HTTP;
      const take = Object.hasOwn(scope, name) ? scope[name] : undefined;
      if (take === undefined)
        tell('UnsupportedFeature', `${where(line)}: ${name} is not taken; ${alternative(key, name)}`);
      else if (!take(tuning, values))
        tell('InvalidField', `${where(line)}: ${[name, ...values].join(' ').slice(0, 100)}: not a value it takes`);
    }
  }
  return { tuning, problems };
}

/** In ascending order of precedence. */
const KEYS = ['http', 'http_server', 'grpc_server', 'upstream', 'stream-common', 'stream-tcp', 'stream-udp'] as const;

type Take = (tuning: TuningDraft, values: readonly string[]) => boolean;

const HTTP: Readonly<Record<string, Take>> = {
  client_max_body_size: number('maxRequestBodyBytes', bytes, 0, 2 ** 40),
  client_body_buffer_size: number('requestBodyBufferBytes', bytes, 1024, 2 ** 26),
  client_header_timeout: number('requestHeaderMs', milliseconds, 1_000, 3_600_000),
  client_body_timeout: number('requestBodyMs', milliseconds, 1_000, 3_600_000),
  send_timeout: number('answerMs', milliseconds, 1_000, 86_400_000),
  keepalive_timeout: number('clientIdleMs', milliseconds, 0, 86_400_000),
  keepalive_requests: number('clientRequestsPerConnection', integer, 1, 1e9),
  http2_max_concurrent_streams: number('http2Streams', integer, 1, 65_535),
  gzip_comp_level: number('gzipLevel', integer, 1, 9),
  gzip_min_length: number('gzipMinBytes', bytes, 0, 2 ** 30),
  proxy_buffer_size: number('backendHeaderBytes', bytes, 1024, 2 ** 20),
  underscores_in_headers: onOff('underscoresInHeaders'),
  ignore_invalid_headers: onOff('ignoreInvalidHeaders'),
  large_client_header_buffers: (tuning, [count = '', size = '', ...rest]) => {
    const [buffers, length] = [integer(count), bytes(size)];
    if (rest.length > 0 || !isWithin(buffers, 1, 64) || !isWithin(length, 1024, 2 ** 20)) return false;
    tuning.requestHeaderBuffers = { count: buffers, bytes: length };
    return true;
  },
};

const UPSTREAM: Readonly<Record<string, Take>> = {
  keepalive: number('backendIdleConnections', integer, 1, 65_535),
  keepalive_timeout: number('backendIdleMs', milliseconds, 1_000, 86_400_000),
  keepalive_requests: number('backendRequestsPerConnection', integer, 1, 1e9),
};

function number(
  setting: NumberSetting,
  parse: (text: string) => number | undefined,
  least: number,
  most: number,
): Take {
  return (tuning, [text = '', ...rest]) => {
    const value = parse(text);
    if (rest.length > 0 || !isWithin(value, least, most)) return false;
    tuning[setting] = value;
    return true;
  };
}

function onOff(setting: SwitchSetting): Take {
  return (tuning, [text = '', ...rest]) => {
    if (rest.length > 0 || (text !== 'on' && text !== 'off')) return false;
    tuning[setting] = text === 'on';
    return true;
  };
}

function isWithin(value: number | undefined, least: number, most: number): value is number {
  return value !== undefined && value >= least && value <= most;
}

function integer(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** `512`, `16k`, `8m`, `1g`. */
function bytes(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,12})([kKmMgG]?)$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase());
}

/** `30`, `75s`, `500ms`, `1h`. */
function milliseconds(text: string): number | undefined {
  const [, digits, unit = 's'] = /^(\d{1,9})(ms|s|m|h|d)?$/.exec(text) ?? [];
  const factor = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

const ALTERNATIVES: readonly (readonly [RegExp, string])[] = [
  [/^(proxy|grpc)_(connect|read|send)_timeout$/, 'use spec.config.timeout'],
  [/^(proxy|grpc)_next_upstream/, 'use spec.config.timeout or the retry settings of Rules'],
  [/^(proxy|grpc)_set_header$/, 'use spec.config.rewrite_request of a Rule'],
  [/^(add_header|more_set_headers|more_clear_headers)$/, 'use spec.config.rewrite_response of a Rule'],
  [/^(rewrite|return)$/, 'use url and rewrite_target or the redirect of a Rule'],
  [/^(access_log|log_format)$/, 'use spec.config.accessLogFormat'],
  [/^(set_real_ip_from|real_ip_header)$/, 'use spec.config.trustedProxies'],
  [/^gzip$/, 'use spec.config.enableGzip'],
  [/^modsecurity/, 'use spec.config.modsecurity'],
  [/^worker_processes$/, 'use spec.config.workerLimit'],
];

function alternative(key: string, name: string): string {
  if (key.startsWith('stream')) return 'tcp and udp ports take spec.config.timeout only';
  return ALTERNATIVES.find(([pattern]) => pattern.test(name))?.[1] ?? 'no setting stands for it';
}

function sourceOf(
  view: View,
  alb: ObjectKey,
  { config, allowCrossNamespaceReferences }: AlbSettings,
  tell: (reason: Problem['reason'], message: string) => void,
): ConfigMap | undefined {
  const name = overwritten(config);
  if (name === undefined) return view.get('ConfigMap', alb);
  const key = parseObjectKey(name);
  const field = 'spec.config.overwrite.configmap';
  if (key.namespace === '' || key.name === '') {
    tell('InvalidField', `${field}: ${JSON.stringify(name)} is not namespace/name`);
    return undefined;
  }
  const referent: Referent = { kind: 'ConfigMap', ...key };
  if (!mayUse(view, albReferrer(alb.namespace), referent, allowCrossNamespaceReferences)) {
    tell('RefNotPermitted', `${field}: ${notPermitted(referent)}`);
    return undefined;
  }
  const found = view.get('ConfigMap', key);
  if (found === undefined) tell('RefNotFound', `${field}: ConfigMap ${objectKeyText(key)} not found`);
  return found;
}

function overwritten(config: ALB2Config): string | undefined {
  const fitting = (config.overwrite?.configmap ?? []).filter(
    ({ target }) => (target ?? '') === '' || target === VERSION,
  );
  const name = fitting.at(-1)?.name ?? '';
  return name === '' ? undefined : name;
}
