/** Who asks endpoints whether they are well, for groups that want it. The agent has it: one for all data planes of a machine. */
import type { BackendProtocol, BackendTlsIR, EndpointIR, HealthCheckIR } from '@causeway/ir/gateway';

/** How the endpoints of a group are asked: as requests are sent to them. */
export interface GroupCheck extends HealthCheckIR {
  readonly protocol: BackendProtocol;
  readonly tls?: BackendTlsIR;
}

export interface EndpointHealth {
  /** @param changed an endpoint of this group is well now, or is not any more */
  open(changed: (group: string) => void): WatchedGroups;
}

/** The groups of one data plane. */
export interface WatchedGroups {
  /** From now on these endpoints are asked for this group, and no others. */
  watch(group: string, check: GroupCheck, endpoints: readonly EndpointIR[]): void;
  forget(group: string): void;
  /** Of which nothing is known yet is well. */
  isWell(group: string, endpoint: EndpointIR): boolean;
  /** Those that are not, of any group. */
  unwell(): readonly EndpointIR[];
  close(): void;
}
