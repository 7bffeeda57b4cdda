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
  type RespondIR,
  type RouteIR,
  type ServerNameIR,
} from '@causeway/ir/gateway';
import { isStricter } from './backend-verification.ts';
import { renderCertificate } from './certificate-record.ts';
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
import { type NameClaim, ServerNames } from './server-names.ts';
import type { ProviderProblem } from './status.ts';

/** Fragments that belong to no instance: those that refer to them get them. */
export interface SharedFragments {
  endpointSet(id: string): EndpointSetIR | undefined;
  certificate(id: string): CertificateIR | undefined;
  /** Absent: nobody asks endpoints, and all count as well. */
  readonly health?: WatchedGroups | undefined;
  readonly providers?: NamedProviders | undefined;
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

interface ProfileUse {
  readonly profile: Profile;
  /** Keys of the routes and listeners with it; of those that wait for another, what they are until then. */
  readonly users: Set<RecordKey>;
}

interface GroupUse {
  readonly spec: GroupSpec;
  /** Keys of the records that forward to it. */
  readonly users: Set<RecordKey>;
}

export class WantedRecords {
  readonly #shared: SharedFragments;
  readonly #listeners = new Map<string, ListenerIR>();
  readonly #routes = new ColdObjects<RouteIR>();
  readonly #passthroughs = new Passthroughs();
  readonly #listenersOfPort = new MultiMap();
  readonly #routesOfListener = new MultiMap();
  readonly #groupsOfEndpointSet = new MultiMap();
  readonly #portsOfCertificate = new MultiMap();
  readonly #names = new ServerNames();
  readonly #hostTls = new HostTls();
  readonly #groups = new Map<string, GroupUse>();
  readonly #profiles = new Map<string, ProfileUse>();
  readonly #profileOf = new Map<RecordKey, string>();
  readonly #held = new HeldBack();
  /** Keys of the routes and listeners with a firewall. */
  readonly #inspected = new Set<string>();

  /** By id, with the keys of the records that refer to it. */
  readonly #ruleSets = new Map<string, { readonly ruleSet: FirewallRuleSetIR; readonly users: Set<RecordKey> }>();

  /** What a route or port contributed when it was rendered last. */
  readonly #groupOf = new Map<RecordKey, string>();
  readonly #ruleSetOf = new Map<RecordKey, string>();
  readonly #defaultsOfPort = new Map<string, readonly string[]>();

  readonly #dirtyPorts = new Set<string>();
  readonly #dirtyRoutes = new Set<string>();
  readonly #dirtyPassthroughs = new Set<string>();
  readonly #dirtyGroups = new Set<string>();
  readonly #dirtyNames = new Set<string>();
  readonly #dirtyCertificates = new Set<string>();

