/**
 * Addresses that instances have for themselves (container mode), so that two of them can use the same port.
 *
 * Each is an address of a configured network, on the loopback device. Adding it (`ip address add`) fails when
 * somebody has it already: that is how agents of one machine keep off each other's. A file in the instance's folder
 * says which one it has, so that it keeps it when the agent, or the machine, starts again. A network inside 127.0.0.0/8
 * needs no configuration, because the loopback device answers for all of it: that works without root.
 *
 * This is the form for one machine without address pools: only the machine itself, and whoever has a route to it, reaches
 * these addresses.
 */
import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AddressRange,
  addressAt,
  isOnMachine,
  type ListenAddresses,
  LOOPBACK_DEVICE,
  machineAddresses,
} from './addresses.ts';
import { readIfThere } from './optional-file.ts';

const FILE = 'address';
/** Addresses that are tried before the network counts as full. */
const ATTEMPTS = 256;

export class OwnAddresses {
  readonly #range: AddressRange | undefined;
  readonly #isPod: boolean;
  /** By address, the instance that has it. */
  readonly #holders = new Map<string, string>();

  /** @param source `pod`: this machine is a pod, all addresses are the instance's; absent: there are none to give */
  constructor(source: AddressRange | 'pod' | undefined) {
    this.#isPod = source === 'pod';
    this.#range = source === 'pod' ? undefined : source;
  }

  get range(): AddressRange | undefined {
    return this.#range;
  }

  /**
   * The address of an instance; it is put on the machine if it is not there.
   *
   * @param directory of the instance
   * @param ipv6 in a pod: its IPv6 addresses too
   */
  async hold(instance: string, directory: string, ipv6: boolean): Promise<ListenAddresses> {
    const range = this.#range;
    if (this.#isPod) return machineAddresses({ interfaces: [], ipv6 });
    if (range === undefined) return problem('this agent has no addresses for instances (--instance-addresses)');
    const { address: kept, boot } = readNote(directory);
    if (range.contains(kept) && this.#isFor(kept, instance)) {
      const failure = boot === bootId() && isOnMachine(kept) ? undefined : await this.#add(kept);
      if (failure === undefined) return this.#given(kept, instance, directory);
      if (failure !== 'taken') return problem(failure);
    }
    // Two agents of one machine begin to look at different places.
    const start = Number.parseInt(hash('sha256', directory).slice(0, 8), 16);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const address = addressAt(range, start + attempt);
      // Some systems take the first and the last address of a network for broadcasts.
      if (/\.(0|255)$/.test(address) || !this.#isFor(address, instance) || isOnMachine(address)) continue;
      const failure = await this.#add(address);
      if (failure === 'taken') continue;
      if (failure !== undefined) return problem(failure);
      return this.#given(address, instance, directory);
    }
    return problem(`no address of ${range.text} is free`);
  }

  /** Takes the address off the machine; nothing of the instance listens on it any more. */
  async release(instance: string, directory: string): Promise<void> {
    const { address: kept, boot } = readNote(directory);
    for (const [address, holder] of this.#holders) if (holder === instance) this.#holders.delete(address);
    if (kept === '') return;
    rmSync(join(directory, FILE), { force: true });
    // After the machine started again somebody else may have it.
    if (boot === bootId() && !isBuiltIn(kept)) await ip('del', kept);
  }

  #isFor(address: string, instance: string): boolean {
    const holder = this.#holders.get(address);
    return holder === undefined || holder === instance;
  }

  #given(address: string, instance: string, directory: string): ListenAddresses {
    if (this.#holders.get(address) !== instance) {
      writeFileSync(join(directory, FILE), `${address} ${bootId()}`, { mode: 0o600 });
      this.#holders.set(address, instance);
    }
    return { addresses: [address], problems: [] };
  }

  /** @returns `taken`, or why addresses cannot be added at all; undefined: it is there now, and ours */
  async #add(address: string): Promise<string | undefined> {
    if (isBuiltIn(address)) return undefined;
    const failure = await ip('add', address);
    if (failure === undefined) return undefined;
    if (/File exists|already assigned/i.test(failure)) return 'taken';
    const cure = /not permitted/i.test(failure)
      ? ': needs root or CAP_NET_ADMIN; addresses inside 127.0.0.0/8 (--instance-addresses) do not'
      : `: ${failure}`;
    return `networkMode container: cannot add ${address} to ${LOOPBACK_DEVICE}${cure}`;
  }
}

function problem(text: string): ListenAddresses {
  return { addresses: [], problems: [text] };
}

/** The loopback device has it without being told. */
function isBuiltIn(address: string): boolean {
  return address.startsWith('127.');
}

/** @returns what it complained about */
function ip(verb: 'add' | 'del', address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('ip', ['address', verb, `${address}/32`, 'dev', LOOPBACK_DEVICE], (error, _stdout, stderr) => {
      if (error === null) resolve(undefined);
      else resolve(stderr.trim().split('\n')[0] || error.message);
    });
  });
}

function readNote(directory: string): { readonly address: string; readonly boot: string } {
  const [address = '', boot = ''] = readIfThere(join(directory, FILE)).trim().split(' ');
  return { address, boot };
}

/** Differs after each start of the machine. Source: proc_sys_kernel(5). */
function bootId(): string {
  return readIfThere('/proc/sys/kernel/random/boot_id').trim();
}
