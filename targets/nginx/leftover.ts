import { rmSync } from 'node:fs';
import { firewallDirectory } from './firewall.ts';
import type { OwnAddresses } from './own-address.ts';
import { type Place, stateDirectory } from './place.ts';
import { NginxProcess, STOP_GRACE_MS } from './process.ts';
import type { FileOwner } from './state-file.ts';
import { StreamProcess } from './stream-process.ts';

export interface Leftover {
  readonly directory: string;
  readonly place: Place;
  readonly user: FileOwner | undefined;
  readonly ownAddresses: OwnAddresses;
}

/** Ends what a former agent left running for an instance that is no more, and removes its files. */
export async function removeLeftover({ directory, place, user, ownAddresses }: Leftover): Promise<void> {
  const process = new NginxProcess({ runtime: place.runtime, directory, user });
  const stream = new StreamProcess({ program: place.stream, directory, user });
  const firewall = new NginxProcess({ runtime: place.runtime, directory: firewallDirectory(directory), user });
  await Promise.all([firewall.stop(STOP_GRACE_MS), process.stop(STOP_GRACE_MS), stream.stop(STOP_GRACE_MS)]);
  await ownAddresses.release('', directory);
  const state = stateDirectory(directory, user);
  rmSync(directory, { recursive: true, force: true });
  rmSync(state, { recursive: true, force: true });
}
