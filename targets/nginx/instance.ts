/**
 * One data plane: an nginx, what it shall hold, and the loop that makes it so.
 *
 *   fragments -> WantedRecords -> StateFile -> PushServer -> workers      (flush)
 *   listeners -> ports that can be had -> nginx.conf -> start or reload   (arrange)
 *   routes -> location profiles -> nginx.conf -> reload -> records that name them
 *                                      -> listen.json -> the layer 4 process
 *
 * Flushing is synchronous up to the socket; arranging waits for nginx and runs once
 * at a time. Nothing is started before the first flush, so no worker ever takes
 * traffic without a full state.
 */
import { hash } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ListenEntry, listenKey } from '@causeway/dataplane/policy/listen-file';
import type { InstanceIR, ListenerIR } from '@causeway/ir/gateway';
import type { Logger } from 'pino';
import { type ListenAddresses, machineAddresses } from './addresses.ts';
import type { FirewallSockets } from './conf/firewall-hop.ts';
import { listensOf, type ServedPort } from './conf/listen.ts';
import { renderConf } from './conf.ts';
import { Configuration } from './configuration.ts';
import { Firewall, firewallDirectory } from './firewall.ts';
import { type LogOutput, Logs } from './logs.ts';
import { MetricsServer } from './metrics-server.ts';
import { Observation } from './observation.ts';
import type { OwnAddresses } from './own-address.ts';
import { instanceFolder, makePrivate, type Place, stateDirectory } from './place.ts';
import { choosePorts, claimKey, type HeldPort, type PortClaims, type PortConflict, type WantedPort } from './ports.ts';
import { NginxProcess } from './process.ts';
import type { Profile } from './profile.ts';
import { ProfileSet, servedIds } from './profile-set.ts';
import { PushServer } from './push.ts';
import { type AnswerQuestion, QuestionServer } from './question-server.ts';
import { isStream, portId } from './records.ts';
import type { FirewallRuntime } from './runtime.ts';
import { createSelfSigned, type KeyPairPem } from './self-signed.ts';
import { type FileOwner, StateFile } from './state-file.ts';
import type { InstanceStatus, PortStatus, WorkerStatus } from './status.ts';
import { StreamProcess } from './stream-process.ts';
import { removeOtherTlsFiles, writeTlsFiles } from './tls-files.ts';
import { SpanExport } from './tracing/span-export.ts';
import type { WantedRecords } from './wanted.ts';

export interface InstanceOptions {
  readonly id: string;
  readonly place: Place;
  readonly user: FileOwner | undefined;
  readonly claims: PortClaims;
  readonly ownAddresses: OwnAddresses;
  readonly wanted: WantedRecords;
  readonly log: Logger;
  /** Attributes of every span that name this data plane. */
  readonly traceResource: Readonly<Record<string, string>>;
  readonly authenticate: (token: string) => Promise<boolean>;
  readonly answer: AnswerQuestion;
  readonly onStatus: (status: InstanceStatus) => void;
  /** @throws Error that says why there is none */
  readonly firewallRuntime: () => Promise<FirewallRuntime>;
  /** Where the logs are copied to; absent: they are only files. */
  readonly logOutput?: LogOutput | undefined;
}

/** How often processes are looked at. */
const WATCH_MS = 200;
/** How often ports in conflict and refused configurations are tried again. */
const RETRY_MS = 1_000;
/** How often the addresses of the machine are looked at. */
const ADDRESSES_MS = 3_000;
const STATUS_MS = 1_000;
/** A worker that owes an answer this long is replaced (design D5). */
const SILENT_MS = 5_000;
/** An address that nginx could not bind although it was free is left out this long. */
const REFUSED_MS = 5_000;
/** Changes wait this long for a firewall that starts; then its requests are answered 503. */
const FIREWALL_START_MS = 3_000;
/** Connections get this long to end when an instance ends. */
const STOP_GRACE_MS = 5_000;

/** What nginx.conf shall say. */
interface Plan {
  readonly text: string;
  /** Location profiles in it, beside the prebuilt ones. */
  readonly profiles: readonly Profile[];
}

