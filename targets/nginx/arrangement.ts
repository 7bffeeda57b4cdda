/**
 * What the processes of one instance listen on and run with, made so step by step:
 *
 *   listeners -> ports that can be had -> nginx.conf -> start or reload
 *   routes -> location profiles -> nginx.conf -> reload -> records that name them
 *                                      -> listen.json -> the layer 4 process
 *
 * It waits for nginx and runs once at a time; what is wanted meanwhile is made next.
 */
import { rmSync } from 'node:fs';
import { listenKey } from '@causeway/dataplane/policy/listen-file';
import type { InstanceIR } from '@causeway/ir/gateway';
import type { Logger } from 'pino';
import { hopEntries } from './backend-hop.ts';
import { listensOf, type ServedPort } from './conf/listen.ts';
import { type NginxPaths, renderConf } from './conf.ts';
import { Configuration } from './configuration.ts';
import type { FirewallGate } from './firewall-gate.ts';
import { HandoverNames, handoverEntries, removeStaleSockets, untilListening, withHandover } from './handover.ts';
import { isStream } from './listener-port.ts';
import type { OwnAddresses } from './own-address.ts';
import { PortChoice } from './port-choice.ts';
import type { HeldPort, PortClaims, PortConflict } from './ports.ts';
import type { NginxProcess } from './process.ts';
import { type Profile, usualProfiles } from './profile.ts';
import { type ConfPlan, ProfileSet, servedIds } from './profile-set.ts';
import type { FileOwner } from './state-file.ts';
import type { StreamProcess } from './stream-process.ts';
import { removeOtherTlsFiles, writeTlsFiles } from './tls-files.ts';
import type { WantedRecords } from './wanted.ts';
import { listenEntries, withClientSettings } from './wanted-ports.ts';

export interface ArrangementOptions {
  readonly instance: string;
  /** Folder of the instance. */
  readonly directory: string;
  readonly paths: NginxPaths;
  readonly user: FileOwner | undefined;
  readonly claims: PortClaims;
  readonly ownAddresses: OwnAddresses;
  readonly wanted: WantedRecords;
  readonly process: NginxProcess;
  readonly stream: StreamProcess;
  /** There is a layer 4 program. */
  readonly streams: boolean;
  readonly firewall: FirewallGate;
  readonly log: Logger;
  /** Settings as they are now. */
  readonly ir: () => InstanceIR;
  /** Pids of the workers that are connected to the agent. */
  readonly connected: () => ReadonlySet<number>;
  /** Called when all is served: the port of health and metrics may be opened on these addresses. @returns why it cannot */
  readonly onServed: (addresses: readonly string[]) => Promise<string | undefined>;
  /** Records that waited for location profiles may be written. */
  readonly onProfiles: () => void;
  /** The outcome is known, for people. */
  readonly onDone: () => void;
}

/** How often ports in conflict and refused configurations are tried again. */
const RETRY_MS = 1_000;
/** How often the addresses of the machine are looked at. */
const ADDRESSES_MS = 3_000;

export class Arrangement {
  readonly #options: ArrangementOptions;
  readonly #configuration: Configuration;
  readonly #ports: PortChoice;
  readonly #profiles = new ProfileSet();
  readonly #handoverNames = new HandoverNames();
  /** Sockets of the layer 4 process, as it says. */
  #streamSockets: ReadonlySet<string> = new Set();
  #running: Promise<void> | undefined;
  #again = false;
  /** 0: never yet. */
  #doneAt = 0;
  #failure: string | undefined;
  #metricsProblem: string | undefined;
  #ended = false;

