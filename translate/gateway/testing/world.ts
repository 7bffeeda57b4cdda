import {
  type KubernetesObject,
  keyOf,
  type ObjectKey,
  objectKeyText,
  parseObjectKey,
} from '@causeway/apis/meta/object';
import { FACT_NAMES, type FactMap, type FactName } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import { translateClassStatus } from '../../gateway-api/class/class-status.ts';
import { translateGateway } from '../../gateway-api/gateway/gateway.ts';
import { translateGatewayStatus } from '../../gateway-api/gateway/gateway-status.ts';
import { translateGatewayWorkload } from '../../gateway-api/gateway/gateway-workload.ts';
import { translateListenerSetStatus } from '../../gateway-api/listener/listener-set-status.ts';
import { translateGrpcRoute } from '../../gateway-api/route/grpc-route.ts';
import { translateHttpRoute } from '../../gateway-api/route/http-route.ts';
import { translateStreamRoute } from '../../gateway-api/route/stream-route.ts';
import { translateAlbStatus } from '../alb-status.ts';
import { translateCertificate } from '../certificate.ts';
import { translateEndpointSet } from '../endpoint-set.ts';
import { translateFrontend } from '../frontend.ts';
import { translateFrontendStatus } from '../frontend-status.ts';
import { type IngressTranslation, translateIngress } from '../ingress.ts';
import { translateIngressClass } from '../ingress-class.ts';
import { ingressNginxClass } from '../ingress-nginx/class.ts';
import { translateIngressNginx } from '../ingress-nginx/instance.ts';
import { translateNginxRoutes } from '../ingress-nginx/route.ts';
import { translateNginxWorkload } from '../ingress-nginx/workload.ts';
import { translateIngressStatus } from '../ingress-status.ts';
import { translateInstance } from '../instance.ts';
import { translateHomeLoadBalancer, translateLoadBalancerService } from '../load-balancer-service.ts';
import type { Need } from '../problem.ts';
import { translateAlbLabels, translateFrontendLabels } from '../project-labels.ts';
import { translateRule } from '../rule.ts';
import { translateServerName } from '../server-name.ts';
import { translateWorkload } from '../workload.ts';

/** What is computed for one key of one reader. */
type Translate = (view: View, key: string) => unknown;

const byKey =
  (translate: (view: View, key: ObjectKey) => unknown): Translate =>
  (view, key) =>
    translate(view, parseObjectKey(key));

/** Every translator, by the name of its reader; and the kind whose objects are its keys. */
const READERS: Readonly<Record<string, { readonly kind?: FactName; readonly translate: Translate }>> = {
  albLabels: { kind: 'ALB2', translate: byKey(translateAlbLabels) },
  frontendLabels: { kind: 'Frontend', translate: byKey(translateFrontendLabels) },
  instance: { kind: 'ALB2', translate: byKey(translateInstance) },
  albStatus: { kind: 'ALB2', translate: byKey((view, key) => translateAlbStatus(view, key)) },
  loadBalancerService: { kind: 'ALB2', translate: byKey(translateLoadBalancerService) },
  workload: {
    kind: 'ALB2',
    translate: byKey((view, key) => translateWorkload(view, key, 'registry.example/causeway:0.1.0')),
  },
  homeLoadBalancer: { kind: 'ALB2', translate: byKey(translateHomeLoadBalancer) },
  ingressClass: { kind: 'ALB2', translate: byKey(translateIngressClass) },
  frontend: { kind: 'Frontend', translate: byKey(translateFrontend) },
  frontendStatus: { kind: 'Frontend', translate: byKey(translateFrontendStatus) },
  rule: { kind: 'Rule', translate: byKey(translateRule) },
  ingress: { kind: 'Ingress', translate: byKey(translateIngress) },
  ingressStatus: { kind: 'Ingress', translate: byKey(translateIngressStatus) },
  ingressNginx: { kind: 'IngressNginx', translate: byKey(translateIngressNginx) },
  nginxWorkload: {
    kind: 'IngressNginx',
    translate: byKey((view, key) => translateNginxWorkload(view, key, 'registry.example/causeway:0.1.0')),
  },
  gatewayWorkload: {
    kind: 'Gateway',
    translate: byKey((view, key) => translateGatewayWorkload(view, key, 'registry.example/causeway:0.1.0')),
  },
  ingressNginxClass: { kind: 'IngressNginx', translate: byKey(ingressNginxClass) },
  gatewayClassStatus: { kind: 'GatewayClass', translate: byKey(translateClassStatus) },
  gateway: { kind: 'Gateway', translate: byKey(translateGateway) },
  gatewayStatus: { kind: 'Gateway', translate: byKey((view, key) => translateGatewayStatus(view, key)) },
  listenerSetStatus: { kind: 'ListenerSet', translate: byKey(translateListenerSetStatus) },
  httpRoute: { kind: 'HTTPRoute', translate: byKey(translateHttpRoute) },
  grpcRoute: { kind: 'GRPCRoute', translate: byKey(translateGrpcRoute) },
  tlsRoute: { kind: 'TLSRoute', translate: byKey((view, key) => translateStreamRoute(view, 'TLSRoute', key)) },
  tcpRoute: { kind: 'TCPRoute', translate: byKey((view, key) => translateStreamRoute(view, 'TCPRoute', key)) },
  udpRoute: { kind: 'UDPRoute', translate: byKey((view, key) => translateStreamRoute(view, 'UDPRoute', key)) },
  nginxRoute: { kind: 'Ingress', translate: byKey(translateNginxRoutes) },
  endpointSet: { translate: translateEndpointSet },
  certificate: { translate: translateCertificate },
  serverName: { translate: translateServerName },
};

