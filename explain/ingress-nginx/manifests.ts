import type { IngressNginx } from '@causeway/apis/gateway/ingress-nginx';
import { ANNOTATION_DEFAULT_CLASS } from '@causeway/apis/gateway/labels';
import { apiVersionOf } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { type FactMap, KIND_REFS, type KindName } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import { controllerFlags, isNeedlessFlag, isUsualConfigMap, nameOf } from './controller-flags.ts';

/** The value of `--controller-class` unless somebody changes it. */
const CONTROLLER = 'k8s.io/ingress-nginx';
const KINDS: readonly KindName[] = [
  'Ingress',
  'IngressClass',
  'IngressNginx',
  'Service',
  'EndpointSlice',
  'Secret',
  'ConfigMap',
  'Namespace',
];

/** An installation of ingress-nginx as manifests describe it, with the IngressNginx that would take its place. */
export interface Installation {
  readonly snapshot: Snapshot;
  readonly checked: readonly KubernetesObject[];
  /** `namespace/name` of the ConfigMap with its options. */
  readonly configMap?: string;
  /** Whether Ingresses without a class are meant for it. */
  readonly takesUnclassified: boolean;
  /** Stands for all of them, first the one that takes Ingresses without a class. */
  readonly planes: readonly IngressNginx[];
  /** Objects that have nothing to do with it. */
  readonly others: readonly KubernetesObject[];
}

/** @param configMap `namespace/name`, where no manifest of the controller says it */
export function readInstallation(objects: readonly KubernetesObject[], configMap?: string): Installation {
  const snapshot = new Snapshot();
  const others: KubernetesObject[] = [];
  const checked: KubernetesObject[] = [];
  const controllers = objects.flatMap((object) => controllerFlags(object) ?? []);
  const [controller] = controllers;
  const options =
    configMap ?? controller?.configMap ?? objects.filter(isUsualConfigMap).map(nameOf).sort().at(0) ?? undefined;
  for (const object of objects) {
    const kind = kindOf(object);
    if (kind !== undefined) snapshot.put(kind, object as FactMap[KindName]);
    else if (controllerFlags(object) === undefined && object.kind !== 'Ingress') {
      others.push(object);
      continue;
    }
    checked.push(object);
  }
  const view = snapshot.view('installation');
  const flags = controller?.flags ?? new Map<string, string>();
  const controllerValue = flags.get('controller-class') ?? CONTROLLER;
  const classes = view.all('IngressClass').filter(({ spec }) => spec?.controller === controllerValue);
  const isDefault = classes.some(({ metadata }) => metadata.annotations?.[ANNOTATION_DEFAULT_CLASS] === 'true');
  const takesUnclassified = isDefault || flags.get('watch-ingress-without-class') === 'true';
  const names = new Set(classes.map(({ metadata }) => metadata.name));
  if (names.size === 0) names.add(flags.get('ingress-class') ?? 'nginx');
  const config = objects.find((object) => object.kind === 'ConfigMap' && nameOf(object) === options);
  const extraArgs = Object.fromEntries([...flags].filter(([name]) => !isNeedlessFlag(name)));
  const planes = [...names].sort().map((name, index) => ({
    apiVersion: 'ingress-nginx.alauda.io/v1',
    kind: 'IngressNginx',
    metadata: { namespace: config?.metadata.namespace ?? 'ingress-nginx', name },
    spec: {
      controller: {
        ingressClassResource: { name, controllerValue },
        watchIngressWithoutClass: index === 0,
        config: dataOf(config),
        extraArgs,
      },
    },
  }));
  for (const plane of planes) snapshot.put('IngressNginx', plane);
  return {
    snapshot,
    checked,
    ...(config === undefined ? {} : { configMap: nameOf(config) }),
    takesUnclassified,
    planes,
    others,
  };
}

/** Of the kinds that matter, in the version that is served. */
export function kindOf({ apiVersion, kind }: KubernetesObject): KindName | undefined {
  return KINDS.find((name) => KIND_REFS[name].kind === kind && apiVersionOf(KIND_REFS[name]) === apiVersion);
}

function dataOf(object: KubernetesObject | undefined): Readonly<Record<string, string>> {
  const data: unknown = object === undefined || !('data' in object) ? {} : object.data;
  return Object.fromEntries(Object.entries(data ?? {}).map(([name, value]) => [name, String(value)]));
}