  constructor(options: ArrangementOptions) {
    this.#options = options;
    const { instance, directory, user, claims, ownAddresses, log, process, connected, streams } = options;
    this.#configuration = new Configuration({ process, directory, user, connected });
    this.#ports = new PortChoice({
      ...{ instance, directory, claims, ownAddresses, log, streams },
      held: () => this.#held(),
    });
  }

  /** Why nginx does not run as wanted, if it does not. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Why the port of health and metrics cannot be had, if it cannot. */
  get metricsProblem(): string | undefined {
    return this.#metricsProblem;
  }

  get conflicts(): readonly PortConflict[] {
    return this.#ports.conflicts;
  }

  get addresses(): readonly string[] {
    return this.#ports.addresses;
  }

  /** What is missing although nginx runs, for people. */
  get problems(): readonly string[] {
    return [...this.#ports.problems, ...this.#unpassedProblems(), ...this.#profiles.problems];
  }

  get isUnderWay(): boolean {
    return this.#running !== undefined;
  }

  /** There has been an outcome, of whatever kind. */
  get hasOutcome(): boolean {
    return this.#doneAt !== 0;
  }

  /** nginx runs with a configuration. */
  get isInForce(): boolean {
    return this.#configuration.inForce !== '';
  }

  get reloads(): number {
    return this.#configuration.reloads;
  }

  get starts(): number {
    return this.#configuration.starts;
  }

  /** Ids of the ports that are open; see `portId`. */
  get listening(): ReadonlySet<string> {
    const open = new Set(listensOf(this.#configuration.inForce).map(({ port }) => String(port)));
    for (const entry of this.#options.stream.listens) {
      if (entry.protocol === 'hop') continue;
      if (this.#streamSockets.has(listenKey(entry))) open.add(`${entry.protocol}:${entry.port}`);
    }
    return open;
  }

  /** nginx runs without locations that the records to come will name: it was adopted. */
  get lacksLocations(): boolean {
    const { held } = this.#configuration;
    const { firewall } = this.#options;
    return held !== '' && (this.#lacksProfiles() || (firewall.isOpen && !held.includes(firewall.sockets.socket)));
  }

  #lacksProfiles(): boolean {
    const { held } = this.#configuration;
    return [...this.#options.wanted.profiles()].some(({ id }) => !held.includes(`@causeway_${id} `));
  }

  /** Looks at ports and nginx.conf again, soon. */
  soon(): void {
    if (this.#ended) return;
    this.#again = true;
    this.#running ??= this.#untilDone().finally(() => {
      this.#running = undefined;
    });
  }

  /** What runs now and what was asked for before has come to its end, well or not. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /**
   * Once, for an nginx that was adopted and lacks locations, before any record is written that names them.
   *
   * @param then whatever became of it: what waits for profiles is not served, all else is
   */
  beforeRecords(then: () => void): void {
    this.#running ??= this.#once()
      .catch((error: unknown) => this.#options.log.error({ err: error }, 'cannot arrange nginx'))
      .finally(() => {
        this.#running = undefined;
        if (this.#ended) return;
        if (this.#lacksProfiles()) this.#options.wanted.serveProfiles(servedIds(this.#profiles.inForce));
        then();
      });
  }

  /** The layer 4 process says which sockets it has. */
  streamListens(sockets: ReadonlySet<string>): void {
    this.#streamSockets = sockets;
  }

  /** Notices what nobody tells: processes that are gone, ports and addresses that can be had now. To be called several times a second. */
  watch(now: number): void {
    if (this.#running !== undefined) return;
    const { process, stream, log } = this.#options;
    const isTroubled =
      this.#ports.conflicts.length > 0 ||
      this.#ports.problems.length > 0 ||
      this.#failure !== undefined ||
      this.#metricsProblem !== undefined;
    if (!process.isRunning && this.#failure === undefined) {
      log.warn('nginx is gone, starting another');
      this.soon();
    } else if (stream.listens.length > 0 && stream.pid === 0) {
      log.warn('the layer 4 process is gone, starting another');
      this.#streamSockets = new Set();
      this.soon();
    } else if (now - this.#doneAt >= (isTroubled ? RETRY_MS : ADDRESSES_MS)) this.soon();
  }

  /** Begins nothing any more, and waits for what has begun. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#running;
  }

  /** Gives ports and addresses to others. To be called when the processes have ended. */
  async giveUp(): Promise<void> {
    const { ownAddresses, instance, directory } = this.#options;
    this.#ports.giveUp();
    await ownAddresses.release(instance, directory);
  }

  async #untilDone(): Promise<void> {
    while (this.#again && !this.#ended) {
      this.#again = false;
      try {
        await this.#once();
      } catch (error) {
        this.#failure = error instanceof Error ? error.message : String(error);
        this.#options.log.error({ err: error }, 'cannot arrange nginx');
      }
      this.#doneAt = Date.now();
      this.#options.onDone();
    }
  }

  async #once(): Promise<void> {
    const { instance, directory, ownAddresses, wanted, process, stream, firewall, onServed } = this.#options;
    const ir = this.#options.ir();
    const served = await this.#ports.choose(ir, wanted.listeners);
    const ports = this.#portsOfNginx(served);
    const hops = this.#options.streams ? hopEntries([...wanted.profiles(), ...this.#profiles.inForce]) : [];
    const passed = [...handoverEntries(ports, ir.trustedProxies), ...hops];
    const streamed = [...served.filter(isStream).flatMap(listenEntries), ...passed];
    // A port that changes sides is let go by the one before the other takes it.
    const released = stream.listens.filter((old) => streamed.some((entry) => listenKey(entry) === listenKey(old)));
    // What nginx hands over must find somebody there.
    const before = [...released.filter(({ protocol }) => protocol !== 'tls' && protocol !== 'hop'), ...passed];
    if (released.length < stream.listens.length || passed.length > 0) {
      stream.listenOn(before, ir.accessLog);
      await untilListening(passed, () => this.#streamSockets);
    }
    firewall.arrange(ir);
    const plan = this.#planConfiguration(ir, ports);
    if (plan.text === this.#configuration.inForce) {
      this.#failure = undefined;
      // An agent before this one may have died between starting this nginx and ending the one before.
      process.endRetired();
      this.#profilesApplied(plan.profiles);
    } else await this.#applyConfiguration(plan, ports, ir.workers);
    stream.listenOn(streamed, ir.accessLog);
    // Last: who sees it healthy sends requests at once.
    this.#metricsProblem = await onServed(this.#ports.addresses);
    if (ir.network === 'machine') await ownAddresses.release(instance, directory);
  }

  #portsOfNginx(served: readonly ServedPort[]): readonly ServedPort[] {
    const { wanted, streams } = this.#options;
    const { inForce } = this.#configuration;
    const now = Date.now();
    const ports = served
      .filter((port) => !isStream(port))
      .map((port) => withClientSettings(port, wanted.listeners))
      .map((port) => {
        const names = streams ? wanted.passedNames(port.port) : [];
        return withHandover(port, this.#handoverNames.choose(port.port, names, now), inForce);
      });
    this.#soonAfter(this.#handoverNames.waitMs(now));
    return ports;
  }

  #planConfiguration(ir: InstanceIR, ports: readonly ServedPort[]): ConfPlan {
    const { wanted, paths, firewall } = this.#options;
    const plan = this.#profiles.plan({
      wanted: [...usualProfiles(ir), ...wanted.profiles()],
      inForce: this.#configuration.inForce,
      now: Date.now(),
      render: (profiles) =>
        renderConf({
          instance: ir,
          ports,
          profiles,
          paths,
          firewall: firewall.isOpen ? firewall.sockets : undefined,
        }),
    });
    this.#soonAfter(plan.waitMs);
    return plan;
  }

  #soonAfter(waitMs: number | undefined): void {
    if (waitMs !== undefined) setTimeout(() => this.soon(), waitMs).unref();
  }

  #profilesApplied(profiles: readonly Profile[]): void {
    const { wanted, paths, onProfiles } = this.#options;
    this.#profiles.applied(profiles, Date.now());
    wanted.serveProfiles(servedIds(profiles));
    onProfiles();
    // What nobody uses any more nginx has read; another start of it would not have it.
    removeOtherTlsFiles(paths.tlsDirectory, wanted.profiles());
  }

  async #applyConfiguration(
    { text, profiles }: ConfPlan,
    served: readonly ServedPort[],
    workers: number,
  ): Promise<void> {
    const { user, firewall, paths, process, wanted, log } = this.#options;
    const { inspectedSocket } = firewall.sockets;
    // A socket that a dead nginx left would be in the way of this one's.
    if (!this.#configuration.inForce.includes(inspectedSocket)) rmSync(inspectedSocket, { force: true });
    removeStaleSockets(served, this.#configuration.inForce, paths.agentSocket);
    const wasRunning = process.isRunning;
    writeTlsFiles(paths.tlsDirectory, profiles, user);
    // Routes with others wait from now on, also while nginx starts for the first time.
    if (!wasRunning) wanted.serveProfiles(servedIds(profiles));
    const failure = await this.#configuration.apply(text, workers);
    this.#failure = failure?.message;
    if (failure === undefined) {
      log.info(
        { master: process.master, ports: served.map(({ port }) => port), profiles: profiles.length },
        wasRunning ? 'reloaded nginx' : 'started nginx',
      );
      this.#profilesApplied(profiles);
    } else {
      log.error({ reason: failure.message }, 'nginx refused its configuration');
      if (failure.binds.length === 0) this.#profiles.failed(profiles, Date.now());
    }
    for (const { address } of failure?.binds ?? []) this.#ports.refuse(address);
  }

  #held(): HeldPort[] {
    const streamed = this.#options.stream.listens.flatMap((entry): HeldPort[] =>
      entry.protocol === 'tls' || entry.protocol === 'hop'
        ? []
        : [{ address: entry.address, port: entry.port, transport: entry.protocol }],
    );
    return [...listensOf(this.#configuration.held), ...streamed];
  }

  /** Without a layer 4 process, nobody can be handed the connections that are to pass through. */
  #unpassedProblems(): readonly string[] {
    const { streams, wanted } = this.#options;
    if (streams) return [];
    if (hopEntries(wanted.profiles()).length > 0) {
      return [
        'backends with names of their own cannot be verified, nor any told their clients, since this agent has no layer 4 program; they get no requests',
      ];
    }
    const all = new Set([...wanted.listeners].map(({ port }) => port));
    const ports = [...all].filter((port) => wanted.passedNames(port).length > 0).sort((a, b) => a - b);
    return ports.map(
      (port) =>
        `port ${port}: TLS cannot pass through, since this agent has no layer 4 program; hosts that want it are not served`,
    );
  }
}