export class NginxInstance {
  readonly id: string;
  readonly #options: InstanceOptions;
  readonly #directory: string;
  readonly #stateDirectory: string;
  readonly #log: Logger;
  readonly #wanted: WantedRecords;
  readonly #state: StateFile;
  readonly #process: NginxProcess;
  readonly #configuration: Configuration;
  readonly #stream: StreamProcess;
  /** Sockets of the layer 4 process, as it says. */
  #streamSockets: ReadonlySet<string> = new Set();
  readonly #sockets: FirewallSockets;
  /** Made with the first route that wants it; then it stays. */
  #firewall: Firewall | undefined;
  /** nginx.conf knows the way to the firewall and back. */
  #firewallOpen = false;
  #openingFirewall: Promise<void> | undefined;
  readonly #push: PushServer;
  readonly #questions: QuestionServer;
  readonly #observation: Observation;
  readonly #spans: SpanExport;
  readonly #metricsServer: MetricsServer;
  readonly #logs: Logs;
  readonly #timer: NodeJS.Timeout;

  #ir: InstanceIR;
  /** The state file has what is wanted, but for what is dirty. */
  #flushed = false;
  /** A write failed: what was drained is lost, everything must be compared again. */
  #lost = false;
  /** Versions up to this one belong to a state that is lost. */
  #versionFloor = 0;

  #arranging: Promise<void> | undefined;
  #arrangeAgain = false;
  /** 0: never yet. */
  #arrangedAt = 0;
  #conflicts: readonly PortConflict[] = [];
  #listenAddresses: ListenAddresses = { addresses: [], problems: [] };
  #metricsProblem: string | undefined;
  #failure: string | undefined;
  readonly #refused = new Map<string, number>();
  readonly #profiles = new ProfileSet();
  readonly #tlsDirectory: string;

  /** When a worker was first seen without being connected. */
  readonly #unconnected = new Map<number, number>();
  #reported = '';
  #reportedAt = 0;
  #comparedAt = 0;
  #draining = false;
  #stopped = false;

