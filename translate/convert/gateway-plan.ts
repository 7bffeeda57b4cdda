/** What routes need of a Gateway: listeners, certificates, namespaces. Source: spec MG-15, MG-16. */

import type { Listener } from '@causeway/apis/gateway-api/listener';
import { type KubernetesObject, type ObjectKey, objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';
import { byText } from './conversion.ts';
import { type Message, message } from './message.ts';

/** Which Gateways are written, and how. */
export interface GatewayPlanOptions {
  readonly gatewayClass: string;
  /** Also write the Gateways, with the listeners that are needed. */
  readonly emitGateway: boolean;
  readonly httpListener: string;
  readonly httpsListener: string;
  /** Secret of a written Gateway for what brings no certificate. */
  readonly defaultCertificate: string;
}

export interface Attachment {
  readonly gateway: ObjectKey;
  /** Namespace of the route. */
  readonly namespace: string;
  readonly http: boolean;
  readonly https: boolean;
  /** Listener and host of a TLS connection that is passed through. */
  readonly passthrough?: { readonly listener: string; readonly hostname: string };
  /** Secret for the listener of HTTPS; absent: its default. */
  readonly certificate?: string;
  /** Largest number of connections that the guide's policy of the Gateway allows. */
  readonly connections?: number;
}

const MOST = 64;

/** @param everyNamespace listeners take routes of all namespaces, else of those that have some */
export function gatewayObjects(
  attachments: readonly Attachment[],
  options: GatewayPlanOptions,
  everyNamespace: boolean,
): { readonly objects: readonly KubernetesObject[]; readonly messages: readonly Message[] } {
  const objects: KubernetesObject[] = [];
  const messages: Message[] = [];
  const byGateway = new Map<string, Attachment[]>();
  for (const attachment of attachments) {
    const title = objectKeyText(attachment.gateway);
    const known = byGateway.get(title);
    if (known === undefined) byGateway.set(title, [attachment]);
    else known.push(attachment);
  }
  for (const [title, own] of [...byGateway].toSorted(([a], [b]) => byText(a, b))) {
    const limit = connectionLimit(title, own);
    if (limit !== undefined) objects.push(limit);
    if (!options.emitGateway) continue;
    const listeners = listenersOf(parseObjectKey(title), own, options, everyNamespace);
    const certificates = listeners.flatMap(({ tls }) => tls?.certificateRefs ?? []).length;
    if (listeners.length > MOST || certificates > MOST) {
      const text = `${listeners.length} listeners and ${certificates} certificates: a Gateway takes ${MOST} of each; convert groups for several (--gateway)`;
      messages.push(message('E307', title, 'spec.listeners', text));
      continue;
    }
    const { namespace, name } = parseObjectKey(title);
    objects.push({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name, namespace },
      spec: { gatewayClassName: options.gatewayClass, listeners },
    } as KubernetesObject);
  }
  return { objects, messages };
}

function listenersOf(
  gateway: ObjectKey,
  attachments: readonly Attachment[],
  options: GatewayPlanOptions,
  everyNamespace: boolean,
): readonly Listener[] {
  const allowed = allowedRoutes(gateway, attachments, everyNamespace);
  const listeners: Listener[] = [];
  if (attachments.some(({ http }) => http)) {
    listeners.push({ name: options.httpListener, protocol: 'HTTP', port: 80, ...allowed });
  }
  const encrypted = attachments.filter(({ https }) => https);
  if (encrypted.length > 0) {
    const tls = { mode: 'Terminate', certificateRefs: certificateRefs(gateway, encrypted, options) } as const;
    listeners.push({ name: options.httpsListener, protocol: 'HTTPS', port: 443, tls, ...allowed });
  }
  const passed = new Map(
    attachments.flatMap(({ passthrough }) =>
      passthrough ? [[passthrough.listener, passthrough.hostname] as const] : [],
    ),
  );
  for (const [name, hostname] of [...passed].toSorted(([a], [b]) => byText(a, b))) {
    listeners.push({ name, protocol: 'TLS', port: 443, hostname, tls: { mode: 'Passthrough' }, ...allowed });
  }
  return listeners;
}

/** The default first: it is shown to clients that ask for no name that another has. */
function certificateRefs(
  gateway: ObjectKey,
  attachments: readonly Attachment[],
  { defaultCertificate }: GatewayPlanOptions,
): readonly { readonly name: string; readonly namespace?: string }[] {
  const own = attachments.flatMap(({ namespace, certificate }) =>
    certificate === undefined ? [] : [`${namespace}/${certificate}`],
  );
  const refs = [...new Set(own)].toSorted(byText).map((text) => {
    const { namespace, name } = parseObjectKey(text);
    return { name, ...(namespace === gateway.namespace ? {} : { namespace }) };
  });
  return own.length < attachments.length ? [{ name: defaultCertificate }, ...refs] : refs;
}

function allowedRoutes(
  gateway: ObjectKey,
  attachments: readonly Attachment[],
  everyNamespace: boolean,
): Pick<Listener, 'allowedRoutes'> {
  const namespaces = [...new Set(attachments.map(({ namespace }) => namespace))].toSorted(byText);
  if (everyNamespace) return { allowedRoutes: { namespaces: { from: 'All' } } };
  if (namespaces.every((namespace) => namespace === gateway.namespace)) return {};
  const named = { key: 'kubernetes.io/metadata.name', operator: 'In', values: namespaces } as const;
  return { allowedRoutes: { namespaces: { from: 'Selector', selector: { matchExpressions: [named] } } } };
}

function connectionLimit(gateway: string, attachments: readonly Attachment[]): KubernetesObject | undefined {
  const limits = attachments.flatMap(({ connections }) => connections ?? []);
  if (limits.length === 0) return undefined;
  const { namespace, name } = parseObjectKey(gateway);
  return {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'ClientTrafficPolicy',
    metadata: { name: `${name}-connection-limit`, namespace },
    spec: {
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name }],
      connection: { connectionLimit: { value: Math.max(...limits) } },
    },
  } as KubernetesObject;
}
