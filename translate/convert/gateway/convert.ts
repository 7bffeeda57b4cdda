/**
 * Gateways that an ALB served (class `exclusive-gateway`), and objects of the Gateway API in versions of their time, as they are
 * written today.
 *
 * Source: spec GW-49, GW-01, GW-29, GW-40; ALB-111.
 */
import { type KubernetesObject, keyOf, objectKeyText } from '@causeway/apis/meta/object';
import { type Conversion, inOrder } from '../conversion.ts';
import { annotationField, type Message, message } from '../message.ts';
import { currentForm } from './current-form.ts';

export interface GatewayOptions {
  readonly gatewayClass: string;
}

export const DEFAULT_GATEWAY_OPTIONS: GatewayOptions = { gatewayClass: 'envoy-gateway-operator-cpaas-default' };

const OLD_CLASS = 'exclusive-gateway';
const ALB_LABEL = 'alb.cpaas.io/alb-ref';
const LISTENER_ANNOTATIONS = ['listeners.cpaas.io/creationTimestamp', 'listeners.cpaas.io/display-name'];
/** The console's, with the port at which an ALB tells what it counts. */
const METRIC_LISTENER = 'gateway-metric';
const METRIC_PORT = 11_782;
/** What the API server or a program keeps in objects. */
const WRITTEN_BY_OTHERS = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'ownerReferences',
  'finalizers',
  'selfLink',
];

/** @param objects each with a namespace */
export function convertGateways(objects: readonly KubernetesObject[], options: GatewayOptions): Conversion {
  const messages: Message[] = [];
  const written: KubernetesObject[] = [];
  for (const object of objects) {
    const title = objectKeyText(keyOf(object));
    const tell = (code: Message['code'], field: string, text: string): number =>
      messages.push(message(code, title, field, text));
    if (isAlb(object)) continue;
    const current = currentForm(object, tell);
    if (current === undefined) tell('I100', 'kind', `${object.kind} of ${object.apiVersion} skipped`);
    else if (isOldGateway(current)) written.push(...imported(current, objects.filter(isAlb), options, tell));
    else written.push(bare(current));
  }
  return { objects: inOrder(written), messages };
}

type Tell = (code: Message['code'], field: string, text: string) => number;
interface OldGateway extends KubernetesObject {
  readonly spec: {
    readonly gatewayClassName: string;
    readonly listeners?: readonly { readonly name?: string; readonly port?: number }[];
    readonly infrastructure?: object;
  };
}

interface Alb extends KubernetesObject {
  readonly spec?: {
    readonly config?: {
      readonly vip?: { readonly lbSvcAnnotations?: Readonly<Record<string, string>> };
      readonly gateway?: { readonly name?: string };
    };
  };
}

function imported(
  gateway: OldGateway,
  albs: readonly Alb[],
  { gatewayClass }: GatewayOptions,
  tell: Tell,
): readonly KubernetesObject[] {
  const { spec, metadata } = gateway;
  const listeners = (Array.isArray(spec.listeners) ? spec.listeners : []) as NonNullable<
    OldGateway['spec']['listeners']
  >;
  tellListenerAnnotations(gateway, listeners.length, tell);
  const kept = listeners.filter(({ name, port }) => name !== METRIC_LISTENER && port !== METRIC_PORT);
  for (const [index, { name, port }] of listeners.entries()) {
    if (name === METRIC_LISTENER || port === METRIC_PORT) {
      tell('W401', `spec.listeners[${index}]`, `${name} on port ${port} removed: it was for the metrics of an ALB`);
    }
  }
  if (kept.length === 0) {
    tell('E401', 'spec.listeners', 'no listener is left; not converted');
    return [];
  }
  const alb = albs.find(
    (each) =>
      each.metadata.namespace === metadata.namespace &&
      (each.metadata.name === metadata.labels?.[ALB_LABEL] || each.spec?.config?.gateway?.name === metadata.name),
  );
  if (alb === undefined) {
    const text = 'its ALB2 is not in the input: annotations of its Service (vip.lbSvcAnnotations) are not carried over';
    tell('W404', `metadata.labels[${ALB_LABEL}]`, text);
  }
  const annotations = alb?.spec?.config?.vip?.lbSvcAnnotations ?? {};
  const service = { type: 'LoadBalancer', ...(Object.keys(annotations).length === 0 ? {} : { annotations }) };
  const { name, namespace } = metadata;
  const proxy = {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'EnvoyProxy',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec: { provider: { type: 'Kubernetes', kubernetes: { envoyService: service } } },
  };
  const parametersRef = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name };
  const infrastructure = { ...spec.infrastructure, parametersRef };
  const converted = {
    ...bare(gateway),
    spec: { ...spec, gatewayClassName: gatewayClass, listeners: kept, infrastructure },
  };
  return [proxy as KubernetesObject, converted as KubernetesObject];
}

/** They hold an entry for each listener, for the console. */
function tellListenerAnnotations({ metadata }: KubernetesObject, listeners: number, tell: Tell): void {
  const given = LISTENER_ANNOTATIONS.filter((key) => metadata.annotations?.[key] !== undefined);
  const lengths = given.map((key) => arrayLength(metadata.annotations?.[key] ?? ''));
  if (lengths.some((length) => length !== listeners)) {
    const text = `ignored: ${given.join(', ')} do not have one entry for each of ${listeners} listeners`;
    tell('W403', 'metadata.annotations', text);
    return;
  }
  for (const key of given) {
    tell('W402', annotationField(key), `removed: ${metadata.annotations?.[key]} was for the console only`);
  }
}

function arrayLength(text: string): number | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.length : undefined;
  } catch {
    return undefined;
  }
}

/** The object as a user would write it. */
function bare(object: KubernetesObject): KubernetesObject {
  const { status: _, ...rest } = object as KubernetesObject & { readonly status?: unknown };
  const metadata = Object.entries(object.metadata).filter(([field]) => !WRITTEN_BY_OTHERS.includes(field));
  const {
    labels = {},
    annotations = {},
    ...others
  } = Object.fromEntries(metadata) as unknown as KubernetesObject['metadata'];
  return {
    ...rest,
    metadata: {
      ...others,
      ...without('labels', labels, (key) => key === ALB_LABEL),
      ...without(
        'annotations',
        annotations,
        (key) => LISTENER_ANNOTATIONS.includes(key) || key.startsWith('kubectl.kubernetes.io/'),
      ),
    },
  };
}

function without(
  field: 'labels' | 'annotations',
  entries: Readonly<Record<string, string>>,
  removed: (key: string) => boolean,
): Pick<KubernetesObject['metadata'], 'labels' | 'annotations'> {
  const kept = Object.entries(entries).filter(([key]) => !removed(key));
  return kept.length === 0 ? {} : { [field]: Object.fromEntries(kept) };
}

function isOldGateway(object: KubernetesObject): object is OldGateway {
  const { spec } = object as { readonly spec?: { readonly gatewayClassName?: unknown } };
  return object.kind === 'Gateway' && spec?.gatewayClassName === OLD_CLASS;
}

function isAlb(object: KubernetesObject): object is Alb {
  return object.kind === 'ALB2' && object.apiVersion.startsWith('crd.alauda.io/');
}
