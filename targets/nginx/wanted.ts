/**
 * What one instance's data plane shall hold, kept up to date piece by piece: an
 * incremental reducer from IR fragments to record keys (design D13).
 *
 * It keeps no records, only what is needed to find those a fragment touches:
 *
 *   port -> listeners on it                listener -> routes attached to it
 *   group -> its backends, who uses it     endpoint set -> groups
 *   certificate -> ports and server names  server name -> who claims it
 *   location profile -> who uses it
 *
 * A change marks record keys dirty; {@link WantedRecords.drain} renders the dirty ones.
 */
import { ColdObjects } from '@causeway/apis/meta/cold-objects';
import type { AvoidReason, DataplaneRecord, GroupRecord } from '@causeway/dataplane/policy/record';
import {
  type CertificateIR,
  type ClientPolicyIR,
  type EndpointIR,
  type EndpointSetIR,
  type FilterIR,
  type FirewallRuleSetIR,
  hostsOf,
  type ListenerIR,
  type PassthroughIR,
  type PlaceIR,
  type RespondIR,
  type RouteIR,
  type ServerNameIR,
} from '@causeway/ir/gateway';
import { isStricter } from './backend-verification.ts';
import type { WatchedGroups } from './endpoint-health.ts';
import { ruleSetId } from './firewall-rule-set.ts';
import { type GroupBackend, type GroupSpec, peerText, renderGroup } from './group-record.ts';
import { HeldBack } from './held-back.ts';
import { type HostClaim, HostTls } from './host-tls.ts';
import { isTls, portId } from './listener-port.ts';
import { MultiMap } from './multi-map.ts';
import { type NamedProviders, signInProviders } from './openid-providers.ts';
import { Passthroughs, renderPassthrough } from './passthrough.ts';
import { renderPort, renderStreamPort } from './port-records.ts';
import { type Profile, profilesOf } from './profile.ts';
import { renderRoute } from './route-records.ts';
import { ServedCertificates } from './served-certificates.ts';
import type { NameClaim } from './server-names.ts';
import { SharedValues } from './shared-values.ts';
import type { ProviderProblem } from './status.ts';

/** Fragments that belong to no instance: those that refer to them get them. */
export interface SharedFragments {
  endpointSet(id: string): EndpointSetIR | undefined;
  certificate(id: string): CertificateIR | undefined;
  /** Absent: nobody asks endpoints, and all count as well. */
  readonly health?: WatchedGroups | undefined;
  readonly providers?: NamedProviders | undefined;
  /** Where data planes are; absent: nobody knows. */
  place?(): PlaceIR | undefined;
}

/** So many routes changed together are rendered together: they are all held as they are until then. */
const MANY = 512;

/** Of a route whose backends are to be verified, where they were not and nginx is not ready for it. */
const NOT_YET: RespondIR = {
  type: 'respond',
  status: 503,
  reason: 'InvalidBackendTLS : backends cannot be verified yet',
};

/** `type id` of a record. */
export type RecordKey = string;

export function recordKey(type: DataplaneRecord['type'], id: string): RecordKey {
  return `${type} ${id}`;
}

/** A record to be put, or `undefined` for one that must not be there. */
export type RecordChange = readonly [key: RecordKey, record: DataplaneRecord | undefined];

interface NamedRuleSet {
  readonly id: string;
  readonly ruleSet: FirewallRuleSetIR;
}

/** What a rendered record forwards to. */
interface UsedGroups {
  readonly group?: GroupSpec;
  readonly stepGroups?: readonly GroupSpec[];
}

export class WantedRecords {
  readonly #shared: SharedFragments;
  readonly #listeners = new Map<string, ListenerIR>();
  readonly #routes = new ColdObjects<RouteIR>();
  readonly #passthroughs = new Passthroughs();
  readonly #listenersOfPort = new MultiMap();
  readonly #routesOfListener = new MultiMap();
  readonly #groupsOfEndpointSet = new MultiMap();
  readonly #certificates: ServedCertificates;
  readonly #hostTls = new HostTls();
  /** By the keys of the records that forward to them: the first one and, of an action with further ones, these. */
  readonly #groups = new SharedValues<GroupSpec>();
  /** By the keys of the routes and listeners with them; of those that wait for another, what they are until then. */
  readonly #profiles = new SharedValues<Profile>();
  /** By the keys of the records that refer to them. */
  readonly #ruleSets = new SharedValues<NamedRuleSet>();
  readonly #held = new HeldBack();
  /** Keys of the routes and listeners with a firewall. */
  readonly #inspected = new Set<string>();

