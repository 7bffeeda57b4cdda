import type { ListenerIR } from '@causeway/ir/gateway';
import { portId } from './listener-port.ts';
import type { PortConflict } from './ports.ts';
import type { PortStatus } from './status.ts';

export interface PortsSeen {
  readonly listeners: Iterable<ListenerIR>;
  readonly conflicts: readonly PortConflict[];
  /** Ids of the ports that are open; see `portId`. */
  readonly listening: ReadonlySet<string>;
  /** Why nginx does not run as wanted, if it does not. */
  readonly failure: string | undefined;
  readonly metricsPort: number;
  /** Why the port of health and metrics cannot be had, if it cannot. */
  readonly metricsProblem: string | undefined;
}

/** In ascending order of ports. One whose outcome is not known yet is left out: it is known in a moment. */
export function portStatuses(seen: PortsSeen): PortStatus[] {
  const conflicts = new Map(seen.conflicts.map((conflict) => [conflict.id, conflict.message]));
  const statuses = new Map<string, PortStatus>();
  for (const listener of seen.listeners) {
    const { port, protocol } = listener;
    const id = portId(listener);
    const isOpen = seen.listening.has(id);
    const message = conflicts.get(id) ?? (isOpen ? undefined : seen.failure);
    if (message !== undefined || isOpen) statuses.set(id, { port, protocol, ...portState(message) });
  }
  const { metricsPort: port, metricsProblem } = seen;
  if (!statuses.has(String(port))) {
    statuses.set(String(port), { port, protocol: 'metrics', ...portState(metricsProblem) });
  }
  return [...statuses.values()].sort((a, b) => a.port - b.port);
}

function portState(message: string | undefined): { state: 'listening' } | { state: 'conflict'; message: string } {
  return message === undefined ? { state: 'listening' } : { state: 'conflict', message };
}
