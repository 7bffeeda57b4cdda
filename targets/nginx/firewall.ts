/**
 * The second nginx of an instance, which inspects requests for routes with a firewall (design D4): started with the first such route,
 * never reloaded for rules. It has a folder of its own in that of the instance, outlives the agent as the first nginx does, and is
 * found again the same way.
 *
 *   firewall/nginx.conf, error.log, audit.log
 *   firewall/rules/<id>.conf, index, problems     dataplane/firewall/rule-sets.ts
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FirewallRuleSetIR, InstanceIR } from '@causeway/ir/gateway';
import type { Logger } from 'pino';
import type { FirewallSockets } from './conf/firewall-hop.ts';
import { Configuration } from './configuration.ts';
import { renderFirewallConf } from './firewall-conf.ts';
import { ruleSetText } from './firewall-rule-set.ts';
import { type LogOutput, Logs } from './logs.ts';
import { readIfThere } from './optional-file.ts';
import { makePrivate, type Place } from './place.ts';
import { writePrivateFile } from './private-file.ts';
import { NginxProcess } from './process.ts';
import type { FirewallRuntime } from './runtime.ts';
import type { FileOwner } from './state-file.ts';

export interface FirewallOptions {
  readonly place: Place;
  readonly user: FileOwner | undefined;
  /** Of the instance. */
  readonly directory: string;
  readonly sockets: FirewallSockets;
  /** @throws Error that says why there is none */
  readonly runtime: () => Promise<FirewallRuntime>;
  readonly log: Logger;
  readonly logOutput: LogOutput | undefined;
}

/** A rule set that no route wants any more may be asked for by requests that came before. */
const KEPT_MS = 300_000;
const RETRY_MS = 10_000;

export class Firewall {
  readonly #options: FirewallOptions;
  readonly #directory: string;
  readonly #rules: string;
  readonly #process: NginxProcess;
  readonly #configuration: Configuration;
  readonly #logs: Logs;
  /** On disk. By id, since when nobody wants it; undefined: it is wanted. */
  readonly #sets = new Map<string, number | undefined>();
  #index = '';
  #starting: Promise<void> | undefined;
  #triedAt = 0;
  #failure: string | undefined;
  #problems: readonly string[] = [];
  #problemsText = '';
  #stopped = false;

  constructor(options: FirewallOptions) {
    const { place, directory, user, logOutput } = options;
    this.#options = options;
    this.#directory = firewallDirectory(directory);
    this.#rules = join(this.#directory, 'rules');
    makePrivate(this.#directory, user);
    makePrivate(join(this.#directory, 'temp'), user);
    makePrivate(this.#rules, user);
    const now = Date.now();
    for (const name of readdirSync(this.#rules)) {
      if (name.endsWith('.conf')) this.#sets.set(name.slice(0, -'.conf'.length), now);
    }
    this.#process = new NginxProcess({ runtime: place.runtime, directory: this.#directory, user });
    this.#process.adopt();
    this.#configuration = new Configuration({
      process: this.#process,
      directory: this.#directory,
      user,
      // A worker takes its title when it can serve.
      connected: () => new Set(this.#process.workers().map(({ pid }) => pid)),
    });
    this.#logs = new Logs(this.#directory, logOutput, () => this.#process.reopenLogs());
  }

  get isRunning(): boolean {
    return this.#process.isRunning;
  }

  /** It runs, or it said why it cannot. */
  get isDecided(): boolean {
    return this.isRunning || this.#failure !== undefined;
  }

  /** What users must know: why it does not run, which rules it cannot load. */
  get problems(): readonly string[] {
    return this.#failure === undefined
      ? this.#problems
      : [`the firewall does not run: ${this.#failure}`, ...this.#problems];
  }

  /** Puts rule sets where workers find them. To be called before any route refers to them. */
  hold(sets: ReadonlyMap<string, FirewallRuleSetIR>): void {
    for (const [id, set] of sets) {
      if (!this.#sets.has(id)) this.#write(`${id}.conf`, ruleSetText(set));
      this.#sets.set(id, undefined);
    }
    const now = Date.now();
    for (const [id, since] of this.#sets) if (!sets.has(id) && since === undefined) this.#sets.set(id, now);
    this.#writeIndex();
  }

  /** Starts it unless it runs, or changes how it runs. */
  arrange(ir: InstanceIR): Promise<void> {
    this.#starting ??= this.#arrange(ir).finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #arrange({ workers, backlog }: InstanceIR): Promise<void> {
    this.#triedAt = Date.now();
    const { place, sockets, log, user } = this.#options;
    try {
      const firewall = place.firewall(await this.#options.runtime());
      if (this.#stopped) return;
      const text = renderFirewallConf({
        ...{ workers, backlog, runtime: place.runtime, firewall, dataplane: place.dataplane, rules: this.#rules },
        ...sockets,
      });
      this.#process.searchAlso(firewall.libraryPath);
      if (text === this.#configuration.inForce) {
        this.#process.endRetired();
      } else {
        // A socket that a dead nginx left would be in the way of the next.
        if (!this.#configuration.inForce.includes(sockets.socket)) rmSync(sockets.socket, { force: true });
        const failure = await this.#configuration.apply(text, workers);
        if (failure !== undefined) throw new Error(failure.message);
        log.info({ master: this.#process.master }, 'started the firewall');
      }
      this.#failure = undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== this.#failure) log.error({ reason, user: user?.uid }, 'the firewall does not run');
      this.#failure = reason;
    }
  }

  /** What must be noticed without anybody telling; to be called several times a second. */
  watch(ir: InstanceIR, now: number): void {
    this.#logs.watch(now);
    if (!this.isRunning && now - this.#triedAt >= (this.#failure === undefined ? 0 : RETRY_MS)) void this.arrange(ir);
    let removed = false;
    for (const [id, since] of this.#sets) {
      if (since === undefined || now - since < KEPT_MS) continue;
      this.#sets.delete(id);
      rmSync(join(this.#rules, `${id}.conf`), { force: true });
      removed = true;
    }
    if (removed) this.#writeIndex();
    this.#readProblems();
  }

  #readProblems(): void {
    const text = readIfThere(join(this.#rules, 'problems'));
    if (text === this.#problemsText) return;
    this.#problemsText = text;
    this.#problems = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [id = '', ...words] = line.split(' ');
        return `firewall rules ${id} cannot be loaded, their requests are answered 503: ${words.join(' ')}`;
      });
  }

  #writeIndex(): void {
    const wanted = [...this.#sets.keys()].sort();
    const text = wanted.map((id) => `${id}\n`).join('');
    if (text === this.#index) return;
    this.#index = text;
    this.#write('index', text);
  }

  #write(name: string, text: string): void {
    writePrivateFile(join(this.#rules, name), text, this.#options.user);
  }

  /** Leaves it running, for the next agent. */
  async leave(): Promise<void> {
    this.#stopped = true;
    await this.#starting;
    this.#logs.end(Date.now());
  }

  /** Ends it gracefully; it takes nothing new by then. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    await this.#starting;
    await this.#process.stop(graceMs);
    this.#logs.end(Date.now());
    for (const name of ['nginx.pid', 'nginx.conf.running']) rmSync(join(this.#directory, name), { force: true });
  }
}

/** The folder of the second nginx in that of an instance. */
export function firewallDirectory(instanceDirectory: string): string {
  return join(instanceDirectory, 'firewall');
}