/**
 * A snapshot with everything that is translated from it, kept up to date by recorded reads, as the controllers do it but
 * without an API: derived objects are put into the snapshot when asked ({@link applyDerived}).
 */
export class World {
  readonly snapshot = new Snapshot();
  /** By reader (`rule/ns/name`), what its translator returned. */
  readonly results = new Map<string, unknown>();
  readonly #stale = new Set<string>();

  constructor(objects: readonly KubernetesObject[] = []) {
    this.snapshot.onStale((reader) => this.#stale.add(reader));
    for (const kind of FACT_NAMES) {
      this.snapshot.onChange(kind, (key) => this.#changed(kind, objectKeyText(key)));
    }
    for (const object of objects) this.put(object);
    this.settle();
  }

  put(object: KubernetesObject): void {
    this.snapshot.put(kindName(object), object as FactMap[FactName]);
  }

  remove(kind: FactName, key: ObjectKey): void {
    this.snapshot.remove(kind, key);
  }

  /** Translates what is stale, and what those translations need. Returns the readers that were translated, sorted. */
  settle(): readonly string[] {
    const done = new Set<string>();
    for (;;) {
      const [reader] = this.#stale;
      if (reader === undefined) break;
      this.#stale.delete(reader);
      done.add(reader);
      this.#translate(reader);
    }
    this.#dropUnneeded();
    return [...done].sort();
  }

  /** Puts the derived objects of all Ingresses into the snapshot until nothing changes, as `targets/objects` does. */
  applyDerived(): void {
    for (let round = 0; round < 10; round += 1) {
      let changed = false;
      for (const key of Object.keys(this.resultsOf('ingress'))) {
        // Translated anew each time: the API refuses what was computed from an old object.
        this.settle();
        changed = this.#applyIngress(key) || changed;
      }
      this.settle();
      if (!changed) return;
    }
    throw new Error('derived objects do not settle');
  }

  /** Results of one kind of reader, by key. */
  resultsOf(name: string): Readonly<Record<string, unknown>> {
    const found = [...this.results]
      .filter(([reader]) => reader.startsWith(`${name}/`))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(found.map(([reader, result]) => [reader.slice(name.length + 1), result]));
  }

  #changed(kind: FactName, key: string): void {
    for (const [name, reader] of Object.entries(READERS)) {
      if (reader.kind === kind) this.#stale.add(`${name}/${key}`);
    }
  }

  #translate(reader: string): void {
    const slash = reader.indexOf('/');
    const [name, key] = [reader.slice(0, slash), reader.slice(slash + 1)];
    const view = this.snapshot.view(reader);
    const result = READERS[name]?.translate(view, key);
    this.results.set(reader, result);
    for (const need of needsOf(result)) {
      const needed = `${need.kind}/${need.id}`;
      if (!this.results.has(needed)) this.#stale.add(needed);
    }
  }

  #dropUnneeded(): void {
    const needed = new Set<string>();
    for (const result of this.results.values())
      for (const need of needsOf(result)) needed.add(`${need.kind}/${need.id}`);
    for (const reader of [...this.results.keys()]) {
      const slash = reader.indexOf('/');
      const [name, key] = [reader.slice(0, slash), reader.slice(slash + 1)];
      const kind = READERS[name]?.kind;
      const exists =
        kind === undefined ? needed.has(reader) : this.snapshot.view('').get(kind, parseObjectKey(key)) !== undefined;
      // An Ingress that is gone still has something to be undone.
      if (exists || name === 'ingress') continue;
      this.results.delete(reader);
      this.snapshot.forget(reader);
    }
    this.snapshot.forget('');
  }

  #applyIngress(key: string): boolean {
    const { frontends, rules } = this.results.get(`ingress/${key}`) as IngressTranslation;
    const view = this.snapshot.view('');
    const before = [...view.by('Rule', 'ingress', key), ...view.all('Frontend')];
    const text = JSON.stringify(before.sort(order));
    for (const object of [...frontends, ...rules]) this.put(withUid(object));
    const wanted = new Set(rules.map((rule) => objectKeyText(keyOf(rule))));
    for (const rule of view.by('Rule', 'ingress', key)) {
      if (!wanted.has(objectKeyText(keyOf(rule)))) this.remove('Rule', keyOf(rule));
    }
    const after = [...view.by('Rule', 'ingress', key), ...view.all('Frontend')];
    this.snapshot.forget('');
    return text !== JSON.stringify(after.sort(order));
  }
}

export function kindName(object: KubernetesObject): FactName {
  const kind = FACT_NAMES.find((name) => name === object.kind);
  if (kind === undefined) throw new Error(`kind ${object.kind} is not in the snapshot`);
  return kind;
}

function needsOf(result: unknown): readonly Need[] {
  return (result as { readonly needs?: readonly Need[] } | undefined)?.needs ?? [];
}

function withUid(object: KubernetesObject): KubernetesObject {
  return { ...object, metadata: { uid: `uid-${object.kind}-${object.metadata.name}`, ...object.metadata } };
}

function order(a: KubernetesObject, b: KubernetesObject): number {
  return objectKeyText(keyOf(a)) < objectKeyText(keyOf(b)) ? -1 : 1;
}
