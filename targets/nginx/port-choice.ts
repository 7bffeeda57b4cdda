/** What one instance listens on: its addresses, and of the ports that its listeners want those that can be had there. */
import type { InstanceIR, ListenerIR } from '@causeway/ir/gateway';
import type { Logger } from 'pino';
import { type ListenAddresses, machineAddresses } from './addresses.ts';
import type { ServedPort } from './conf/listen.ts';
import type { OwnAddresses } from './own-address.ts';
import { choosePorts, claimKey, type HeldPort, type PortClaims, type PortConflict } from './ports.ts';
import { wantedPorts } from './wanted-ports.ts';

export interface PortChoiceOptions {
  readonly instance: string;
  /** Folder of the instance. */
  readonly directory: string;
  readonly claims: PortClaims;
  readonly ownAddresses: OwnAddresses;
  /** Layer 4 can be served. */
  readonly streams: boolean;
  readonly log: Logger;
  /** What the processes of the instance listen on now. */
  readonly held: () => readonly HeldPort[];
}

/** An address that nginx could not bind although it was free is left out this long. */
const REFUSED_MS = 5_000;

export class PortChoice {
  readonly #options: PortChoiceOptions;
  #listenAddresses: ListenAddresses = { addresses: [], problems: [] };
  #conflicts: readonly PortConflict[] = [];
  /** By address, until when. */
  readonly #refused = new Map<string, number>();

  /** Claims what is held already, before any other instance chooses. */
  constructor(options: PortChoiceOptions) {
    this.#options = options;
    const { instance, claims, held } = options;
    for (const { address, port, transport } of held()) claims.set(claimKey(address, port, transport), instance);
  }

  get addresses(): readonly string[] {
    return this.#listenAddresses.addresses;
  }

  /** Why addresses are missing. */
  get problems(): readonly string[] {
    return this.#listenAddresses.problems;
  }

  get conflicts(): readonly PortConflict[] {
    return this.#conflicts;
  }

  /** Looks at the machine again. */
  async choose(ir: InstanceIR, listeners: Iterable<ListenerIR>): Promise<readonly ServedPort[]> {
    const { instance, claims, held, streams } = this.#options;
    this.#listenAddresses = await this.#lookUpAddresses(ir);
    const { wanted, problems } = wantedPorts(listeners, streams);
    const { served, conflicts } = await choosePorts({
      instance,
      wanted,
      addresses: this.addresses.filter((address) => !this.#isRefused(address)),
      held: held(),
      claims,
    });
    const all = [...problems, ...conflicts];
    this.#logNew(all);
    this.#conflicts = all;
    return served;
  }

  /** nginx could not bind this address. */
  refuse(address: string): void {
    this.#refused.set(address, Date.now() + REFUSED_MS);
  }

  giveUp(): void {
    const { claims, instance } = this.#options;
    for (const [key, holder] of claims) if (holder === instance) claims.delete(key);
  }

  async #lookUpAddresses(ir: InstanceIR): Promise<ListenAddresses> {
    const { network, interfaces, addresses, ipv6, ownAddresses: wanted = [] } = ir;
    const { instance, directory, ownAddresses, log } = this.#options;
    const found =
      network === 'own'
        ? await ownAddresses.hold(instance, directory, { ipv6, wanted })
        : machineAddresses({ interfaces, ipv6, instanceRange: ownAddresses.range });
    for (const reason of found.problems) {
      if (!this.problems.includes(reason)) log.warn({ reason }, 'an address is missing');
    }
    return addresses === undefined
      ? found
      : { ...found, addresses: found.addresses.filter((address) => addresses.includes(address)) };
  }

  #isRefused(address: string): boolean {
    const until = this.#refused.get(address);
    if (until === undefined) return false;
    if (until > Date.now()) return true;
    this.#refused.delete(address);
    return false;
  }

  #logNew(conflicts: readonly PortConflict[]): void {
    const known = new Set(this.#conflicts.map(({ message }) => message));
    for (const { port, message } of conflicts) {
      if (!known.has(message)) this.#options.log.warn({ port, reason: message }, 'a port cannot be served');
    }
  }
}