  readonly #dirtyPorts = new Set<string>();
  readonly #dirtyRoutes = new Set<string>();
  readonly #dirtyPassthroughs = new Set<string>();
  readonly #dirtyGroups = new Set<string>();

  constructor(shared: SharedFragments) {
    this.#shared = shared;
    this.#certificates = new ServedCertificates((id) => shared.certificate(id));
  }

  get isEmpty(): boolean {
    return this.#listeners.size === 0 && this.#routes.size === 0 && this.#passthroughs.size === 0;
  }

  get listeners(): Iterable<ListenerIR> {
    return this.#listeners.values();
  }

  /** Routes are to be inspected, also such as are not rendered yet. */
  get usesFirewall(): boolean {
    return this.#inspected.size > 0;
  }

  /** What the rendered records refer to. */
  ruleSets(): ReadonlyMap<string, FirewallRuleSetIR> {
    return new Map([...this.#ruleSets.values()].map(({ id, ruleSet }) => [id, ruleSet]));
  }

  /** The route of that id, for metric labels; not one that waits for a profile. */
  route(id: string): RouteIR | undefined {
    return this.#routes.get(id);
  }

  /** Whether there is such a route. Reads none, so that hundreds a second may be asked for. */
  hasRoute(id: string): boolean {
    return this.#routes.has(id);
  }

  /** What a group record was made from, for explanations; empty: there is no such group. */
  backends(groupId: string): readonly GroupBackend[] {
    return this.#groups.get(groupId)?.backends ?? [];
  }

  /** `address:port` of the endpoints that a route, port or stream port forwards to; by the key of its record. */
  endpointsOf(key: RecordKey): ReadonlySet<string> {
    const peers = this.#groups.of(key).flatMap((spec) => renderGroup(spec, this.#endpointSet).peers);
    return new Set(peers.map(({ address, port }) => `${address}:${port}`));
  }

  /**
   * Which of the endpoint sets that a route or port forwards to an endpoint is of; by the key of its record.
   *
   * @param upstream `address:port`
   */
  endpointSetOf(key: RecordKey, upstream: string): string | undefined {
    const backends = this.#groups.of(key).flatMap((spec) => spec.backends);
    if (backends.length === 1) return backends[0]?.endpointSet;
    const hasIt = ({ address, port }: EndpointIR) => peerText(address, port) === upstream;
    return backends.find(({ endpointSet }) => this.#endpointSet(endpointSet)?.endpoints.some(hasIt))?.endpointSet;
  }

  /** The route of that id, as it was put. */
  routeOf(id: string): RouteIR | undefined {
    const held = this.#held.get(recordKey('route', id));
    return held?.kind === 'route' ? held : this.#routes.get(id);
  }

  /** Location profiles that nginx must have, those that something waits for included. */
  *profiles(): Generator<Profile> {
    yield* this.#profiles.values();
    yield* this.#held.profiles();
  }

  /** Routes and listeners that wait for a profile. */
  get waiting(): number {
    return this.#held.size;
  }

  /**
   * Nginx has these profiles from now on, by id: what uses another one stays as it was. Before the first call it is taken to have
   * all.
   */
  serveProfiles(ids: ReadonlySet<string>): void {
    this.#held.serve(ids);
    for (const released of this.#held.release()) {
      if (released.kind === 'route') this.putRoute(released.id, released);
      else this.putListener(released.id, released);
    }
  }

  putRoute(id: string, wanted: RouteIR | undefined): void {
    this.#shared.providers?.name(id, signInProviders(wanted));
    const key = recordKey('route', id);
    const profiles = wanted === undefined ? [] : profilesOf(wanted.action, wanted.filters);
    const waits = wanted !== undefined && !this.#held.hasAll(profiles);
    if (waits) this.#held.put(key, wanted, profiles);
    else this.#held.delete(key);
    const before = this.#routes.get(id);
    if (waits && !(before !== undefined && isStricter(wanted.action, before.action))) return;
    const route = waits ? { ...wanted, action: NOT_YET } : wanted;
    this.#profiles.use(key, waits ? [] : profiles);
    for (const listener of this.#routes.get(id)?.listeners ?? []) this.#routesOfListener.delete(listener, id);
    for (const listener of route?.listeners ?? []) this.#routesOfListener.add(listener, id);
    if (route === undefined) this.#routes.delete(id);
    else this.#routes.set(id, route, this.#dirtyRoutes.size > MANY);
    this.#noteFirewall(`route ${id}`, route?.filters);
    this.#dirtyRoutes.add(id);
  }

  putListener(id: string, listener: ListenerIR | undefined): void {
    const key = recordKey('port', id);
    const profiles = listener === undefined ? [] : profilesOf(listener.fallback, listener.fallbackFilters ?? []);
    if (listener !== undefined && !this.#held.hasAll(profiles)) {
      this.#held.put(key, listener, profiles);
      return;
    }
    this.#held.delete(key);
    this.#profiles.use(key, profiles);
    const before = this.#listeners.get(id);
    if (before !== undefined) {
      this.#listenersOfPort.delete(portId(before), id);
      this.#dirtyPorts.add(portId(before));
    }
    if (listener === undefined) this.#listeners.delete(id);
    else this.#listeners.set(id, listener);
    if (listener !== undefined) {
      this.#listenersOfPort.add(portId(listener), id);
      this.#dirtyPorts.add(portId(listener));
    }
    this.#noteFirewall(`listener ${id}`, listener?.fallbackFilters);
    if (attachment(before) !== attachment(listener)) {
      for (const route of this.#routesOfListener.get(id)) this.#dirtyRoutes.add(route);
      for (const passthrough of this.#passthroughs.of(id)) this.#dirtyPassthroughs.add(passthrough);
    }
  }

  putPassthrough(id: string, passthrough: PassthroughIR | undefined): void {
    this.#passthroughs.put(id, passthrough);
    this.#dirtyPassthroughs.add(id);
  }

  /** Server names that are passed on as they are on a port with TLS. */
  passedNames(port: number): readonly ServerNameIR[] {
    return this.#passthroughs.names(this.#listenersOn(String(port)));
  }

  /** `address:port` of the endpoints that TLS connections of a port are passed on to. */
  passedEndpoints(port: number): ReadonlySet<string> {
    const ids = new Set(this.#listenersOn(String(port)).flatMap(({ id }) => [...this.#passthroughs.of(id)]));
    return new Set([...ids].flatMap((id) => [...this.endpointsOf(recordKey('passthrough', id))]));
  }

  endpointSetChanged(id: string): void {
    for (const group of this.#groupsOfEndpointSet.get(id)) this.#dirtyGroups.add(group);
  }

  /** Other endpoints may be near. */
  placeChanged(): void {
    for (const { id } of this.#groups.values()) this.#dirtyGroups.add(id);
  }

  /** OpenID providers that cannot be used. */
  get providerProblems(): readonly ProviderProblem[] {
    return this.#shared.providers?.problems() ?? [];
  }

  /** An endpoint of a group is well now, or is not any more. */
  healthChanged(group: string): void {
    if (this.#groups.has(group)) this.#dirtyGroups.add(group);
  }

  /**
   * Endpoints that are not well at the moment, by `address:port`.
   *
   * @param avoided those that workers avoid; endpoints that are gone may be among them
   */
  unwell(avoided: ReadonlyMap<string, AvoidReason>): ReadonlyMap<string, AvoidReason | 'check'> {
    const asked = this.#shared.health?.unwell() ?? [];
    if (avoided.size === 0 && asked.length === 0) return new Map();
    const sets = new Set(
      [...this.#groups.values()].flatMap(({ backends }) => backends.map(({ endpointSet }) => endpointSet)),
    );
    const present = new Set(
      [...sets].flatMap((id) =>
        (this.#endpointSet(id)?.endpoints ?? []).map(({ address, port }) => peerText(address, port)),
      ),
    );
    return new Map([
      ...asked.map(({ address, port }) => [peerText(address, port), 'check'] as const),
      ...[...avoided].filter(([endpoint]) => present.has(endpoint)),
    ]);
  }

  /** @param cameOrWent it was absent before or is now: ports and names do without a certificate that is not there */
  certificateChanged(id: string, cameOrWent: boolean): void {
    for (const port of this.#certificates.changed(id, cameOrWent)) this.#dirtyPorts.add(port);
  }

  /**
   * Renders what changed since the last call. Records may be equal to what they were:
   * whoever writes them compares.
   */
  *drain(): Generator<RecordChange> {
    for (const id of this.#dirtyPorts) yield isStreamId(id) ? this.#renderStreamPort(id) : this.#renderPort(id);
    this.#dirtyPorts.clear();
    for (const id of this.#dirtyRoutes) yield this.#renderRoute(id);
    this.#dirtyRoutes.clear();
    for (const id of this.#dirtyPassthroughs) yield this.#renderPassthrough(id);
    this.#dirtyPassthroughs.clear();
    for (const id of this.#dirtyGroups) yield [recordKey('group', id), this.#groupRecord(id)];
    this.#dirtyGroups.clear();
    for (const [type, id, record] of this.#certificates.drain()) yield [recordKey(type, id), record];
    for (const [type, id, record] of this.#hostTls.drain()) yield [recordKey(type, id), record];
  }

  /** Every record, for a full transaction. Everything must have been drained before. */
  *all(): Generator<DataplaneRecord> {
    for (const id of this.#listenersOfPort.keys()) {
      const listeners = this.#listenersOn(id);
      yield isStreamId(id)
        ? renderStreamPort(listeners).record
        : renderPort(listeners, this.#certificates.exists).record;
    }
    for (const route of this.#routes.values()) {
      const { record } = renderRoute(route, this.#existing(route.listeners));
      if (record !== undefined) yield record;
    }
    for (const passthrough of this.#passthroughs.all()) {
      const { record } = renderPassthrough(passthrough, this.#existing(passthrough.listeners));
      if (record !== undefined) yield record;
    }
    for (const spec of this.#groups.values()) yield this.#renderGroup(spec);
    yield* this.#certificates.all();
    yield* this.#hostTls.all();
  }

  readonly #endpointSet = (id: string): EndpointSetIR | undefined => this.#shared.endpointSet(id);

  #renderPort(id: string): RecordChange {
    const key = recordKey('port', id);
    const listeners = this.#listenersOn(id);
    const rendered = listeners.length === 0 ? undefined : renderPort(listeners, this.#certificates.exists);
    this.#useGroups(key, rendered);
    this.#useRuleSet(key, rendered?.fallbackFilters ?? []);
    const claims: NameClaim[] = [];
    const defaults: string[] = [];
    for (const { tls } of listeners) {
      for (const sni of tls?.certificates ?? []) claims.push({ port: id, sni });
      if (tls?.defaultCertificate !== undefined) defaults.push(tls.defaultCertificate);
      if (tls?.unknownNameCertificate !== undefined) defaults.push(tls.unknownNameCertificate);
    }
    this.#certificates.claim(key, true, claims);
    this.#certificates.useDefaults(id, defaults);
    const ofPort = listeners.flatMap(({ tls }) => tls?.hostTls?.client ?? []);
    this.#hostTls.put(key, [], [...ofPort, ...policiesIn(rendered?.fallbackFilters ?? [])]);
    return [key, rendered?.record];
  }

  #renderStreamPort(id: string): RecordChange {
    const key = recordKey('streamPort', id);
    const listeners = this.#listenersOn(id);
    const rendered = listeners.length === 0 ? undefined : renderStreamPort(listeners);
    this.#useGroups(key, rendered);
    return [key, rendered?.record];
  }

  #renderPassthrough(id: string): RecordChange {
    const key = recordKey('passthrough', id);
    const passthrough = this.#passthroughs.get(id);
    const rendered = passthrough && renderPassthrough(passthrough, this.#existing(passthrough.listeners));
    this.#useGroups(key, rendered);
    return [key, rendered?.record];
  }

  #renderRoute(id: string): RecordChange {
    const key = recordKey('route', id);
    const route = this.#routes.get(id);
    const listeners = this.#existing(route?.listeners ?? []);
    const rendered = route === undefined ? {} : renderRoute(route, listeners);
    this.#useGroups(key, rendered);
    this.#useRuleSet(key, route?.filters ?? []);
    const claims: NameClaim[] = [];
    if (route !== undefined && route.certificates.length > 0) {
      for (const port of new Set(listeners.filter(isTls).map((listener) => String(listener.port)))) {
        for (const sni of route.certificates) claims.push({ port, sni });
      }
    }
    this.#certificates.claim(key, false, claims);
    this.#hostTls.put(key, route === undefined ? [] : hostClaims(route, listeners), policiesIn(route?.filters ?? []));
    return [key, rendered.record];
  }

  #groupRecord(id: string): DataplaneRecord | undefined {
    const spec = this.#groups.get(id);
    const { health } = this.#shared;
    if (spec?.check !== undefined) {
      const endpoints = spec.backends.flatMap(({ endpointSet }) => this.#endpointSet(endpointSet)?.endpoints ?? []);
      health?.watch(id, spec.check, endpoints);
    } else if (spec === undefined) health?.forget(id);
    return spec && this.#renderGroup(spec);
  }

  #renderGroup(spec: GroupSpec): GroupRecord {
    const { health } = this.#shared;
    const place = this.#shared.place?.();
    if (spec.check === undefined || health === undefined) return renderGroup(spec, this.#endpointSet, { place });
    const isWell = (endpoint: EndpointIR) => health.isWell(spec.id, endpoint);
    return renderGroup(spec, this.#endpointSet, { isWell, place });
  }

  #useGroups(user: RecordKey, rendered: UsedGroups | undefined): void {
    const wanted = [...(rendered?.group === undefined ? [] : [rendered.group]), ...(rendered?.stepGroups ?? [])];
    const { came, went } = this.#groups.use(user, wanted);
    for (const { id, backends } of came) {
      for (const { endpointSet } of backends) this.#groupsOfEndpointSet.add(endpointSet, id);
      this.#dirtyGroups.add(id);
    }
    for (const { id, backends } of went) {
      for (const { endpointSet } of backends) this.#groupsOfEndpointSet.delete(endpointSet, id);
      this.#dirtyGroups.add(id);
    }
  }

  #noteFirewall(key: string, filters: readonly FilterIR[] | undefined): void {
    if (filters?.some(({ type }) => type === 'firewall') === true) this.#inspected.add(key);
    else this.#inspected.delete(key);
  }

  #useRuleSet(user: RecordKey, filters: readonly FilterIR[]): void {
    const filter = filters.find(({ type }) => type === 'firewall');
    this.#ruleSets.use(user, filter?.type === 'firewall' ? [namedRuleSet(filter.ruleSet)] : []);
  }

  #listenersOn(port: string): ListenerIR[] {
    return this.#existing(this.#listenersOfPort.get(port));
  }

  #existing(ids: Iterable<string>): ListenerIR[] {
    const found: ListenerIR[] = [];
    for (const id of ids) {
      const listener = this.#listeners.get(id);
      if (listener !== undefined) found.push(listener);
    }
    return found;
  }
}

function namedRuleSet(ruleSet: FirewallRuleSetIR): NamedRuleSet {
  return { id: ruleSetId(ruleSet), ruleSet };
}

/** What a route wants for its hosts, on each of its ports with TLS. */
function hostClaims({ hostTls, match }: RouteIR, listeners: readonly ListenerIR[]): HostClaim[] {
  if (hostTls === undefined) return [];
  const ports = new Set(listeners.filter(isTls).map(({ port }) => String(port)));
  return [...ports].flatMap((port) => (hostsOf(match) ?? []).map((host) => ({ port, host, tls: hostTls })));
}

function policiesIn(filters: readonly FilterIR[]): ClientPolicyIR[] {
  return filters.flatMap((filter) => (filter.type === 'clientCertificate' ? filter.policy : []));
}

function isStreamId(portId: string): boolean {
  return portId.includes(':');
}

/** What of a listener shows in the records of its routes. */
function attachment(listener: ListenerIR | undefined): string {
  return listener === undefined ? '' : JSON.stringify([listener.port, listener.protocol, listener.hostnames]);
}