  constructor(shared: SharedFragments) {
    this.#shared = shared;
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
    return new Map([...this.#ruleSets].map(([id, { ruleSet }]) => [id, ruleSet]));
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
    return this.#groups.get(groupId)?.spec.backends ?? [];
  }

  /** `address:port` of the endpoints that a route, port or stream port forwards to; by the key of its record. */
  endpointsOf(key: RecordKey): ReadonlySet<string> {
    const peers = this.#groupsOf(key).flatMap((spec) => renderGroup(spec, this.#endpointSet).peers);
    return new Set(peers.map(({ address, port }) => `${address}:${port}`));
  }

  /**
   * Which of the endpoint sets that a route or port forwards to an endpoint is of; by the key of its record.
   *
   * @param upstream `address:port`
   */
  endpointSetOf(key: RecordKey, upstream: string): string | undefined {
    const backends = this.#groupsOf(key).flatMap((spec) => spec.backends);
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
    for (const { profile } of this.#profiles.values()) yield profile;
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
    this.#useProfiles(key, waits ? [] : profiles);
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
    this.#useProfiles(key, profiles);
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
      [...this.#groups.values()].flatMap(({ spec }) => spec.backends.map(({ endpointSet }) => endpointSet)),
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
    if (this.#usesCertificate(id)) this.#dirtyCertificates.add(id);
    if (!cameOrWent) return;
    for (const port of this.#portsOfCertificate.get(id)) this.#dirtyPorts.add(port);
    for (const name of this.#names.namesOf(id)) this.#dirtyNames.add(name);
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
    for (const id of this.#dirtyNames) {
      yield [recordKey('serverName', id), this.#names.render(id, this.#hasCertificate)];
    }
    this.#dirtyNames.clear();
    for (const id of this.#dirtyCertificates) yield [recordKey('certificate', id), this.#certificateRecord(id)];
    this.#dirtyCertificates.clear();
    for (const [type, id, record] of this.#hostTls.drain()) yield [recordKey(type, id), record];
  }

  /** Every record, for a full transaction. Everything must have been drained before. */
  *all(): Generator<DataplaneRecord> {
    for (const id of this.#listenersOfPort.keys()) {
      const listeners = this.#listenersOn(id);
      yield isStreamId(id) ? renderStreamPort(listeners).record : renderPort(listeners, this.#hasCertificate).record;
    }
    for (const route of this.#routes.values()) {
      const { record } = renderRoute(route, this.#existing(route.listeners));
      if (record !== undefined) yield record;
    }
    for (const passthrough of this.#passthroughs.all()) {
      const { record } = renderPassthrough(passthrough, this.#existing(passthrough.listeners));
      if (record !== undefined) yield record;
    }
    for (const { spec } of this.#groups.values()) yield this.#renderGroup(spec);
    for (const id of this.#names.names()) {
      const record = this.#names.render(id, this.#hasCertificate);
      if (record !== undefined) yield record;
    }
    yield* this.#hostTls.all();
    for (const id of new Set([...this.#portsOfCertificate.keys(), ...this.#names.certificates()])) {
      const record = this.#certificateRecord(id);
      if (record !== undefined) yield record;
    }
  }

  readonly #endpointSet = (id: string): EndpointSetIR | undefined => this.#shared.endpointSet(id);
  readonly #hasCertificate = (id: string): boolean => this.#shared.certificate(id) !== undefined;

  #renderPort(id: string): RecordChange {
    const key = recordKey('port', id);
    const listeners = this.#listenersOn(id);
    const rendered = listeners.length === 0 ? undefined : renderPort(listeners, this.#hasCertificate);
    this.#useGroup(key, rendered?.group);
    this.#useStepGroups(key, rendered?.stepGroups);
    this.#useRuleSet(key, rendered?.fallbackFilters ?? []);
    const claims: NameClaim[] = [];
    const defaults: string[] = [];
    for (const { tls } of listeners) {
      for (const sni of tls?.certificates ?? []) claims.push({ port: id, sni });
      if (tls?.defaultCertificate !== undefined) defaults.push(tls.defaultCertificate);
      if (tls?.unknownNameCertificate !== undefined) defaults.push(tls.unknownNameCertificate);
    }
    this.#claimNames(key, true, claims);
    this.#useDefaults(id, defaults);
    const ofPort = listeners.flatMap(({ tls }) => tls?.hostTls?.client ?? []);
    this.#hostTls.put(key, [], [...ofPort, ...policiesIn(rendered?.fallbackFilters ?? [])]);
    return [key, rendered?.record];
  }

  #renderStreamPort(id: string): RecordChange {
    const key = recordKey('streamPort', id);
    const listeners = this.#listenersOn(id);
    const rendered = listeners.length === 0 ? undefined : renderStreamPort(listeners);
    this.#useGroup(key, rendered?.group);
    return [key, rendered?.record];
  }

  #renderPassthrough(id: string): RecordChange {
    const key = recordKey('passthrough', id);
    const passthrough = this.#passthroughs.get(id);
    const rendered = passthrough && renderPassthrough(passthrough, this.#existing(passthrough.listeners));
    this.#useGroup(key, rendered?.group);
    return [key, rendered?.record];
  }

  #renderRoute(id: string): RecordChange {
    const key = recordKey('route', id);
    const route = this.#routes.get(id);
    const listeners = this.#existing(route?.listeners ?? []);
    const rendered = route === undefined ? {} : renderRoute(route, listeners);
    this.#useGroup(key, rendered.group);
    this.#useStepGroups(key, rendered.stepGroups);
    this.#useRuleSet(key, route?.filters ?? []);
    const claims: NameClaim[] = [];
    if (route !== undefined && route.certificates.length > 0) {
      for (const port of new Set(listeners.filter(isTls).map((listener) => String(listener.port)))) {
        for (const sni of route.certificates) claims.push({ port, sni });
      }
    }
    this.#claimNames(key, false, claims);
    this.#hostTls.put(key, route === undefined ? [] : hostClaims(route, listeners), policiesIn(route?.filters ?? []));
    return [key, rendered.record];
  }

  #groupRecord(id: string): DataplaneRecord | undefined {
    const use = this.#groups.get(id);
    const { health } = this.#shared;
    if (use?.spec.check !== undefined) {
      const endpoints = use.spec.backends.flatMap(({ endpointSet }) => this.#endpointSet(endpointSet)?.endpoints ?? []);
      health?.watch(id, use.spec.check, endpoints);
    } else if (use === undefined) health?.forget(id);
    return use && this.#renderGroup(use.spec);
  }

  #renderGroup(spec: GroupSpec): GroupRecord {
    const { health } = this.#shared;
    if (spec.check === undefined || health === undefined) return renderGroup(spec, this.#endpointSet);
    return renderGroup(spec, this.#endpointSet, (endpoint) => health.isWell(spec.id, endpoint));
  }

  #certificateRecord(id: string): DataplaneRecord | undefined {
    const certificate = this.#usesCertificate(id) ? this.#shared.certificate(id) : undefined;
    return certificate && renderCertificate(certificate);
  }

  #usesCertificate(id: string): boolean {
    return this.#portsOfCertificate.has(id) || this.#names.namesOf(id).size > 0;
  }

  /** A record uses its second profile as `<key> +1`, and so on. */
  #useProfiles(key: RecordKey, profiles: readonly Profile[]): void {
    this.#useProfile(key, profiles[0]);
    for (let index = 1; index < profiles.length || this.#profileOf.has(`${key} +${index}`); index += 1) {
      this.#useProfile(`${key} +${index}`, profiles[index]);
    }
  }

  #useProfile(user: RecordKey, profile: Profile | undefined): void {
    const before = this.#profileOf.get(user);
    if (before === profile?.id) return;
    if (profile === undefined) this.#profileOf.delete(user);
    else {
      this.#profileOf.set(user, profile.id);
      const use = this.#profiles.get(profile.id);
      if (use === undefined) this.#profiles.set(profile.id, { profile, users: new Set([user]) });
      else use.users.add(user);
    }
    const left = before === undefined ? undefined : this.#profiles.get(before);
    if (left?.users.delete(user) && left.users.size === 0) this.#profiles.delete(left.profile.id);
  }

  /** The first one and, of an action with further ones, these. */
  #groupsOf(key: RecordKey): readonly GroupSpec[] {
    const found: GroupSpec[] = [];
    for (let id = this.#groupOf.get(key); id !== undefined; id = this.#groupOf.get(`${key} +${found.length - 1}`)) {
      const use = this.#groups.get(id);
      if (use === undefined) break;
      found.push(use.spec);
    }
    return found;
  }

  /** A record uses its first further group as `<key> +0`, and so on. */
  #useStepGroups(key: RecordKey, specs: readonly GroupSpec[] = []): void {
    for (const [index, spec] of specs.entries()) this.#useGroup(`${key} +${index}`, spec);
    for (let index = specs.length; this.#groupOf.has(`${key} +${index}`); index += 1) {
      this.#useGroup(`${key} +${index}`, undefined);
    }
  }

  #useGroup(user: RecordKey, spec: GroupSpec | undefined): void {
    const before = this.#groupOf.get(user);
    if (before === spec?.id) return;
    if (spec === undefined) this.#groupOf.delete(user);
    else {
      this.#groupOf.set(user, spec.id);
      const use = this.#groups.get(spec.id);
      if (use !== undefined) use.users.add(user);
      else {
        this.#groups.set(spec.id, { spec, users: new Set([user]) });
        for (const { endpointSet } of spec.backends) this.#groupsOfEndpointSet.add(endpointSet, spec.id);
        this.#dirtyGroups.add(spec.id);
      }
    }
    const left = before === undefined ? undefined : this.#groups.get(before);
    if (left === undefined) return;
    left.users.delete(user);
    if (left.users.size > 0) return;
    this.#groups.delete(left.spec.id);
    for (const { endpointSet } of left.spec.backends) this.#groupsOfEndpointSet.delete(endpointSet, left.spec.id);
    this.#dirtyGroups.add(left.spec.id);
  }

  #noteFirewall(key: string, filters: readonly FilterIR[] | undefined): void {
    if (filters?.some(({ type }) => type === 'firewall') === true) this.#inspected.add(key);
    else this.#inspected.delete(key);
  }

  #useRuleSet(user: RecordKey, filters: readonly FilterIR[]): void {
    const filter = filters.find(({ type }) => type === 'firewall');
    const ruleSet = filter?.type === 'firewall' ? filter.ruleSet : undefined;
    const before = this.#ruleSetOf.get(user);
    if (before === undefined && ruleSet === undefined) return;
    const id = ruleSet && ruleSetId(ruleSet);
    if (before === id) return;
    if (id === undefined) this.#ruleSetOf.delete(user);
    else this.#ruleSetOf.set(user, id);
    if (id !== undefined && ruleSet !== undefined) {
      const use = this.#ruleSets.get(id);
      if (use === undefined) this.#ruleSets.set(id, { ruleSet, users: new Set([user]) });
      else use.users.add(user);
    }
    const left = before === undefined ? undefined : this.#ruleSets.get(before);
    if (before === undefined || left === undefined) return;
    left.users.delete(user);
    if (left.users.size === 0) this.#ruleSets.delete(before);
  }

  #claimNames(owner: RecordKey, byListener: boolean, claims: readonly NameClaim[]): void {
    for (const { sni } of claims) this.#dirtyCertificates.add(sni.certificate);
    for (const certificate of this.#names.certificatesOf(owner)) this.#dirtyCertificates.add(certificate);
    for (const name of this.#names.claim(owner, byListener, claims)) this.#dirtyNames.add(name);
  }

  #useDefaults(port: string, certificates: readonly string[]): void {
    for (const id of this.#defaultsOfPort.get(port) ?? []) {
      this.#portsOfCertificate.delete(id, port);
      this.#dirtyCertificates.add(id);
    }
    for (const id of certificates) {
      this.#portsOfCertificate.add(id, port);
      this.#dirtyCertificates.add(id);
    }
    if (certificates.length === 0) this.#defaultsOfPort.delete(port);
    else this.#defaultsOfPort.set(port, certificates);
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
