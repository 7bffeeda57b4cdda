import { type ApiObject, asApiObject } from '../../object.ts';
import { type JsonObject, type JsonValue, listAt, numberAt, objectAt, objectsAt, textAt } from '../../schema/json.ts';
import type { Converter } from '../converter.ts';

const PREFIX = 'autoscaling.alpha.kubernetes.io/';
/** What v1 has no fields for is in annotations, as JSON of v2: where, in the object, under which name. */
const KEPT: readonly (readonly ['spec' | 'status', string, string])[] = [
  ['spec', 'metrics', `${PREFIX}metrics`],
  ['spec', 'behavior', `${PREFIX}behavior`],
  ['status', 'currentMetrics', `${PREFIX}current-metrics`],
  ['status', 'conditions', `${PREFIX}conditions`],
];

/**
 * autoscaling/v1 knows one metric, the share of the requested CPU; all else of v2 survives in annotations.
 *
 * Source: Kubernetes pkg/apis/autoscaling/v1/conversion.go. Its annotations hold metrics in a form of their own; these hold that of v2.
 */
export const AUTOSCALER_CONVERTER: Converter = {
  async convert(objects, apiVersion) {
    return objects.map((object) => (object.apiVersion === apiVersion ? object : autoscalerIn(object, apiVersion)));
  },
};

export function autoscalerIn(object: ApiObject, apiVersion: string): ApiObject {
  const copy = asApiObject(structuredClone(object));
  if (typeof copy === 'string') throw new TypeError(copy);
  if (apiVersion === 'autoscaling/v1') toFirst(copy);
  else toSecond(copy);
  copy.apiVersion = apiVersion;
  return copy;
}

function toFirst(object: ApiObject): void {
  const spec = objectAt(object, 'spec') ?? {};
  const status = objectAt(object, 'status');
  const [cpu, others] = cpuAndOthers(objectsAt(spec, 'metrics'));
  const current = objectsAt(status, 'currentMetrics').map((each) => objectAt(objectAt(each, 'resource'), 'current'));
  const measured = current.map((each) => numberAt(each, 'averageUtilization')).find((each) => each !== undefined);
  const wanted = numberAt(objectAt(objectAt(cpu, 'resource'), 'target'), 'averageUtilization');
  if (wanted !== undefined) spec['targetCPUUtilizationPercentage'] = wanted;
  if (status !== undefined && measured !== undefined) status['currentCPUUtilizationPercentage'] = measured;
  if (others.length > 0) spec['metrics'] = [...others];
  else delete spec['metrics'];
  const annotations: Record<string, string> = { ...object.metadata.annotations };
  for (const [part, field, name] of KEPT) {
    const holder = objectAt(object, part);
    const value = holder?.[field];
    if (holder === undefined || value === undefined || value === null) continue;
    annotations[name] = JSON.stringify(value);
    delete holder[field];
  }
  if (Object.keys(annotations).length > 0) object.metadata.annotations = annotations;
}

function toSecond(object: ApiObject): void {
  const { annotations = {} } = object.metadata;
  for (const [part, field, name] of KEPT) {
    const text = annotations[name];
    if (text === undefined) continue;
    delete annotations[name];
    const value = parsed(text);
    const holder = objectAt(object, part) ?? {};
    if (value !== undefined) holder[field] = value;
    object[part] = holder;
  }
  if (Object.keys(annotations).length === 0) delete object.metadata.annotations;
  const spec = objectAt(object, 'spec') ?? {};
  const wanted = numberAt(spec, 'targetCPUUtilizationPercentage');
  delete spec['targetCPUUtilizationPercentage'];
  if (wanted !== undefined) {
    const target = { type: 'Utilization', averageUtilization: wanted };
    spec['metrics'] = [{ type: 'Resource', resource: { name: 'cpu', target } }, ...listAt(spec, 'metrics')];
  }
  const status = objectAt(object, 'status');
  if (status !== undefined) delete status['currentCPUUtilizationPercentage'];
}

/** The metric that v1 knows too, the first of its kind, and all others. */
function cpuAndOthers(metrics: readonly JsonObject[]): readonly [JsonObject | undefined, readonly JsonObject[]] {
  const cpu = metrics.find((metric) => {
    const source = objectAt(metric, 'resource');
    return textAt(source, 'name') === 'cpu' && textAt(objectAt(source, 'target'), 'type') === 'Utilization';
  });
  return [cpu, metrics.filter((metric) => metric !== cpu)];
}

/** Undefined for what somebody wrote there that is no JSON. */
function parsed(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
