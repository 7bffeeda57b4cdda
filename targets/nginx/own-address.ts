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
import { rmSync } from 'node:fs';
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
import { writePrivateFile } from './private-file.ts';
import type { NginxRuntime } from './runtime.ts';

const FILE = 'address';
/** Addresses that are tried before the network counts as full. */
const ATTEMPTS = 256;

export interface AddressWish {
  /** In a pod: its IPv6 addresses too. */
  readonly ipv6: boolean;
  /** These, as far as they can be had; empty: any. */
  readonly wanted: readonly string[];
}

/** What adds addresses to the machine. */
type AddressTool = Pick<NginxRuntime, 'ip' | 'libraryPath'>;

export class OwnAddresses {
  readonly #range: AddressRange | undefined;
  readonly #isPod: boolean;
  readonly #tool: AddressTool;
  /** By address, the instance that has it. */
  readonly #holders = new Map<string, string>();

  /** @param source `pod`: this machine is a pod, all addresses are the instance's; absent: there are none to give */
  constructor(source: AddressRange | 'pod' | undefined, tool: AddressTool) {
    this.#tool = tool;
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
   */
  async hold(instance: string, directory: string, { ipv6, wanted }: AddressWish): Promise<ListenAddresses> {
    const range = this.#range;
    if (this.#isPod) return machineAddresses({ interfaces: [], ipv6 });
    if (range === undefined) return problem('this agent has no addresses for instances (--instance-addresses)');
    if (wanted.length > 0) return this.#holdWanted(range, instance, directory, wanted);
    const { addresses: noted, boot } = readNote(directory);
    const [kept = ''] = noted;
    if (range.contains(kept) && this.#isFor(kept, instance)) {
      const failure = boot === bootId() && isOnMachine(kept) ? undefined : await this.#add(kept);
      if (failure === undefined) return this.#given([kept], instance, directory);
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
      return this.#given([address], instance, directory);
    }
    return problem(`no address of ${range.text} is free`);
  }

  /** Takes the address off the machine; nothing of the instance listens on it any more. */
  async release(instance: string, directory: string): Promise<void> {
    const { addresses, boot } = readNote(directory);
    for (const [address, holder] of this.#holders) if (holder === instance) this.#holders.delete(address);
    if (addresses.length === 0) return;
    rmSync(join(directory, FILE), { force: true });
    // After the machine started again somebody else may have them.
    if (boot === bootId()) await this.#removeAll(addresses);
  }

  async #holdWanted(
    range: AddressRange,
    instance: string,
    directory: string,
    wanted: readonly string[],
  ): Promise<ListenAddresses> {
    const { addresses: noted, boot } = readNote(directory);
    const held: string[] = [];
    const problems: string[] = [];
    for (const address of wanted) {
      if (!range.contains(address)) problems.push(`address ${address} is not one of ${range.text}`);
      else if (!this.#isFor(address, instance))
        problems.push(`address ${address} is taken by ${this.#holders.get(address)}`);
      else {
        const isOurs = noted.includes(address) && boot === bootId() && isOnMachine(address);
        // Before the first await, so that of two instances one gets it.
        this.#holders.set(address, instance);
        const failure = isOurs ? undefined : await this.#add(address);
        if (failure === undefined) held.push(address);
        else {
          this.#holders.delete(address);
          problems.push(failure === 'taken' ? `address ${address} is taken` : failure);
        }
      }
    }
    const { addresses } = await this.#given(held, instance, directory);
    return { addresses, problems };
  }

  #isFor(address: string, instance: string): boolean {
    const holder = this.#holders.get(address);
    return holder === undefined || holder === instance;
  }

  /** Notes what an instance has, and takes off the machine what it had before. */
  async #given(addresses: readonly string[], instance: string, directory: string): Promise<ListenAddresses> {
    const before = readNote(directory);
    const note = `${addresses.join(',')} ${bootId()}`;
    if (note !== `${before.addresses.join(',')} ${before.boot}`) {
      writePrivateFile(join(directory, FILE), note, undefined);
      const left = before.addresses.filter((each) => !addresses.includes(each) && this.#isFor(each, instance));
      for (const address of left) this.#holders.delete(address);
      if (before.boot === bootId()) await this.#removeAll(left);
    }
    for (const address of addresses) this.#holders.set(address, instance);
    return { addresses, problems: [] };
  }

  /** @returns `taken`, or why addresses cannot be added at all; undefined: it is there now, and ours */
  async #add(address: string): Promise<string | undefined> {
    if (isBuiltIn(address)) return undefined;
    const failure = await changeAddress(this.#tool, 'add', address);
    if (failure === undefined) return undefined;
    if (/File exists|already assigned/i.test(failure)) return 'taken';
    const cure = /not permitted/i.test(failure)
      ? ': needs root or CAP_NET_ADMIN; addresses inside 127.0.0.0/8 (--instance-addresses) do not'
      : `: ${failure}`;
    return `networkMode container: cannot add ${address} to ${LOOPBACK_DEVICE}${cure}`;
  }

  async #removeAll(addresses: readonly string[]): Promise<void> {
    for (const address of addresses) if (!isBuiltIn(address)) await changeAddress(this.#tool, 'del', address);
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
function changeAddress(
  { ip, libraryPath }: AddressTool,
  verb: 'add' | 'del',
  address: string,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const env = { ...process.env, LD_LIBRARY_PATH: libraryPath };
    const args = ['address', verb, `${address}/32`, 'dev', LOOPBACK_DEVICE];
    execFile(ip, args, { env }, (error, _stdout, stderr) => {
      if (error === null) resolve(undefined);
      else resolve(stderr.trim().split('\n')[0] || error.message);
    });
  });
}

function readNote(directory: string): { readonly addresses: readonly string[]; readonly boot: string } {
  const [addresses = '', boot = ''] = readIfThere(join(directory, FILE)).trimEnd().split(' ');
  return { addresses: addresses.split(',').filter((address) => address !== ''), boot };
}

/** Differs after each start of the machine. Source: proc_sys_kernel(5). */
function bootId(): string {
  return readIfThere('/proc/sys/kernel/random/boot_id').trim();
}
