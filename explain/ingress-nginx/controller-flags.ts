import { type KubernetesObject, objectKeyText } from '@causeway/apis/meta/object';

/** How an ingress-nginx was started, as its Deployment or DaemonSet says. */
export interface ControllerFlags {
  /** Flags without dashes, by name, in order. */
  readonly flags: ReadonlyMap<string, string>;
  /** `namespace/name` of the ConfigMap with its options. */
  readonly configMap?: string;
}

/** Flags that ask for nothing that an IngressNginx would not do or have by itself. */
const NEEDLESS: ReadonlySet<string> = new Set([
  'configmap',
  'controller-class',
  'election-id',
  'election-ttl',
  'enable-metrics',
  'ingress-class',
  'ingress-class-by-name',
  'logtostderr',
  'publish-service',
  'update-status',
  'v',
  'validating-webhook',
  'validating-webhook-certificate',
  'validating-webhook-key',
  'watch-ingress-without-class',
]);

/** Whether a flag has nothing to do here, or is read otherwise than as `extraArgs`. */
export function isNeedlessFlag(name: string): boolean {
  return NEEDLESS.has(name);
}

/** @returns undefined when the object does not run ingress-nginx */
export function controllerFlags(object: KubernetesObject): ControllerFlags | undefined {
  if (object.kind !== 'Deployment' && object.kind !== 'DaemonSet') return undefined;
  for (const container of containersOf(object)) {
    const words = [container['command'], container['args']].flatMap((list) => (Array.isArray(list) ? list : []));
    const image = String(container['image'] ?? '');
    if (!words.includes('/nginx-ingress-controller') && !/ingress-nginx\/controller[:@]/.test(image)) continue;
    const flags = new Map<string, string>();
    for (const word of words) {
      const [, name, value = 'true'] = /^--?([a-z][-a-z0-9]*)(?:=(.*))?$/s.exec(String(word)) ?? [];
      if (name !== undefined) flags.set(name, value);
    }
    const named = flags.get('configmap')?.replace('$(POD_NAMESPACE)', object.metadata.namespace ?? '');
    return { flags, ...(named === undefined ? {} : { configMap: named }) };
  }
  return undefined;
}

function containersOf(object: KubernetesObject): readonly Readonly<Record<string, unknown>>[] {
  const containers = ['spec', 'template', 'spec', 'containers'].reduce<unknown>(
    (value, field) => (isRecord(value) ? value[field] : undefined),
    object,
  );
  return Array.isArray(containers) ? containers.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names by which its chart and its older manifests call the ConfigMap. */
const USUAL_NAMES = ['ingress-nginx-controller', 'nginx-configuration', 'nginx-load-balancer-conf'];

/** Whether a ConfigMap holds options of ingress-nginx, when no flag names it. */
export function isUsualConfigMap({ kind, metadata }: KubernetesObject): boolean {
  return kind === 'ConfigMap' && USUAL_NAMES.includes(metadata.name);
}

export function nameOf({ metadata }: KubernetesObject): string {
  return objectKeyText({ namespace: metadata.namespace ?? '', name: metadata.name });
}
