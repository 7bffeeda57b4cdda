import type { ALB2, ALB2Config } from '@causeway/apis/gateway/alb2';
import {
  ANNOTATION_POD_ANNOTATIONS,
  ANNOTATION_TOLERATE_ALL,
  ANNOTATION_TOLERATION,
} from '@causeway/apis/gateway/labels';
import type { ObjectKey } from '@causeway/apis/meta/object';
import { parseQuantity } from '@causeway/apis/meta/quantity';
import { VERSION } from '@causeway/apis/meta/version';
import type { ComputeIR, TolerationIR, WorkloadIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { albSettings, isIgnored } from './alb-settings.ts';
import type { Problem } from './problem.ts';

export interface WorkloadTranslation {
  /** Absent: there must be nothing. */
  readonly workload?: WorkloadIR;
  /** What there is stays as it is. */
  readonly keep: boolean;
  readonly problems: readonly Problem[];
}

const LIMITS: ComputeIR = { cpu: '2', memory: '2Gi' };
const REQUESTS: ComputeIR = { cpu: '50m', memory: '128Mi' };

/** Source: spec ALB 11.1, Deployment. */
const TOLERATIONS: readonly TolerationIR[] = [
  'node-role.kubernetes.io/master',
  'node-role.kubernetes.io/control-plane',
  'node-role.kubernetes.io/cpaas-system',
  'node.kubernetes.io/not-ready',
].map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' }));

/**
 * ALB2 -> its data planes on a cluster. A quantity that cannot be read keeps what there is (ALB-02).
 *
 * Source: spec ALB sections 2.1 and 11.1.
 *
 * @param image of our programs, unless the ALB2 replaces it
 */
export function translateWorkload(view: View, key: ObjectKey, image: string): WorkloadTranslation {
  const alb = view.get('ALB2', key);
  if (alb === undefined || alb.metadata.deletionTimestamp !== undefined) return { keep: false, problems: [] };
  if (isIgnored(alb)) return { keep: true, problems: [] };
  const settings = albSettings(alb);
  if (settings === undefined) return { keep: false, problems: [] };
  const { config } = settings;
  const problems: Problem[] = [];
  const invalid = (field: string, message: string): void => {
    problems.push({
      object: { kind: 'ALB2', key },
      reason: 'InvalidField',
      message: `${field}: ${message}`,
      severity: 'Warning',
    });
  };
  const limits = compute('limits', config, LIMITS, invalid);
  const requests = compute('requests', config, REQUESTS, invalid);
  if (limits === undefined || requests === undefined) return { keep: true, problems };
  const tolerations = tolerationsOf(alb, invalid);
  return {
    keep: false,
    problems,
    workload: {
      namespace: key.namespace,
      name: key.name,
      image: replacedImage(config) ?? image,
      replicas: settings.replicas,
      network: settings.networkMode === 'container' ? 'own' : 'machine',
      antiAffinityKey: config.antiAffinityKey ?? 'local',
      nodeSelector: sorted(config.nodeSelector ?? {}),
      ...(tolerations === undefined ? {} : { tolerations }),
      podAnnotations: podAnnotations(alb, invalid),
      limits,
      requests,
      readOnlyRoot: config.readonlyFS ?? true,
      termSeconds: settings.maxTermSeconds,
      metricsPort: settings.metricsPort,
      ingressHttpPort: settings.ingressHttpPort,
      ingressHttpsPort: settings.ingressHttpsPort,
      ...(settings.portProjectMode ? { portProjects: config.portProjects ?? '[]' } : {}),
    },
  };
}

/** The image of the last entry for this version; undefined: none is replaced. Our programs are one image. */
export function replacedImage(config: ALB2Config): string | undefined {
  const fitting = (config.overwrite?.image ?? []).filter(({ target }) => (target ?? '') === '' || target === VERSION);
  const image = fitting.at(-1)?.alb;
  return image === '' ? undefined : image;
}

type Invalid = (field: string, message: string) => void;

/** @returns undefined when one cannot be read, which `invalid` is told */
export function compute(
  kind: 'limits' | 'requests',
  config: ALB2Config,
  defaults: ComputeIR,
  invalid: Invalid,
): ComputeIR | undefined {
  const given = config.resources?.[kind];
  const cpu = String(given?.cpu ?? defaults.cpu);
  const memory = String(given?.memory ?? defaults.memory);
  let readable = true;
  for (const [name, quantity] of Object.entries({ cpu, memory })) {
    if (parseQuantity(quantity) !== undefined) continue;
    invalid(
      `spec.config.resources.${kind}.${name}`,
      `${JSON.stringify(quantity)} is not a quantity; the Deployment stays as it is`,
    );
    readable = false;
  }
  return readable ? { cpu, memory } : undefined;
}

function tolerationsOf({ metadata: { annotations } }: ALB2, invalid: Invalid): readonly TolerationIR[] | undefined {
  if (annotations?.[ANNOTATION_TOLERATE_ALL] !== undefined) return undefined;
  const text = annotations?.[ANNOTATION_TOLERATION];
  if (text === undefined) return TOLERATIONS;
  const found = parseJson(text);
  if (Array.isArray(found) && found.every(isToleration)) return [...TOLERATIONS, ...found.map(asToleration)];
  invalid(`metadata.annotations[${ANNOTATION_TOLERATION}]`, 'must be a JSON list of tolerations; ignored');
  return TOLERATIONS;
}

function isToleration(entry: unknown): entry is TolerationIR {
  if (typeof entry !== 'object' || entry === null) return false;
  return Object.entries(entry).every(([name, value]) =>
    name === 'tolerationSeconds' ? typeof value === 'number' : typeof value === 'string',
  );
}

/** Only what a toleration has. */
function asToleration({ key, operator, value, effect, tolerationSeconds }: TolerationIR): TolerationIR {
  return {
    ...(key === undefined ? {} : { key }),
    ...(operator === undefined ? {} : { operator }),
    ...(value === undefined ? {} : { value }),
    ...(effect === undefined ? {} : { effect }),
    ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
  };
}

function podAnnotations({ metadata: { annotations } }: ALB2, invalid: Invalid): Readonly<Record<string, string>> {
  const text = annotations?.[ANNOTATION_POD_ANNOTATIONS];
  if (text === undefined) return {};
  const found = parseJson(text);
  if (isTextMap(found)) return sorted(found);
  invalid(`metadata.annotations[${ANNOTATION_POD_ANNOTATIONS}]`, 'must be a JSON map of texts; ignored');
  return {};
}

function isTextMap(value: unknown): value is Readonly<Record<string, string>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((each) => typeof each === 'string')
  );
}

function sorted(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
