import { runProgram } from '../../tools/runtime/run-program.ts';

/** Where a Pod is in the network. */
export interface PodPlace {
  readonly address: string;
  /** What a command that runs there begins with. */
  readonly prefix: readonly string[];
  remove(): Promise<void>;
}

/** What a cluster has as its network. */
export interface PodPlaces {
  /** Of the node, which Pods with `hostNetwork` have too. */
  readonly nodeAddress: string;
  add(): Promise<PodPlace>;
  stop(): Promise<void>;
}

/** None of those that data planes take as their own, which no ALB listens on otherwise. Source: RFC 5737, TEST-NET-2. */
export const NODE_ADDRESS = '198.51.100.1';
const POD_NETWORK = '198.51.100.';
const FIRST_POD = 10;

/** Addresses of the loopback device: Pods share its ports. */
export class LoopbackPlaces implements PodPlaces {
  readonly nodeAddress = NODE_ADDRESS;
  readonly #given: string[] = [NODE_ADDRESS];

  static async start(): Promise<LoopbackPlaces> {
    await addAddress(NODE_ADDRESS);
    return new LoopbackPlaces();
  }

  async add(): Promise<PodPlace> {
    const address = `${POD_NETWORK}${FIRST_POD + ((this.#given.length - 1) % 240)}`;
    await addAddress(address);
    this.#given.push(address);
    // Data planes that follow may have the address again: it stays.
    return { address, prefix: [], remove: async () => undefined };
  }

  async stop(): Promise<void> {
    for (const address of this.#given) await removeAddress(address);
  }
}

async function addAddress(address: string): Promise<void> {
  await runProgram('ip', ['address', 'replace', `${address}/32`, 'dev', 'lo'], {});
}

async function removeAddress(address: string): Promise<void> {
  await runProgram('ip', ['address', 'del', `${address}/32`, 'dev', 'lo'], {}).catch(() => undefined);
}
