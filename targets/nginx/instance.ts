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
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { listenKey } from '@causeway/dataplane/policy/listen-file';
import type { InstanceIR } from '@causeway/ir/gateway';
import type { Logger } from 'pino';
import { listensOf, type ServedPort } from './conf/listen.ts';
import { type NginxPaths, renderConf } from './conf.ts';
import { Configuration } from './configuration.ts';
import { FirewallGate } from './firewall-gate.ts';
import { HandoverNames, handoverEntries, removeStaleSockets, untilListening, withHandover } from './handover.ts';
import { type LogOutput, Logs } from './logs.ts';
import { MetricsServer } from './metrics-server.ts';
import { Observation } from './observation.ts';
import type { OwnAddresses } from './own-address.ts';
import { instanceFolder, makePrivate, type Place, stateDirectory } from './place.ts';
import { ensurePlaceholder } from './placeholder.ts';
import { PortChoice } from './port-choice.ts';
import { portStatuses } from './port-status.ts';
import type { HeldPort, PortClaims } from './ports.ts';
import { NginxProcess, STOP_GRACE_MS } from './process.ts';
import { type Profile, usualProfiles } from './profile.ts';
import { type ConfPlan, ProfileSet, servedIds } from './profile-set.ts';
import { PushServer } from './push.ts';
import { type AnswerQuestion, QuestionServer } from './question-server.ts';
import { isStream } from './records.ts';
import type { FirewallRuntime } from './runtime.ts';
import type { KeyPairPem } from './self-signed.ts';
import { isSilent, SilentWorkers } from './silent-workers.ts';
import { type FileOwner, StateFile } from './state-file.ts';
import { StateWriter } from './state-writer.ts';
import type { InstanceStatus, PortStatus, WorkerStatus } from './status.ts';
import { StatusReport } from './status-report.ts';
import { StreamProcess } from './stream-process.ts';
import { removeOtherTlsFiles, writeTlsFiles } from './tls-files.ts';
import type { LocateService } from './tracing/otlp.ts';
import { SpanExport } from './tracing/span-export.ts';
import type { WantedRecords } from './wanted.ts';
import { listenEntries, withClientSettings } from './wanted-ports.ts';

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
  readonly locate: LocateService;
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
  readonly #firewall: FirewallGate;
  readonly #ports: PortChoice;
  readonly #push: PushServer;
  readonly #writer: StateWriter;
  readonly #questions: QuestionServer;
  readonly #observation: Observation;
  readonly #spans: SpanExport;
  readonly #metricsServer: MetricsServer;
  readonly #logs: Logs;
  readonly #timer: NodeJS.Timeout;

  #ir: InstanceIR;
  /** The first version with what was asked for with the newest generation; absent: it has not been written. */
  #versionOfGeneration: number | undefined;
  #arranging: Promise<void> | undefined;
  #arrangeAgain = false;
  /** 0: never yet. */
  #arrangedAt = 0;
  #metricsProblem: string | undefined;
  #failure: string | undefined;
  readonly #profiles = new ProfileSet();
  readonly #handoverNames = new HandoverNames();
  readonly #paths: NginxPaths;

  readonly #silentWorkers = new SilentWorkers();
  readonly #report: StatusReport;
  #draining = false;
  #stopped = false;

  static async open(ir: InstanceIR, options: InstanceOptions): Promise<NginxInstance> {
    const { place, user, id } = options;
    const directory = join(place.home, instanceFolder(id));
    makePrivate(directory, user);
    makePrivate(join(directory, 'temp'), user);
    const instance = new NginxInstance(ir, options, directory, await ensurePlaceholder(directory, user));
    await Promise.all([instance.#push.listen(), instance.#questions.listen()]);
    return instance;
  }

  private constructor(ir: InstanceIR, options: InstanceOptions, directory: string, keyPair: KeyPairPem) {
    const { id, user, claims, wanted, log, place, ownAddresses, firewallRuntime, logOutput, authenticate } = options;
    this.id = id;
    this.#ir = ir;
    this.#options = options;
    this.#directory = directory;
    this.#stateDirectory = stateDirectory(directory, user);
    this.#paths = {
      runtime: place.runtime,
      dataplane: place.dataplane,
      agentSocket: join(directory, 'agent.sock'),
      questionSocket: join(directory, 'ask.sock'),
      stateFile: join(this.#stateDirectory, 'state.jsonl'),
      tlsDirectory: join(this.#stateDirectory, 'tls'),
    };
    this.#log = log.child({ instance: id });
    this.#wanted = wanted;
    this.#observation = new Observation(wanted);
    this.#spans = new SpanExport({
      instance: id,
      wanted,
      resource: options.traceResource,
      locate: options.locate,
      log: this.#log,
    });
    this.#state = new StateFile(this.#paths.stateFile, user);
    this.#process = new NginxProcess({ runtime: place.runtime, directory, user });
    const adopted = this.#process.adopt();
    if (adopted)
      this.#log.info({ master: this.#process.master, version: this.#state.version }, 'adopted a running nginx');
    this.#stream = new StreamProcess({ program: place.stream, directory, user });
    this.#firewall = new FirewallGate({
      ...{ place, user, logOutput, directory, log: this.#log },
      runtime: firewallRuntime,
    });
    this.#push = new PushServer({
      socketPath: this.#paths.agentSocket,
      owner: user,
      state: this.#state,
      log: this.#log,
      onProgress: () => this.#noteProgress(),
      onMetrics: (samples) => this.#observation.takeSamples(samples),
      onSpans: ({ spans, dropped }) => this.#spans.take(spans, dropped),
      onConnections: (counts) => this.#observation.takeConnections(counts),
      onLimitStore: (report) => this.#observation.takeLimitStore(report),
      onSessions: (line) => this.#observation.takeSessions(line),
      onListening: (ports) => {
        this.#streamSockets = new Set(ports);
        this.#tell();
      },
      onAhead: (version) => {
        this.#writer.startAfter(version);
        setImmediate(() => this.flush());
      },
    });
    this.#writer = new StateWriter({
      ...{ wanted, state: this.#state, push: this.#push, latency: this.#observation.push },
      hold: (sets) => this.#firewall.hold(sets),
    });
    // Its workers may have versions that this agent cannot know: later than all of them.
    if (adopted && this.#state.version === 0) this.#writer.startAfter(Date.now());
    this.#questions = new QuestionServer({
      socketPath: this.#paths.questionSocket,
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
    this.#ports = new PortChoice({
      ...{ instance: id, directory, claims, ownAddresses, log: this.#log },
      streams: place.stream !== undefined,
      held: () => this.#held(),
    });
    this.#report = new StatusReport(options.onStatus);
    this.#metricsServer = new MetricsServer(keyPair, () => ({
      text: () => this.#metricsText(),
      clear: () => this.#observation.clear(),
      authenticate: this.#ir.metricsAuth ? authenticate : undefined,
    }));
    this.#logs = new Logs(directory, logOutput, () => {
      this.#process.reopenLogs();
      this.#stream.reopenLog();
    });
    this.#timer = setInterval(() => this.#watch(), WATCH_MS);
  }

  configure(ir: InstanceIR): void {
    const { generation, parts } = this.#ir;
    if (ir.generation !== generation || ir.parts !== parts) this.#versionOfGeneration = undefined;
    this.#ir = ir;
    this.arrange();
  }

  /** Writes and pushes what changed in the wanted records. No difference, no I/O. */
  flush(tidy = false): void {
    if (this.#stopped) return;
    if (this.#wanted.usesFirewall && !this.#firewall.isOpen) {
      // What runs already must know the way before routes send requests there.
      if (this.#writer.hasAll) {
        if (!this.#firewall.isOpening) void this.#openFirewall();
        return;
      }
      this.#firewall.openAtStart();
    }
    if (!this.#writer.hasAll && this.#lacksLocations()) {
      this.#arrangeBeforeFlush();
      return;
    }
    const first = !this.#writer.hasAll;
    try {
      this.#writer.write(tidy);
    } catch (error) {
      this.#log.error({ err: error }, 'cannot write the state file');
      setTimeout(() => this.flush(), RETRY_MS).unref();
      return;
    }
    this.#versionOfGeneration ??= this.#state.version;
    if (first || this.#wanted.waiting > 0) this.arrange();
  }

  /** An nginx that was adopted has not all the locations that the records to come will name. */
  #lacksLocations(): boolean {
    const { held } = this.#configuration;
    return (
      held !== '' && (this.#lacksProfiles() || (this.#firewall.isOpen && !held.includes(this.#firewall.sockets.socket)))
    );
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
        if (this.#stopped || this.#writer.hasAll) return;
        if (this.#lacksProfiles()) this.#wanted.serveProfiles(servedIds(this.#profiles.inForce));
        this.#writer.write();
        this.arrange();
      });
  }

  async #openFirewall(): Promise<void> {
    await this.#firewall.open(this.#ir, async () => {
      this.arrange();
      await this.#arranging;
    });
    this.flush();
  }

  /** Looks at ports and nginx.conf again, soon. */
  arrange(): void {
    if (!this.#writer.hasAll || this.#stopped) return;
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
      this.#tell();
    }
  }

  async #arrangeOnce(): Promise<void> {
    const { id, ownAddresses } = this.#options;
    const ir = this.#ir;
    const served = await this.#ports.choose(ir, this.#wanted.listeners);
    const ports = this.#portsOfNginx(served);
    const passed = handoverEntries(ports, ir.trustedProxies);
    const streamed = [...served.filter(isStream).flatMap(listenEntries), ...passed];
    // A port that changes sides is let go by the one before the other takes it.
    const released = this.#stream.listens.filter((old) =>
      streamed.some((entry) => listenKey(entry) === listenKey(old)),
    );
    // What nginx hands over must find somebody there.
    const before = [...released.filter(({ protocol }) => protocol !== 'tls'), ...passed];
    if (released.length < this.#stream.listens.length || passed.length > 0) {
      this.#stream.listenOn(before, ir.accessLog);
      await untilListening(passed, () => this.#streamSockets);
    }
    this.#firewall.arrange(ir);
    const plan = this.#planConfiguration(ports);
    if (plan.text === this.#configuration.inForce) {
      this.#failure = undefined;
      // An agent before this one may have died between starting this nginx and ending the one before.
      this.#process.endRetired();
      this.#profilesApplied(plan.profiles);
    } else await this.#applyConfiguration(plan, ports);
    this.#stream.listenOn(streamed, ir.accessLog);
    // Last: who sees it healthy sends requests at once.
    if (!this.#draining) {
      const { addresses } = this.#ports;
      this.#metricsProblem = await this.#metricsServer.bind({ port: ir.metricsPort, addresses });
    }
    if (ir.network === 'machine') await ownAddresses.release(id, this.#directory);
  }

  #portsOfNginx(served: readonly ServedPort[]): readonly ServedPort[] {
    const { inForce } = this.#configuration;
    const streams = this.#options.place.stream !== undefined;
    const now = Date.now();
    const ports = served
      .filter((port) => !isStream(port))
      .map((port) => withClientSettings(port, this.#wanted.listeners))
      .map((port) => {
        const names = streams ? this.#wanted.passedNames(port.port) : [];
        return withHandover(port, this.#handoverNames.choose(port.port, names, now), inForce);
      });
    const waitMs = this.#handoverNames.waitMs(now);
    if (waitMs !== undefined) setTimeout(() => this.arrange(), waitMs).unref();
    return ports;
  }

  #planConfiguration(ports: readonly ServedPort[]): ConfPlan {
    const plan = this.#profiles.plan({
      wanted: [...usualProfiles(this.#ir), ...this.#wanted.profiles()],
      inForce: this.#configuration.inForce,
      now: Date.now(),
      render: (profiles) =>
        renderConf({
          instance: this.#ir,
          ports,
          profiles,
          paths: this.#paths,
          firewall: this.#firewall.isOpen ? this.#firewall.sockets : undefined,
        }),
    });
    if (plan.waitMs !== undefined) setTimeout(() => this.arrange(), plan.waitMs).unref();
    return plan;
  }

  #profilesApplied(profiles: readonly Profile[]): void {
    this.#profiles.applied(profiles, Date.now());
    this.#wanted.serveProfiles(servedIds(profiles));
    if (this.#writer.hasAll) this.flush();
    // What nobody uses any more nginx has read; another start of it would not have it.
    removeOtherTlsFiles(this.#paths.tlsDirectory, this.#wanted.profiles());
  }

  async #applyConfiguration({ text, profiles }: ConfPlan, served: readonly ServedPort[]): Promise<void> {
    const ir = this.#ir;
    const { user } = this.#options;
    const { inspectedSocket } = this.#firewall.sockets;
    // A socket that a dead nginx left would be in the way of this one's.
    if (!this.#configuration.inForce.includes(inspectedSocket)) rmSync(inspectedSocket, { force: true });
    removeStaleSockets(served, this.#configuration.inForce, this.#paths.agentSocket);
    const running = this.#process.isRunning;
    writeTlsFiles(this.#paths.tlsDirectory, profiles, user);
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
    for (const { address } of failure?.binds ?? []) this.#ports.refuse(address);
  }

  #held(): HeldPort[] {
    const streamed = this.#stream.listens.flatMap((entry): HeldPort[] =>
      entry.protocol === 'tls' ? [] : [{ address: entry.address, port: entry.port, transport: entry.protocol }],
    );
    return [...listensOf(this.#configuration.held), ...streamed];
  }

  /** What must be noticed without anybody telling. */
  #watch(): void {
    if (!this.#writer.hasAll) return;
    const now = Date.now();
    const down = !this.#process.isRunning;
    const troubled =
      this.#ports.conflicts.length > 0 ||
      this.#ports.problems.length > 0 ||
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
    if (this.#writer.isTidyDue) this.flush(true);
    this.#firewall.watch(this.#ir, now);
    this.#observe();
    this.#logs.watch(now);
    if (this.#report.isDue(now)) this.#tell();
  }

  #replaceSilentWorkers(now: number): void {
    const connected = this.#push.workers();
    for (const { pid, silentMs } of this.#silentWorkers.find(this.#process.workers(), connected, now)) {
      this.#log.warn({ worker: pid, silentMs }, 'replacing a worker that does not answer');
      this.#process.replaceWorker(pid);
    }
    const stream = connected.find(({ pid }) => pid === this.#stream.pid);
    if (stream === undefined || !isSilent(stream)) return;
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
    this.#tell();
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

  #tell(): void {
    if (!this.#stopped && this.#arrangedAt !== 0) this.#report.tell(() => this.status());
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
    const { range } = this.#options.ownAddresses;
    const own = this.#ir.network === 'own' ? this.#ports.addresses : [];
    const [address, ...furtherAddresses] = own.filter((each) => range?.contains(each) === true);
    const metrics = this.#metricsServer.place;
    const { generation, parts } = this.#ir;
    const isObserved = version > 0 && version >= (this.#versionOfGeneration ?? Number.POSITIVE_INFINITY);
    const complete = this.#configuration.inForce !== '' && workers.length >= this.#ir.workers;
    return {
      ready: complete && version > 0 && this.#failure === undefined && this.#firewall.isDecided,
      version,
      ...(generation !== undefined && isObserved && { observedGeneration: generation }),
      ...(parts !== undefined && isObserved && { observedParts: parts }),
      workers,
      reloads: this.#configuration.reloads,
      ports: this.#portStatuses(),
      logDirectory: this.#directory,
      ...(address !== undefined && { address }),
      ...(furtherAddresses.length > 0 && { furtherAddresses }),
      ...(metrics !== undefined && { metrics }),
      warnings: [
        ...this.#ports.problems,
        ...this.#unpassedProblems(),
        ...this.#profiles.problems,
        ...this.#firewall.problems,
        ...this.#observation.storeProblems,
      ],
      ...(this.#failure !== undefined && { message: this.#failure }),
    };
  }

  /** Without a layer 4 process, nobody can be handed the connections that are to pass through. */
  #unpassedProblems(): readonly string[] {
    if (this.#options.place.stream !== undefined) return [];
    const all = new Set([...this.#wanted.listeners].map(({ port }) => port));
    const ports = [...all].filter((port) => this.#wanted.passedNames(port).length > 0).sort((a, b) => a - b);
    return ports.map(
      (port) =>
        `port ${port}: TLS cannot pass through, since this agent has no layer 4 program; hosts that want it are not served`,
    );
  }

  #portStatuses(): PortStatus[] {
    const listening = new Set(listensOf(this.#configuration.inForce).map(({ port }) => String(port)));
    for (const entry of this.#stream.listens) {
      if (this.#streamSockets.has(listenKey(entry))) listening.add(`${entry.protocol}:${entry.port}`);
    }
    return portStatuses({
      listeners: this.#wanted.listeners,
      conflicts: this.#ports.conflicts,
      listening,
      failure: this.#failure,
      metricsPort: this.#ir.metricsPort,
      metricsProblem: this.#metricsProblem,
    });
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
    await this.#firewall.leave();
    this.#logs.end(Date.now());
    this.#state.close();
  }

  /** Ends nginx gracefully. Logs stay, secrets do not. */
  async stop(): Promise<void> {
    await this.#end();
    await Promise.all([this.#process.stop(STOP_GRACE_MS), this.#stream.stop(STOP_GRACE_MS)]);
    await this.#questions.close();
    await this.#firewall.stop();
    this.#logs.end(Date.now());
    this.#state.close();
    this.#ports.giveUp();
    await this.#options.ownAddresses.release(this.id, this.#directory);
    rmSync(this.#paths.tlsDirectory, { recursive: true, force: true });
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
}
