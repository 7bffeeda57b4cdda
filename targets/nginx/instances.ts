/**
 * All data planes of an agent. Fragments come from many owners (a Rule, a Frontend,
 * an ALB2, ...); here they are put together, and each instance gets what concerns it.
 *
 * Puts are only noted down; `settle()` says that what was put is consistent, and
 * applies it in one go: one transaction per instance, of differences.
 */
import { readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { parseObjectKey } from '@causeway/apis/meta/object';
import { VERSION } from '@causeway/apis/meta/version';
import type { CertificateIR, EndpointSetIR, GatewayFragment, InstanceIR, PlaceIR, RouteIR } from '@causeway/ir/gateway';
import type { Logger } from 'pino';
import { sameJson } from '../objects/same-json.ts';
import type { AddressRange } from './addresses.ts';
import type { LocateService } from './collector/collector-address.ts';
import { Contributions } from './contributions.ts';
import type { EndpointHealth, WatchedGroups } from './endpoint-health.ts';
import type { ServiceTlsOf } from './grpc-tls.ts';
import { NginxInstance } from './instance.ts';
import { removeLeftover } from './leftover.ts';
import type { LogOutput } from './logs.ts';
import type { NamedProviders, OpenidProviders } from './openid-providers.ts';
import { OwnAddresses } from './own-address.ts';
import { instanceFolder, type Place, preparePlace, removeForgottenHomes } from './place.ts';
import type { PortClaims } from './ports.ts';
import type { AnswerQuestion } from './question-server.ts';
import type { FirewallRuntime, NginxRuntime } from './runtime.ts';
import type { FileOwner } from './state-file.ts';
import type { InstanceStatus } from './status.ts';
import { WantedRecords } from './wanted.ts';

export interface NginxInstancesOptions {
  /** Where sockets, logs and configuration files go; made if absent. One agent at a time may use it. */
  readonly runDirectory: string;
  readonly runtime: NginxRuntime;
  /** Compiled Lua: `http/main.lua`, ..., and the file `generation`. */
  readonly dataplaneDirectory: string;
  /** The bundled program `stream.js`; absent: tcp and udp ports cannot be served. */
  readonly streamScript?: string;
  /** Where instances get addresses of their own from; `pod`: those of this machine are; absent: there are none to give. */
  readonly instanceAddresses?: AddressRange | 'pod';
  readonly log: Logger;
  /** Whom nginx runs as when this runs as root; default {@link DATAPLANE_USER}. Ignored without root. */
  readonly user?: FileOwner;
  /** What firewalls need, fetched when the first is wanted; absent: what they should protect is answered 503. */
  readonly firewallRuntime?: () => Promise<FirewallRuntime>;
  /** Where the logs of all instances are copied to; default: nowhere. */
  readonly logOutput?: LogOutput;
  /** Name of a data plane among those of its ALB, for traces; default: the name of the host. */
  readonly instanceName?: (id: string) => string;
  /** Whether a bearer token may read metrics; default: none may. */
  readonly authenticate?: (token: string) => Promise<boolean>;
  /** Where Services are that collect traces, as `name.namespace.svc`; default: nowhere. */
  readonly addressesOf?: LocateService;
  /** How TLS is spoken to them; default: those who want it are not asked. */
  readonly tlsOf?: ServiceTlsOf;
  /** What workers ask while requests wait; default: nobody is let in. */
  readonly answer?: AnswerQuestion;
  /** Asks endpoints whether they are well; absent: all are. */
  readonly health?: EndpointHealth;
  /** Asks OpenID providers where their endpoints are; absent: nothing is known of them before users come. */
  readonly providers?: OpenidProviders;
}

const noTls: ServiceTlsOf = (by) => {
  if (by === undefined) return undefined;
  throw new Error(`nobody knows how TLS is spoken to ${by}`);
};

/** Numbers that no user of the host has, so no account has to be made. */
export const DATAPLANE_USER: FileOwner = { uid: 64_613, gid: 64_613 };

export type StatusListener = (instanceId: string, status: InstanceStatus) => void;

export class NginxInstances {
  readonly #options: NginxInstancesOptions;
  readonly #user: FileOwner | undefined;
  readonly #listeners = new Set<StatusListener>();

  /** Put since the last settle. */
  readonly #pending = new Map<string, readonly GatewayFragment[]>();
  readonly #contributions = new Contributions((id) => this.#routeOf(id));

  readonly #endpointSets = new Map<string, EndpointSetIR>();
  readonly #certificates = new Map<string, CertificateIR>();
  #machine: PlaceIR | undefined;
  readonly #irs = new Map<string, InstanceIR>();
  readonly #wanted = new Map<string, WantedRecords>();
  readonly #watched = new Map<string, readonly (WatchedGroups | NamedProviders)[]>();
  /** Whose endpoints changed since the last moment. */
  readonly #ailing = new Set<string>();
  readonly #instances = new Map<string, NginxInstance>();
  readonly #claims: PortClaims = new Map();
  readonly #ownAddresses: OwnAddresses;

  readonly #touched = new Set<string>();
  readonly #relisten = new Set<string>();
  #place: Place | undefined;
  #working: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: NginxInstancesOptions) {
    this.#options = options;
    this.#ownAddresses = new OwnAddresses(options.instanceAddresses, options.runtime);
    this.#user = process.getuid?.() === 0 ? (options.user ?? DATAPLANE_USER) : undefined;
  }

  /**
   * Replaces everything that `owner` contributed; `[]` removes it. Several owners may contribute the same
   * fragment. Takes effect at the next {@link settle}.
   */
  put(owner: string, fragments: readonly GatewayFragment[]): void {
    this.#pending.set(owner, fragments);
  }

  /** All queues are drained: what was put is consistent, push it now. */
  settle(): void {
    if (this.#stopped) return;
    for (const [owner, fragments] of this.#pending) {
      for (const { before, after } of this.#contributions.put(owner, fragments)) this.#change(before, after);
    }
    this.#pending.clear();
    // Instances that run already get their change at once; starting and ending others takes its turn.
    for (const id of this.#touched) this.#instances.get(id)?.flush();
    for (const id of this.#relisten) this.#instances.get(id)?.arrange();
    this.#touched.clear();
    this.#relisten.clear();
    this.#working = this.#working.then(() => this.#matchInstances());
  }

  /** At most once a second per instance, and only when something changed. */
  onStatus(listener: StatusListener): void {
    this.#listeners.add(listener);
  }

  status(instanceId: string): InstanceStatus | undefined {
    return this.#instances.get(instanceId)?.status();
  }

  /** Resolves when every instance has drained: its health port closed at once, its other ports served on for a while. */
  async drain(): Promise<void> {
    await Promise.all([...this.#instances.values()].map((instance) => instance.drain()));
  }

  /** Ends every nginx gracefully. */
  async stop(): Promise<void> {
    this.#end();
    await this.#working;
    await Promise.all([...this.#instances.values()].map((instance) => instance.stop()));
    this.#instances.clear();
    this.#removeOldBuilds();
    if (this.#place !== undefined) removeForgottenHomes(this.#place);
  }

  /** Lets every nginx run on, for the next agent with this run directory. */
  async leave(): Promise<void> {
    this.#end();
    await this.#working;
    await Promise.all([...this.#instances.values()].map((instance) => instance.leave()));
    this.#instances.clear();
  }

  #end(): void {
    this.#stopped = true;
    for (const watched of this.#watched.values()) for (const each of watched) each.close();
  }

  /** Passes one fragment's change to whom it concerns. */
  #change(before: GatewayFragment | undefined, after: GatewayFragment | undefined): void {
    const kind = (after ?? before)?.kind;
    if (kind === undefined || before === after || sameJson(before, after)) return;
    switch (kind) {
      case 'instance':
        this.#changeInstance(asKind('instance', before), asKind('instance', after));
        break;
      case 'listener': {
        const [was, is] = [asKind('listener', before), asKind('listener', after)];
        if (was !== undefined && was.instance !== is?.instance) this.#of(was.instance).putListener(was.id, undefined);
        if (is !== undefined) this.#of(is.instance).putListener(is.id, is);
        for (const id of [was?.instance, is?.instance]) if (id !== undefined) this.#relisten.add(id);
        break;
      }
      case 'route': {
        const [was, is] = [asKind('route', before), asKind('route', after)];
        if (was !== undefined && was.instance !== is?.instance) this.#of(was.instance).putRoute(was.id, undefined);
        if (is !== undefined) this.#of(is.instance).putRoute(is.id, is);
        break;
      }
      case 'passthrough': {
        const [was, is] = [asKind('passthrough', before), asKind('passthrough', after)];
        if (was !== undefined && was.instance !== is?.instance)
          this.#of(was.instance).putPassthrough(was.id, undefined);
        if (is !== undefined) this.#of(is.instance).putPassthrough(is.id, is);
        // Which names are handed over stands in nginx.conf.
        for (const id of [was?.instance, is?.instance]) if (id !== undefined) this.#relisten.add(id);
        break;
      }
      case 'endpointSet': {
        const [was, is] = [asKind('endpointSet', before), asKind('endpointSet', after)];
        const id = (is ?? was)?.id ?? '';
        if (is === undefined) this.#endpointSets.delete(id);
        else this.#endpointSets.set(id, is);
        for (const [instance, wanted] of this.#wanted) {
          wanted.endpointSetChanged(id);
          this.#touched.add(instance);
        }
        break;
      }
      case 'place': {
        this.#machine = asKind('place', after);
        for (const [instance, wanted] of this.#wanted) {
          wanted.placeChanged();
          this.#touched.add(instance);
        }
        break;
      }
      case 'certificate': {
        const [was, is] = [asKind('certificate', before), asKind('certificate', after)];
        const id = (is ?? was)?.id ?? '';
        if (is === undefined) this.#certificates.delete(id);
        else this.#certificates.set(id, is);
        for (const [instance, wanted] of this.#wanted) {
          wanted.certificateChanged(id, (was === undefined) !== (is === undefined));
          this.#touched.add(instance);
        }
        break;
      }
    }
  }

  #changeInstance(before: InstanceIR | undefined, after: InstanceIR | undefined): void {
    if (before !== undefined && before.id !== after?.id) this.#irs.delete(before.id);
    if (after === undefined) return;
    this.#irs.set(after.id, after);
    this.#of(after.id);
    this.#instances.get(after.id)?.configure(after);
  }

  #routeOf(id: string): RouteIR | undefined {
    for (const wanted of this.#wanted.values()) {
      const route = wanted.routeOf(id);
      if (route !== undefined) return route;
    }
    return undefined;
  }

  #of(instance: string): WantedRecords {
    this.#touched.add(instance);
    let wanted = this.#wanted.get(instance);
    if (wanted === undefined) {
      const health = this.#options.health?.open((group) => this.#healthChanged(instance, group));
      const providers = this.#options.providers?.open();
      wanted = new WantedRecords({
        endpointSet: (id) => this.#endpointSets.get(id),
        certificate: (id) => this.#certificates.get(id),
        place: () => this.#machine,
        health,
        providers,
      });
      this.#wanted.set(instance, wanted);
      this.#watched.set(
        instance,
        [health, providers].flatMap((each) => each ?? []),
      );
    }
    return wanted;
  }

  /** Endpoints of one machine fail together: they are told together. */
  #healthChanged(instance: string, group: string): void {
    this.#wanted.get(instance)?.healthChanged(group);
    if (this.#ailing.size === 0) {
      setImmediate(() => {
        for (const id of this.#ailing) this.#instances.get(id)?.flush();
        this.#ailing.clear();
      });
    }
    this.#ailing.add(instance);
  }

  #forgetWanted(instance: string): void {
    this.#wanted.delete(instance);
    for (const each of this.#watched.get(instance) ?? []) each.close();
    this.#watched.delete(instance);
  }

  /** Starts and ends instances. */
  async #matchInstances(): Promise<void> {
    for (const [id, instance] of this.#instances) {
      if (this.#irs.has(id)) continue;
      this.#instances.delete(id);
      await instance.remove();
    }
    for (const [id, wanted] of this.#wanted) {
      if (wanted.isEmpty && !this.#irs.has(id)) this.#forgetWanted(id);
    }
    if (this.#place === undefined) {
      this.#place = preparePlace({ ...this.#options, user: this.#user });
      await this.#removeLeftovers(this.#place);
    }
    const opened: NginxInstance[] = [];
    for (const [id, ir] of this.#irs) {
      if (this.#instances.has(id) || this.#stopped) continue;
      const instance = await this.#open(this.#place, id, ir);
      if (instance !== undefined) opened.push(instance);
    }
    // Only now, when all have claimed the ports they hold, does anybody take new ones.
    for (const instance of opened) instance.flush();
  }

  async #open(place: Place, id: string, ir: InstanceIR): Promise<NginxInstance | undefined> {
    const { log, authenticate, answer, logOutput, firewallRuntime, addressesOf, tlsOf } = this.#options;
    try {
      const instance = await NginxInstance.open(ir, {
        id,
        place,
        user: this.#user,
        claims: this.#claims,
        ownAddresses: this.#ownAddresses,
        wanted: this.#of(id),
        log,
        logOutput,
        traceResource: this.#traceResource(id),
        reach: {
          locate: addressesOf ?? (() => Promise.resolve({ endpoints: [] })),
          tlsOf: tlsOf ?? noTls,
        },
        firewallRuntime: firewallRuntime ?? (() => Promise.reject(new Error('this agent has no firewall'))),
        authenticate: authenticate ?? (() => Promise.resolve(false)),
        answer: answer ?? (() => Promise.resolve({ verdict: 'busy' })),
        onStatus: (status) => {
          for (const listener of this.#listeners) listener(id, status);
        },
      });
      this.#instances.set(id, instance);
      const latest = this.#irs.get(id);
      // It may have changed meanwhile, when there was nobody to tell.
      if (latest !== undefined && latest !== ir) instance.configure(latest);
      return instance;
    } catch (error) {
      log.error({ err: error, instance: id }, 'cannot set up an instance');
      return undefined;
    }
  }

  /** Source: spec ALB-101. */
  #traceResource(id: string): Readonly<Record<string, string>> {
    const { namespace, name } = parseObjectKey(id);
    return {
      hostname: hostname(),
      'service.name': name,
      'service.namespace': namespace,
      'service.type': 'alb',
      'service.version': VERSION,
      'service.instance.id': this.#options.instanceName?.(id) ?? hostname(),
    };
  }

  /** A former agent may have run instances that are gone. */
  async #removeLeftovers(place: Place): Promise<void> {
    const wanted = new Set([...this.#irs.keys()].map(instanceFolder));
    for (const entry of readdirSync(place.home, { withFileTypes: true })) {
      if (!entry.isDirectory() || !/-[0-9a-f]{8}$/.test(entry.name) || wanted.has(entry.name)) continue;
      if (isBuild(entry.name)) continue;
      this.#options.log.info({ folder: entry.name }, 'removing an instance that is gone');
      const directory = join(place.home, entry.name);
      await removeLeftover({ directory, place, user: this.#user, ownAddresses: this.#ownAddresses });
    }
  }

  /** No nginx runs any more that could have been started with them. */
  #removeOldBuilds(): void {
    if (this.#place === undefined) return;
    const { home, dataplane, stream } = this.#place;
    const kept = new Set([dataplane, stream === undefined ? '' : dirname(stream.script)]);
    for (const name of readdirSync(home)) {
      const path = join(home, name);
      if (isBuild(name) && !kept.has(path)) rmSync(path, { recursive: true, force: true });
    }
  }
}

function isBuild(folder: string): boolean {
  return folder.startsWith('lua-') || folder.startsWith('stream-');
}

function asKind<K extends GatewayFragment['kind']>(
  kind: K,
  fragment: GatewayFragment | undefined,
): Extract<GatewayFragment, { kind: K }> | undefined {
  return fragment?.kind === kind ? (fragment as Extract<GatewayFragment, { kind: K }>) : undefined;
}
