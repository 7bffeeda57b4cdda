import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { PodPlace, PodPlaces } from '../../second-home/pod-place.ts';

const run = promisify(execFile);

const BRIDGE = 'pods';
const PREFIX = 16;
const PER_BLOCK = 250;

/** An address for the n-th Pod. */
function addressOf(number: number): string {
  return `198.19.${1 + Math.floor(number / PER_BLOCK)}.${1 + (number % PER_BLOCK)}`;
}

/** Where Pods are: each in a network namespace of its own, all on one bridge, which the namespace of the caller is on too. */
export class PodNetwork implements PodPlaces {
  readonly nodeAddress = '198.19.0.1';
  #count = 0;
  /** By address. */
  readonly #pods = new Map<string, PodNamespace>();

  /** Makes the bridge. Needs root in the namespace of the caller. */
  static async start(): Promise<PodNetwork> {
    const network = new PodNetwork();
    await ip('link', 'add', BRIDGE, 'type', 'bridge');
    await ip('addr', 'add', `${network.nodeAddress}/${PREFIX}`, 'dev', BRIDGE);
    await ip('link', 'set', BRIDGE, 'up');
    return network;
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
    // As on a cluster: what is not of the network of Pods is reached by way of the node.
    await ip('-n', name, 'route', 'add', 'default', 'via', this.nodeAddress);
    const pod: PodNamespace = {
      name,
      address,
      prefix: ['ip', 'netns', 'exec', name],
      remove: async () => {
        this.#pods.delete(address);
        await ip('netns', 'del', name);
      },
    };
    this.#pods.set(address, pod);
    return pod;
  }

  /**
   * Sends what is for an address to Pods, which take it as theirs and answer themselves: nothing of a packet changes on its way.
   *
   * @param pods their addresses; none: the address is nobody's
   */
  async balance(address: string, pods: readonly string[]): Promise<void> {
    const present = pods.flatMap((pod) => this.#pods.get(pod) ?? []);
    for (const { name } of present) await ip('-n', name, 'addr', 'replace', `${address}/32`, 'dev', 'lo');
    if (present.length === 0) await ip('route', 'replace', 'unreachable', address);
    else await ip('route', 'replace', address, ...present.flatMap((pod) => ['nexthop', 'via', pod.address]));
  }

  async stop(): Promise<void> {
    for (const pod of this.#pods.values()) await pod.remove();
  }
}

export interface PodNamespace extends PodPlace {
  readonly name: string;
}

async function ip(...args: readonly string[]): Promise<void> {
  await run('ip', args);
}
