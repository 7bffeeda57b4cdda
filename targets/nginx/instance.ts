/**
 * One data plane: an nginx, what it shall hold, and the loop that makes it so.
 *
 *   fragments -> WantedRecords -> StateFile -> PushServer -> workers      (flush)
 *   listeners -> ports and nginx.conf -> nginx, the layer 4 process       (Arrangement)
 *
 * Flushing is synchronous up to the socket. Nothing is started before the first flush, so no worker ever takes
 * traffic without a full state.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { InstanceIR } from '@causeway/ir/gateway';
import type { Logger } from 'pino';
import { AccessLog } from './access-log/access-log.ts';
import { Arrangement } from './arrangement.ts';
import type { CollectorReach } from './collector/channel.ts';
import type { NginxPaths } from './conf.ts';
import { FirewallGate } from './firewall-gate.ts';
import { type LogOutput, Logs } from './logs.ts';
import { MetricExport } from './metric-export/metric-export.ts';
import type { MetricPoints } from './metric-points.ts';
import { MetricsServer } from './metrics-server.ts';
import { metricsText } from './metrics-text.ts';
import { Observation } from './observation.ts';
import type { OwnAddresses } from './own-address.ts';
import { instanceFolder, makePrivate, type Place, stateDirectory } from './place.ts';
import { ensurePlaceholder } from './placeholder.ts';
import { portStatuses } from './port-status.ts';
import type { PortClaims } from './ports.ts';
import { NginxProcess, STOP_GRACE_MS } from './process.ts';
import { PushServer } from './push.ts';
import { type AnswerQuestion, QuestionServer } from './question-server.ts';
import type { FirewallRuntime } from './runtime.ts';
import type { KeyPairPem } from './self-signed.ts';
import { isSilent, SilentWorkers } from './silent-workers.ts';
import { type FileOwner, StateFile } from './state-file.ts';
import { StateWriter } from './state-writer.ts';
import type { InstanceStatus, PortStatus, WorkerStatus } from './status.ts';
import { StatusReport } from './status-report.ts';
import { StreamProcess } from './stream-process.ts';
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
  readonly reach: CollectorReach;
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
/** After the state file could not be written. */
const RETRY_MS = 1_000;
const NO_SINKS: NonNullable<InstanceIR['metricSinks']> = [];

export class NginxInstance {
  readonly id: string;
  readonly #options: InstanceOptions;
  readonly #directory: string;
  readonly #stateDirectory: string;
  readonly #log: Logger;
  readonly #wanted: WantedRecords;
  readonly #state: StateFile;
  readonly #process: NginxProcess;
  readonly #stream: StreamProcess;
  readonly #firewall: FirewallGate;
  readonly #arrangement: Arrangement;
  readonly #push: PushServer;
  readonly #writer: StateWriter;
  readonly #questions: QuestionServer;
  readonly #observation: Observation;
  readonly #spans: SpanExport;
  readonly #accessLog: AccessLog;
  readonly #metricExport: MetricExport;
  readonly #metricsServer: MetricsServer;
  readonly #logs: Logs;
  readonly #timer: NodeJS.Timeout;