  static async open(ir: InstanceIR, options: InstanceOptions): Promise<NginxInstance> {
    const { place, user, id } = options;
    const directory = join(place.home, instanceFolder(id));
    makePrivate(directory, user);
    makePrivate(join(directory, 'temp'), user);
    const instance = new NginxInstance(ir, options, directory, await ensureKeyPair(directory, user));
    await Promise.all([instance.#push.listen(), instance.#questions.listen()]);
    return instance;
  }

  private constructor(ir: InstanceIR, options: InstanceOptions, directory: string, keyPair: KeyPairPem) {
    const { id, user, claims, wanted, log, place, authenticate } = options;
    this.id = id;
    this.#ir = ir;
    this.#options = options;
    this.#directory = directory;
    this.#stateDirectory = stateDirectory(directory, user);
    this.#tlsDirectory = join(this.#stateDirectory, 'tls');
    this.#log = log.child({ instance: id });
    this.#wanted = wanted;
    this.#observation = new Observation(wanted);
    this.#spans = new SpanExport({ instance: id, wanted, resource: options.traceResource, log: this.#log });
    this.#state = new StateFile(join(this.#stateDirectory, 'state.jsonl'), user);
    this.#process = new NginxProcess({ runtime: place.runtime, directory, user });
    if (this.#process.adopt()) {
      this.#log.info({ master: this.#process.master, version: this.#state.version }, 'adopted a running nginx');
      // Its workers may have versions that this agent cannot know: later than all of them.
      if (this.#state.version === 0) this.#versionFloor = Date.now();
    }
    this.#stream = new StreamProcess({ program: place.stream, directory, user });
    this.#sockets = socketsOf(directory, place);
    if (existsSync(firewallDirectory(directory))) this.#firewall = this.#newFirewall();
    this.#push = new PushServer({
      socketPath: join(directory, 'agent.sock'),
      owner: user,
      state: this.#state,
      log: this.#log,
      onProgress: () => this.#noteProgress(),
      onMetrics: (samples) => this.#observation.takeSamples(samples),
      onSpans: ({ spans, dropped }) => this.#spans.take(spans, dropped),
      onConnections: (counts) => this.#observation.takeConnections(counts),
      onSessions: (line) => this.#observation.takeSessions(line),
      onListening: (ports) => {
        this.#streamSockets = new Set(ports);
        this.#report();
      },
      onAhead: (version) => {
        this.#versionFloor = version;
        setImmediate(() => this.flush());
      },
    });
    this.#questions = new QuestionServer({
      socketPath: join(directory, 'ask.sock'),
      owner: user,
      answer: options.answer,
      log: this.#log,
    });
    this.#configuration = new Configuration({
      process: this.#process,
      directory,
      user,
      connected: () => new Set(this.#push.workers().map(({ pid }) => pid)),
    });
    for (const { address, port, transport } of this.#held()) claims.set(claimKey(address, port, transport), id);
    this.#metricsServer = new MetricsServer(keyPair, () => ({
      text: () => this.#metricsText(),
      clear: () => this.#observation.clear(),
      authenticate: this.#ir.metricsAuth ? authenticate : undefined,
    }));
    this.#logs = new Logs(directory, options.logOutput, () => {
      this.#process.reopenLogs();
      this.#stream.reopenLog();
    });
    this.#timer = setInterval(() => this.#watch(), WATCH_MS);
  }

  configure(ir: InstanceIR): void {
    this.#ir = ir;
    this.arrange();
  }

  /** Writes and pushes what changed in the wanted records. No difference, no I/O. */
  flush(): void {
    if (this.#stopped) return;
    if (this.#wanted.usesFirewall && !this.#firewallOpen) {
      // What runs already must know the way before routes send requests there.
      if (this.#flushed) {
        this.#openingFirewall ??= this.#openFirewall();
        return;
      }
      this.#firewallOpen = true;
      this.#firewall ??= this.#newFirewall();
    }
    if (!this.#flushed && this.#lacksLocations()) {
      this.#arrangeBeforeFlush();
      return;
    }
    try {
      this.#writeState();
    } catch (error) {
      this.#lost = true;
      this.#log.error({ err: error }, 'cannot write the state file');
      setTimeout(() => this.flush(), RETRY_MS).unref();
      return;
    }
    if (this.#flushed) {
      if (this.#wanted.waiting > 0) this.arrange();
      return;
    }
    this.#flushed = true;
    this.arrange();
  }

  /** An nginx that was adopted has not all the locations that the records to come will name. */
  #lacksLocations(): boolean {
    const { held } = this.#configuration;
    return held !== '' && (this.#lacksProfiles() || (this.#firewallOpen && !held.includes(this.#sockets.socket)));
  }

  #lacksProfiles(): boolean {
    const { held } = this.#configuration;
    return [...this.#wanted.profiles()].some(({ id }) => !held.includes(`@causeway_${id} `));
  }

  #arrangeBeforeFlush(): void {
    this.#arranging ??= this.#arrangeOnce()
      .catch((error: unknown) => this.#log.error({ err: error }, 'cannot arrange nginx'))
      .finally(() => {
        this.#arranging = undefined;
        // Whatever became of it: what waits for profiles is not served, all else is.
        if (this.#stopped || this.#flushed) return;
        if (this.#lacksProfiles()) this.#wanted.serveProfiles(servedIds(this.#profiles.inForce));
        this.#writeState();
        this.#flushed = true;
        this.arrange();
      });
  }

  #newFirewall(): Firewall {
    const { place, user, firewallRuntime, logOutput } = this.#options;
    return new Firewall({
      ...{ place, user, logOutput, sockets: this.#sockets, runtime: firewallRuntime },
      ...{ directory: this.#directory, log: this.#log },
    });
  }

  async #openFirewall(): Promise<void> {
    try {
      this.#firewall ??= this.#newFirewall();
      await Promise.race([this.#firewall.arrange(this.#ir), sleep(FIREWALL_START_MS, undefined, { ref: false })]);
      this.#firewallOpen = true;
      this.arrange();
      await this.#arranging;
    } catch (error) {
      this.#firewallOpen = true; // its requests are answered 503, all else must go on
      this.#log.error({ err: error }, 'cannot set up the firewall');
    }
    this.#openingFirewall = undefined;
    this.flush();
  }

  #writeState(): void {
    const state = this.#state;
    if (this.#lost || (this.#flushed && this.#versionFloor > state.version)) {
      for (const _ of this.#wanted.drain()); // only to bring its indexes up to date
      this.#firewall?.hold(this.#wanted.ruleSets());
      state.compact(this.#wanted.all(), Math.max(state.version, this.#versionFloor) + 1);
      this.#lost = false;
      this.#push.reposition();
    } else if (state.write(this.#wanted.drain(), !this.#flushed, this.#versionFloor)) {
      this.#firewall?.hold(this.#wanted.ruleSets());
      this.#observation.push.begins(state.version, performance.now());
      this.#push.push();
    }
    if (state.shouldCompact && this.#push.isIdle) {
      state.compact(this.#wanted.all());
      this.#push.reposition();
    }
  }

  /** Looks at ports and nginx.conf again, soon. */
  arrange(): void {
    if (!this.#flushed || this.#stopped) return;
    this.#arrangeAgain = true;
    this.#arranging ??= this.#arrangeUntilDone().finally(() => {
      this.#arranging = undefined;
    });
  }

  async #arrangeUntilDone(): Promise<void> {
    while (this.#arrangeAgain && !this.#stopped) {
      this.#arrangeAgain = false;
      try {
        await this.#arrangeOnce();
      } catch (error) {
        this.#failure = error instanceof Error ? error.message : String(error);
        this.#log.error({ err: error }, 'cannot arrange nginx');
      }
      this.#arrangedAt = Date.now();
      this.#report();
    }
  }

  async #arrangeOnce(): Promise<void> {
    const { id, claims, place, ownAddresses } = this.#options;
    const ir = this.#ir;
    this.#listenAddresses = await this.#lookUpAddresses(ir);
    const { addresses } = this.#listenAddresses;
    const { wanted, problems } = wantedPorts(this.#wanted.listeners, place.stream !== undefined);
    const { served, conflicts } = await choosePorts({
      instance: id,
      wanted,
      addresses: addresses.filter((address) => !this.#isRefused(address)),
      held: this.#held(),
      claims,
    });
    this.#logConflicts([...problems, ...conflicts]);
    this.#conflicts = [...problems, ...conflicts];

    const streamed = served.filter(isStream).flatMap(listenEntries);
    // A port that changes sides is let go by the one before the other takes it.
    const released = this.#stream.listens.filter((old) =>
      streamed.some((entry) => listenKey(entry) === listenKey(old)),
    );
    if (released.length < this.#stream.listens.length) this.#stream.listenOn(released, ir.accessLog);
    if (this.#firewallOpen && this.#firewall?.isRunning === true) void this.#firewall.arrange(ir);
    const plan = this.#planConfiguration(
      served.filter((port) => !isStream(port)).map((port) => this.#withClientSettings(port)),
    );
    if (plan.text === this.#configuration.inForce) {
      this.#failure = undefined;
      // An agent before this one may have died between starting this nginx and ending the one before.
      this.#process.endRetired();
      this.#profilesApplied(plan.profiles);
    } else await this.#applyConfiguration(plan, served);
    this.#stream.listenOn(streamed, ir.accessLog);
    // Last: who sees it healthy sends requests at once.
    if (!this.#draining) this.#metricsProblem = await this.#metricsServer.bind({ port: ir.metricsPort, addresses });
    if (ir.network === 'machine') await ownAddresses.release(id, this.#directory);
  }

  /** Of several listeners on a port the first by id says how its connections are kept and begin. */
  #withClientSettings(port: ServedPort): ServedPort {
    const on = [...this.#wanted.listeners].filter((listener) => listener.port === port.port && !isStream(listener));
    const [first] = on.sort((a, b) => (a.id < b.id ? -1 : 1));
    const { keepalive, proxyProtocol } = first ?? {};
    return {
      ...port,
      ...(keepalive === undefined ? {} : { keepalive }),
      ...(proxyProtocol?.receive === true ? { proxyProtocol: true } : {}),
    };
  }

  /** The configuration to run with now: what nobody uses any more is worth no reload, and new profiles come together. */
  #planConfiguration(ports: readonly ServedPort[]): Plan {
    const now = Date.now();
    const { place } = this.#options;
    const { inForce } = this.#configuration;
    const plan = (profiles: readonly Profile[]): Plan => ({
      profiles,
      text: renderConf({
        instance: this.#ir,
        ports,
        profiles,
        paths: {
          runtime: place.runtime,
          dataplane: place.dataplane,
          agentSocket: join(this.#directory, 'agent.sock'),
          questionSocket: join(this.#directory, 'ask.sock'),
          stateFile: join(this.#stateDirectory, 'state.jsonl'),
          tlsDirectory: this.#tlsDirectory,
        },
        firewall: this.#firewallOpen ? this.#sockets : undefined,
      }),
    });
    const chosen = this.#profiles.choose(this.#wanted.profiles(), now);
    const unchanged = plan(this.#profiles.withUnused(chosen));
    if (unchanged.text === inForce) return unchanged;
    const waitMs = this.#profiles.waitMs(now);
    if (waitMs > 0) {
      const before = plan(this.#profiles.inForce);
      if (before.text === inForce) {
        setTimeout(() => this.arrange(), waitMs).unref();
        return before;
      }
    }
    return plan(chosen);
  }

  #profilesApplied(profiles: readonly Profile[]): void {
    this.#profiles.applied(profiles, Date.now());
    this.#wanted.serveProfiles(servedIds(profiles));
    if (this.#flushed) this.flush();
    // What nobody uses any more nginx has read; another start of it would not have it.
    removeOtherTlsFiles(this.#tlsDirectory, this.#wanted.profiles());
  }

  async #lookUpAddresses({ network, interfaces, addresses, ipv6 }: InstanceIR): Promise<ListenAddresses> {
    const { id, ownAddresses } = this.#options;
    const found =
      network === 'own'
        ? await ownAddresses.hold(id, this.#directory, ipv6)
        : machineAddresses({ interfaces, ipv6, instanceRange: ownAddresses.range });
    for (const reason of found.problems) {
      if (!this.#listenAddresses.problems.includes(reason)) this.#log.warn({ reason }, 'an address is missing');
    }
    return addresses === undefined
      ? found
      : { ...found, addresses: found.addresses.filter((address) => addresses.includes(address)) };
  }

  async #applyConfiguration({ text, profiles }: Plan, served: readonly ServedPort[]): Promise<void> {
    const ir = this.#ir;
    const { user } = this.#options;
    const { inspectedSocket } = this.#sockets;
    // A socket that a dead nginx left would be in the way of this one's.
    if (!this.#configuration.inForce.includes(inspectedSocket)) rmSync(inspectedSocket, { force: true });
    const running = this.#process.isRunning;
    writeTlsFiles(this.#tlsDirectory, profiles, user);
    // Routes with others wait from now on, also while nginx starts for the first time.
    if (!running) this.#wanted.serveProfiles(servedIds(profiles));
    const failure = await this.#configuration.apply(text, ir.workers);
    this.#failure = failure?.message;
    if (failure === undefined) {
      this.#log.info(
        { master: this.#process.master, ports: served.map(({ port }) => port), profiles: profiles.length },
        running ? 'reloaded nginx' : 'started nginx',
      );
      this.#profilesApplied(profiles);
    } else {
      this.#log.error({ reason: failure.message }, 'nginx refused its configuration');
      if (failure.binds.length === 0) this.#profiles.failed(profiles, Date.now());
    }
    for (const { address } of failure?.binds ?? []) this.#refused.set(address, Date.now() + REFUSED_MS);
  }

  #held(): HeldPort[] {
    const streamed = this.#stream.listens.map(({ address, port, protocol }) => ({
      address,
      port,
      transport: protocol,
    }));
    return [...listensOf(this.#configuration.held), ...streamed];
  }

  #isRefused(address: string): boolean {
    const until = this.#refused.get(address);
    if (until === undefined) return false;
    if (until > Date.now()) return true;
    this.#refused.delete(address);
    return false;
  }

  /** What must be noticed without anybody telling. */
  #watch(): void {
    if (!this.#flushed) return;
    const now = Date.now();
    const down = !this.#process.isRunning;
    const troubled =
      this.#conflicts.length > 0 ||
      this.#listenAddresses.problems.length > 0 ||
      this.#failure !== undefined ||
      this.#metricsProblem !== undefined;
    const retryMs = troubled ? RETRY_MS : ADDRESSES_MS;
    if (this.#arranging === undefined) {
      if (down && this.#failure === undefined) {
        this.#log.warn('nginx is gone, starting another');
        this.arrange();
      } else if (this.#stream.listens.length > 0 && this.#stream.pid === 0) {
        this.#log.warn('the layer 4 process is gone, starting another');
        this.#streamSockets = new Set();
        this.arrange();
      } else if (now - this.#arrangedAt >= retryMs) this.arrange();
      else if (!down) this.#replaceSilentWorkers(now);
    }
    if (this.#firewallOpen) this.#firewall?.watch(this.#ir, now);
    else if (this.#firewall !== undefined && this.#openingFirewall === undefined) this.#endFirewall(this.#firewall);
    this.#observe();
    this.#logs.watch(now);
    if (now - this.#comparedAt >= STATUS_MS) this.#report();
  }

  /** A former agent needed it. */
  #endFirewall(firewall: Firewall): void {
    this.#firewall = undefined;
    void firewall.stop(STOP_GRACE_MS).then(() => {
      if (this.#firewall === undefined) rmSync(firewallDirectory(this.#directory), { recursive: true, force: true });
    });
  }

  #replaceSilentWorkers(now: number): void {
    const connected = new Map(this.#push.workers().map((worker) => [worker.pid, worker]));
    const alive = new Set<number>();
    for (const { pid, exiting } of this.#process.workers()) {
      if (exiting) continue;
      alive.add(pid);
      const worker = connected.get(pid);
      if (worker !== undefined) this.#unconnected.delete(pid);
      else if (!this.#unconnected.has(pid)) this.#unconnected.set(pid, now);
      const silentMs = worker?.silentMs ?? now - (this.#unconnected.get(pid) ?? now);
      if (silentMs < SILENT_MS) continue;
      this.#log.warn({ worker: pid, silentMs }, 'replacing a worker that does not answer');
      this.#process.replaceWorker(pid);
    }
    for (const pid of this.#unconnected.keys()) if (!alive.has(pid)) this.#unconnected.delete(pid);
    const stream = connected.get(this.#stream.pid);
    if (stream === undefined || stream.silentMs < SILENT_MS) return;
    this.#log.warn(
      { process: stream.pid, silentMs: stream.silentMs },
      'replacing a layer 4 process that does not answer',
    );
    this.#stream.replace();
  }

  /** A process came, went, or acknowledged. */
  #noteProgress(): void {
    const versions = this.#push.workers().map(({ version }) => version);
    if (versions.length > 0) this.#observation.push.reached(Math.min(...versions), performance.now());
    this.#report();
  }

  /** What a process said last is over when it is gone. */
  #observe(): void {
    const streamPid = this.#stream.pid;
    const connected = this.#push.workers();
    if (connected.every(({ pid }) => pid === streamPid)) this.#observation.nginxIsGone();
    if (connected.every(({ pid }) => pid !== streamPid)) this.#observation.streamIsGone();
    this.#observation.tidy();
    this.#spans.tidy();
  }

  #report(): void {
    if (this.#stopped || this.#arrangedAt === 0) return;
    const now = Date.now();
    if (now - this.#reportedAt < STATUS_MS) return; // the watch comes back to it
    this.#comparedAt = now;
    const status = this.status();
    const text = JSON.stringify(status);
    if (text === this.#reported) return;
    this.#reported = text;
    this.#reportedAt = now;
    this.#options.onStatus(status);
  }

  status(): InstanceStatus {
    const connected = new Map(this.#push.workers().map(({ pid, version }) => [pid, version]));
    const workers: WorkerStatus[] = [];
    for (const { pid, exiting } of this.#process.workers()) {
      if (!exiting) workers.push({ pid, version: connected.get(pid) ?? 0 });
    }
    workers.sort((a, b) => a.pid - b.pid);
    const versions = workers.map((worker) => worker.version);
    if (this.#stream.listens.length > 0) versions.push(connected.get(this.#stream.pid) ?? 0);
    const version = workers.length === 0 ? 0 : Math.min(...versions);
    const [address = ''] = this.#listenAddresses.addresses;
    const { range } = this.#options.ownAddresses;
    const metrics = this.#metricsServer.place;
    const complete = this.#configuration.inForce !== '' && workers.length >= this.#ir.workers;
    return {
      ready:
        complete &&
        version > 0 &&
        this.#failure === undefined &&
        (!this.#firewallOpen || this.#firewall?.isDecided === true),
      version,
      workers,
      reloads: this.#configuration.reloads,
      ports: this.#portStatuses(),
      logDirectory: this.#directory,
      ...(this.#ir.network === 'own' && range?.contains(address) === true && { address }),
      ...(metrics !== undefined && { metrics }),
      warnings: [...this.#listenAddresses.problems, ...this.#profiles.problems, ...(this.#firewall?.problems ?? [])],
      ...(this.#failure !== undefined && { message: this.#failure }),
    };
  }

  #portStatuses(): PortStatus[] {
    const conflicts = new Map(this.#conflicts.map((conflict) => [conflict.id, conflict.message]));
    const listening = new Set(listensOf(this.#configuration.inForce).map(({ port }) => String(port)));
    for (const entry of this.#stream.listens) {
      if (this.#streamSockets.has(listenKey(entry))) listening.add(`${entry.protocol}:${entry.port}`);
    }
    const statuses = new Map<string, PortStatus>();
    for (const listener of this.#wanted.listeners) {
      const { port, protocol } = listener;
      const id = portId(listener);
      const message = conflicts.get(id) ?? (listening.has(id) ? undefined : this.#failure);
      const pending = message === undefined && !listening.has(id); // known in a moment
      if (!pending) statuses.set(id, { port, protocol, ...portState(message) });
    }
    const { metricsPort } = this.#ir;
    if (!statuses.has(String(metricsPort))) {
      const state = portState(this.#metricsProblem);
      statuses.set(String(metricsPort), { port: metricsPort, protocol: 'metrics', ...state });
    }
    return [...statuses.values()].sort((a, b) => a.port - b.port);
  }

  #logConflicts(conflicts: readonly PortConflict[]): void {
    const known = new Set(this.#conflicts.map(({ message }) => message));
    for (const { port, message } of conflicts) {
      if (!known.has(message)) this.#log.warn({ port, reason: message }, 'a port cannot be served');
    }
  }

  #metricsText(): Iterable<string> {
    const { version, workers, ports } = this.status();
    const usages = this.#process.usages();
    const listening = ports.filter(({ state }) => state === 'listening').length;
    return this.#observation.text({
      version,
      ports: { listening, conflict: ports.length - listening },
      workers: workers.length,
      reloads: this.#configuration.reloads,
      masterStarts: this.#configuration.starts,
      cpuSeconds: usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      memoryBytes: usages.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
      spans: this.#spans.counts,
    });
  }

  /** Leaves nginx running, for the next agent to adopt. */
  async leave(): Promise<void> {
    await this.#end();
    await this.#questions.close();
    await this.#firewall?.leave();
    this.#logs.end(Date.now());
    this.#state.close();
  }

  /** Ends nginx gracefully. Logs stay, secrets do not. */
  async stop(): Promise<void> {
    await this.#end();
    await Promise.all([this.#process.stop(STOP_GRACE_MS), this.#stream.stop(STOP_GRACE_MS)]);
    await this.#questions.close();
    await this.#firewall?.stop(STOP_GRACE_MS);
    this.#logs.end(Date.now());
    this.#state.close();
    this.#giveUpClaims();
    await this.#options.ownAddresses.release(this.id, this.#directory);
    rmSync(this.#tlsDirectory, { recursive: true, force: true });
    for (const name of ['state.jsonl', 'state.jsonl.next']) rmSync(join(this.#stateDirectory, name), { force: true });
    if (this.#stateDirectory !== this.#directory) rmSync(this.#stateDirectory, { recursive: true, force: true });
    for (const name of ['nginx.pid', 'nginx.conf.running']) rmSync(join(this.#directory, name), { force: true });
  }

  /**
   * Closes the port of health and metrics, so that balancers in front turn to others, and goes on serving for as
   * long as the ALB wants (ALB-129).
   */
  async drain(): Promise<void> {
    this.#draining = true;
    const { termSeconds } = this.#ir;
    this.#log.info({ seconds: termSeconds }, 'draining');
    await this.#arranging;
    await this.#metricsServer.close();
    await new Promise((resolve) => setTimeout(resolve, termSeconds * 1_000));
  }

  /** Ends nginx gracefully and removes all that was written for it. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #end(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#arranging;
    await this.#metricsServer.close();
    await this.#push.close();
    await this.#spans.close();
  }

  #giveUpClaims(): void {
    const { claims, id } = this.#options;
    for (const [key, holder] of claims) if (holder === id) claims.delete(key);
  }
}

export interface Leftover {
  readonly directory: string;
  readonly place: Place;
  readonly user: FileOwner | undefined;
  readonly ownAddresses: OwnAddresses;
}

/** Ends what a former agent left running for an instance that is no more, and removes its files. */
export async function removeLeftover({ directory, place, user, ownAddresses }: Leftover): Promise<void> {
  const process = new NginxProcess({ runtime: place.runtime, directory, user });
  const stream = new StreamProcess({ program: place.stream, directory, user });
  const firewall = new NginxProcess({ runtime: place.runtime, directory: firewallDirectory(directory), user });
  await Promise.all([firewall.stop(STOP_GRACE_MS), process.stop(STOP_GRACE_MS), stream.stop(STOP_GRACE_MS)]);
  await ownAddresses.release('', directory);
  const state = stateDirectory(directory, user);
  rmSync(directory, { recursive: true, force: true });
  rmSync(state, { recursive: true, force: true });
}

/** Named after the program: one that takes over must not find the sockets of the one before taken, nor lose its own to it. */
function socketsOf(directory: string, { runtime }: Place): FirewallSockets {
  const program = hash('sha256', runtime.nginx).slice(0, 4);
  return {
    socket: join(directory, `waf-${program}.sock`),
    inspectedSocket: join(directory, `back-${program}.sock`),
  };
}

function portState(message: string | undefined): { state: 'listening' } | { state: 'conflict'; message: string } {
  return message === undefined ? { state: 'listening' } : { state: 'conflict', message };
}

/**
 * One protocol per port and transport: of listeners that disagree, the first by id has it.
 *
 * @param streams layer 4 can be served
 */
function wantedPorts(
  listeners: Iterable<ListenerIR>,
  streams: boolean,
): { wanted: WantedPort[]; problems: PortConflict[] } {
  const wanted = new Map<string, WantedPort>();
  const problems: PortConflict[] = [];
  for (const listener of [...listeners].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const { port, protocol } = listener;
    const key = `${protocol === 'udp' ? 'udp' : 'tcp'} ${port}`;
    const taken = wanted.get(key);
    if (!streams && isStream(listener)) {
      const message = `this agent has no program for ${protocol} ports`;
      problems.push({ id: portId(listener), port, protocol, message });
    } else if (taken === undefined) wanted.set(key, { id: portId(listener), port, protocol });
    else if (taken.protocol !== protocol) {
      const message = `port ${port} is a port of protocol ${taken.protocol} already`;
      problems.push({ id: portId(listener), port, protocol, message });
    }
  }
  return { wanted: [...wanted.values()], problems };
}

function listenEntries({ protocol, port, addresses }: ServedPort): ListenEntry[] {
  return protocol === 'tcp' || protocol === 'udp' ? addresses.map((address) => ({ protocol, port, address })) : [];
}

/** For nginx, which wants a certificate on every TLS port, and for the metrics port. */
async function ensureKeyPair(directory: string, user: FileOwner | undefined): Promise<KeyPairPem> {
  const [certificatePath, keyPath] = [join(directory, 'placeholder.crt'), join(directory, 'placeholder.key')];
  if (existsSync(certificatePath) && existsSync(keyPath)) {
    return { certificate: readFileSync(certificatePath, 'utf8'), key: readFileSync(keyPath, 'utf8') };
  }
  const pair = await createSelfSigned(new Date());
  mkdirSync(directory, { recursive: true });
  for (const [path, text] of [
    [keyPath, pair.key],
    [certificatePath, pair.certificate],
  ] as const) {
    writeFileSync(path, text, { mode: 0o600 });
    if (user !== undefined) chownSync(path, user.uid, user.gid);
  }
  return pair;
}
