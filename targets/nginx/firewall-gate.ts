/**
 * When requests may be sent to the firewall of an instance: made with the first route that wants it, and open once what runs
 * knows the way there and back. Then it stays open.
 */
import { hash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FirewallRuleSetIR, InstanceIR } from '@causeway/ir/gateway';
import type { FirewallSockets } from './conf/firewall-hop.ts';
import { Firewall, type FirewallOptions, firewallDirectory } from './firewall.ts';
import { STOP_GRACE_MS } from './process.ts';

/** Changes wait this long for a firewall that starts; then its requests are answered 503. */
const START_MS = 3_000;

export class FirewallGate {
  readonly sockets: FirewallSockets;
  readonly #options: FirewallOptions;
  #firewall: Firewall | undefined;
  #isOpen = false;
  #opening: Promise<void> | undefined;

  /** Finds the one that a former agent left running. */
  constructor(options: Omit<FirewallOptions, 'sockets'>) {
    this.sockets = socketsOf(options.directory, options.place.runtime.nginx);
    this.#options = { ...options, sockets: this.sockets };
    if (existsSync(firewallDirectory(options.directory))) this.#firewall = new Firewall(this.#options);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isOpening(): boolean {
    return this.#opening !== undefined;
  }

  /** Nothing waits for it: it runs, it said why it cannot, or nobody wants it. */
  get isDecided(): boolean {
    return !this.#isOpen || this.#firewall?.isDecided === true;
  }

  get problems(): readonly string[] {
    return this.#firewall?.problems ?? [];
  }

  /** Opens it before nginx runs: both come up together. */
  openAtStart(): void {
    this.#isOpen = true;
    this.#firewall ??= new Firewall(this.#options);
  }

  /**
   * Opens it while nginx runs. Whatever becomes of it, afterwards it is open: its requests may be answered 503, all else must go on.
   *
   * @param tellNginx brings the way there and back into force
   */
  open(ir: InstanceIR, tellNginx: () => Promise<void>): Promise<void> {
    this.#opening ??= this.#open(ir, tellNginx).finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(ir: InstanceIR, tellNginx: () => Promise<void>): Promise<void> {
    try {
      this.#firewall ??= new Firewall(this.#options);
      await Promise.race([this.#firewall.arrange(ir), sleep(START_MS, undefined, { ref: false })]);
      this.#isOpen = true;
      await tellNginx();
    } catch (error) {
      this.#isOpen = true;
      this.#options.log.error({ err: error }, 'cannot set up the firewall');
    }
  }

  /** Puts rule sets where workers find them. To be called before any route refers to them. */
  hold(sets: ReadonlyMap<string, FirewallRuleSetIR>): void {
    this.#firewall?.hold(sets);
  }

  /** The settings of the instance may have changed. */
  arrange(ir: InstanceIR): void {
    if (this.#isOpen && this.#firewall?.isRunning === true) void this.#firewall.arrange(ir);
  }

  /** To be called several times a second. */
  watch(ir: InstanceIR, now: number): void {
    if (this.#isOpen) this.#firewall?.watch(ir, now);
    else if (this.#firewall !== undefined && !this.isOpening) this.#end(this.#firewall);
  }

  /** A former agent needed it. */
  #end(firewall: Firewall): void {
    this.#firewall = undefined;
    void firewall.stop(STOP_GRACE_MS).then(() => {
      if (this.#firewall !== undefined) return;
      rmSync(firewallDirectory(this.#options.directory), { recursive: true, force: true });
    });
  }

  /** Leaves the firewall running, for the next agent. */
  async leave(): Promise<void> {
    await this.#firewall?.leave();
  }

  /** Ends the firewall gracefully. */
  async stop(): Promise<void> {
    await this.#firewall?.stop(STOP_GRACE_MS);
  }
}

/** Named after the program: one that takes over must not find the sockets of the one before taken, nor lose its own to it. */
function socketsOf(directory: string, nginx: string): FirewallSockets {
  const program = hash('sha256', nginx).slice(0, 4);
  return {
    socket: join(directory, `waf-${program}.sock`),
    inspectedSocket: join(directory, `back-${program}.sock`),
  };
}