  #ir: InstanceIR;
  /** The first version with what was asked for with the newest generation; absent: it has not been written. */
  #versionOfGeneration: number | undefined;
  /** Those that were there last. */
  #observedParts: string | undefined;
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
      reach: options.reach,
      log: this.#log,
    });
    this.#accessLog = new AccessLog({
      ...{ instance: id, directory, wanted, resource: options.traceResource, reach: options.reach },
      log: this.#log,
    });
    this.#metricExport = new MetricExport({
      ...{ resource: options.traceResource, reach: options.reach, log: this.#log },
      points: () => this.#metricPoints(),
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
      onLogs: ({ records, dropped }) => this.#accessLog.take(records, dropped),
      onConnections: (counts) => this.#observation.takeConnections(counts),
      onLimitStore: (report) => this.#observation.takeLimitStore(report),
      onSessions: (line) => this.#observation.takeSessions(line),
      onListening: (ports) => {
        this.#arrangement.streamListens(new Set(ports));
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
    this.#arrangement = new Arrangement({
      ...{ instance: id, directory, paths: this.#paths, user, claims, ownAddresses, wanted, log: this.#log },
      ...{ process: this.#process, stream: this.#stream, firewall: this.#firewall },
      streams: place.stream !== undefined,
      ir: () => this.#ir,
      connected: () => new Set(this.#push.workers().map(({ pid }) => pid)),
      onServed: (addresses) => this.#bindMetrics(addresses),
      onProfiles: () => {
        if (this.#writer.hasAll) this.flush();
      },
      onDone: () => this.#tell(),
    });
    this.#report = new StatusReport(options.onStatus);
    this.#metricsServer = new MetricsServer(keyPair, () => ({
      text: () => metricsText(this.#metricPoints()),
      clear: () => {
        this.#observation.clear();
        this.#metricExport.clear();
      },
      authenticate: this.#ir.metricsAuth ? authenticate : undefined,
      form: this.#ir.metrics,
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
    if (!this.#writer.hasAll && this.#arrangement.lacksLocations) {
      this.#arrangement.beforeRecords(() => {
        if (this.#writer.hasAll) return;
        this.#writer.write();
        this.arrange();
      });
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

  async #openFirewall(): Promise<void> {
    await this.#firewall.open(this.#ir, async () => {
      this.arrange();
      await this.#arrangement.settled();
    });
    this.flush();
  }

  /** Looks at ports and nginx.conf again, soon. */
  arrange(): void {
    if (this.#writer.hasAll) this.#arrangement.soon();
  }

  async #bindMetrics(addresses: readonly string[]): Promise<string | undefined> {
    return this.#draining ? undefined : await this.#metricsServer.bind({ port: this.#ir.metricsPort, addresses });
  }

  /** What must be noticed without anybody telling. */
  #watch(): void {
    if (!this.#writer.hasAll) return;
    const now = Date.now();
    this.#arrangement.watch(now);
    if (!this.#arrangement.isUnderWay && this.#process.isRunning) this.#replaceSilentWorkers(now);
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
    this.#accessLog.tidy();
    this.#metricExport.watch(this.#ir.metricSinks ?? NO_SINKS, Date.now());
  }

  #tell(): void {
    if (!this.#stopped && this.#arrangement.hasOutcome) this.#report.tell(() => this.status());
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
    const own = this.#ir.network === 'own' ? this.#arrangement.addresses : [];
    const [address, ...furtherAddresses] = own.filter((each) => range?.contains(each) === true);
    const metrics = this.#metricsServer.place;
    const { generation, parts } = this.#ir;
    const isObserved = version > 0 && version >= (this.#versionOfGeneration ?? Number.POSITIVE_INFINITY);
    // What is served stays so while further objects come.
    if (isObserved) this.#observedParts = parts;
    const { failure } = this.#arrangement;
    const providers = this.#wanted.providerProblems;
    const complete = this.#arrangement.isInForce && workers.length >= this.#ir.workers;
    return {
      ready: complete && version > 0 && failure === undefined && this.#firewall.isDecided,
      version,
      ...(generation !== undefined && isObserved && { observedGeneration: generation }),
      ...(this.#observedParts !== undefined && { observedParts: this.#observedParts }),
      workers,
      reloads: this.#arrangement.reloads,
      ports: this.#portStatuses(),
      logDirectory: this.#directory,
      ...(address !== undefined && { address }),
      ...(furtherAddresses.length > 0 && { furtherAddresses }),
      ...(metrics !== undefined && { metrics }),
      warnings: [...this.#arrangement.problems, ...this.#firewall.problems, ...this.#observation.storeProblems],
      ...(failure !== undefined && { message: failure }),
      ...(providers.length > 0 && { providers }),
    };
  }

  #portStatuses(): PortStatus[] {
    const { conflicts, listening, failure, metricsProblem } = this.#arrangement;
    const { metricsPort } = this.#ir;
    return portStatuses({
      listeners: this.#wanted.listeners,
      ...{ conflicts, listening, failure, metricsPort, metricsProblem },
    });
  }

  #metricPoints(): Iterable<MetricPoints> {
    const { version, workers, ports } = this.status();
    const usages = this.#process.usages();
    const listening = ports.filter(({ state }) => state === 'listening').length;
    return this.#observation.points({
      version,
      ports: { listening, conflict: ports.length - listening },
      workers: workers.length,
      reloads: this.#arrangement.reloads,
      masterStarts: this.#arrangement.starts,
      cpuSeconds: usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      memoryBytes: usages.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
      spans: this.#spans.counts,
      logLines: this.#accessLog.counts,
      points: this.#metricExport.counts,
      unwell: this.#wanted.unwell(this.#push.avoided()),
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
    await this.#arrangement.giveUp();
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
    await this.#arrangement.settled();
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
    await this.#arrangement.end();
    await this.#metricsServer.close();
    await this.#push.close();
    await Promise.all([this.#spans.close(), this.#accessLog.close(), this.#metricExport.close()]);
  }
}
