import { bytes } from '@causeway/apis/gateway/annotation/annotation-type';
import type { TuningIR } from '@causeway/ir/gateway';
import type { NumberSetting, SwitchSetting, TuningDraft } from '../tuning-setting.ts';

/** Defaults of ingress-nginx where they are not those of ALB. */
const DEFAULTS: TuningIR = { underscoresInHeaders: false, backendRequestsPerConnection: 10_000, backendIdleMs: 60_000 };

/** Of one line of a header. */
const MAX_HEADER_BYTES = bytes(1024, 1024 ** 2);

type Take = (tuning: TuningDraft, text: string) => boolean;

/** Options of the ConfigMap that are settings of nginx itself, by name. Source: ingress-nginx, ConfigMaps. */
const OPTIONS: Readonly<Record<string, Take>> = {
  'max-worker-connections': count('workerConnections', 1_000_000),
  'large-client-header-buffers': headerBuffers,
  'client-header-timeout': seconds('requestHeaderMs'),
  'client-body-timeout': seconds('requestBodyMs'),
  'keep-alive': seconds('clientIdleMs'),
  'keep-alive-requests': count('clientRequestsPerConnection'),
  'http2-max-concurrent-streams': count('http2Streams'),
  'gzip-level': count('gzipLevel', 9),
  'gzip-min-length': count('gzipMinBytes'),
  'upstream-keepalive-connections': count('backendIdleConnections', 65_535),
  'upstream-keepalive-timeout': seconds('backendIdleMs'),
  'upstream-keepalive-requests': count('backendRequestsPerConnection'),
  'enable-underscores-in-headers': flag('underscoresInHeaders'),
  'ignore-invalid-headers': flag('ignoreInvalidHeaders'),
};

/** @param mistakes gets what cannot be read: the default stays */
export function readTuning(
  options: ReadonlyMap<string, string>,
  mistakes: string[],
): { readonly tuning: TuningIR; readonly taken: ReadonlySet<string> } {
  const tuning: TuningDraft = { ...DEFAULTS };
  const taken = new Set<string>();
  for (const [name, text] of options) {
    const take = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (take === undefined) continue;
    taken.add(name);
    if (take(tuning, text)) continue;
    mistakes.push(
      `spec.controller.config.${name}: ${JSON.stringify(text)} is not a value it takes; the default is used`,
    );
  }
  return { tuning, taken };
}

function count(setting: NumberSetting, most = 1e9): Take {
  return (tuning, text) => {
    if (!/^\d{1,10}$/.test(text) || Number(text) < 1 || Number(text) > most) return false;
    tuning[setting] = Number(text);
    return true;
  };
}

/** `4 8k`: how many, and of which size. */
function headerBuffers(tuning: TuningDraft, text: string): boolean {
  const [, count = '', size = ''] = /^(\d{1,3}) +(\d{1,7}[km]?)$/i.exec(text) ?? [];
  const bytes = MAX_HEADER_BYTES.read(size);
  if (Number(count) < 1 || typeof bytes !== 'number') return false;
  tuning.requestHeaderBuffers = { count: Number(count), bytes };
  return true;
}

/** Whole ones, without unit or with `s`. */
function seconds(setting: NumberSetting): Take {
  return (tuning, text) => {
    const [, digits] = /^(\d{1,5})s?$/.exec(text) ?? [];
    if (digits === undefined) return false;
    tuning[setting] = Number(digits) * 1000;
    return true;
  };
}

function flag(setting: SwitchSetting): Take {
  return (tuning, text) => {
    if (text !== 'true' && text !== 'false') return false;
    tuning[setting] = text === 'true';
    return true;
  };
}
