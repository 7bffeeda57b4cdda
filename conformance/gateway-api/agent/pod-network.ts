import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const BRIDGE = 'pods';
const PREFIX = 16;
const PER_BLOCK = 250;

/** An address for the n-th Pod. */
function addressOf(number: number): string {
  return `198.19.${1 + Math.floor(number / PER_BLOCK)}.${1 + (number % PER_BLOCK)}`;
}

/** Where Pods are: each in a network namespace of its own, all on one bridge, which the namespace of the caller is on too. */
export class PodNetwork {
  #count = 0;

  /** Makes the bridge. Needs root in the namespace of the caller. */
  static async start(): Promise<PodNetwork> {
    await ip('link', 'add', BRIDGE, 'type', 'bridge');
    await ip('addr', 'add', `198.19.0.1/${PREFIX}`, 'dev', BRIDGE);
    await ip('link', 'set', BRIDGE, 'up');
    return new PodNetwork();
  }

  /** @returns a new namespace, with one address */
  async add(): Promise<PodNamespace> {
    const number = this.#count++;
    const name = `pod${number}`;
    const address = addressOf(number);
    await ip('netns', 'add', name);
    await ip('link', 'add', `v${number}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    await ip('link', 'set', `v${number}`, 'master', BRIDGE, 'up');
    await ip('-n', name, 'addr', 'add', `${address}/${PREFIX}`, 'dev', 'eth0');
    await ip('-n', name, 'link', 'set', 'eth0', 'up');
    await ip('-n', name, 'link', 'set', 'lo', 'up');
    return { name, address, remove: () => ip('netns', 'del', name) };
  }
}

export interface PodNamespace {
  readonly name: string;
  readonly address: string;
  remove(): Promise<void>;
}

async function ip(...args: readonly string[]): Promise<void> {
  await run('ip', args);
}
