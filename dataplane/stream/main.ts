/**
 * The layer 4 data plane: one process for all tcp and udp ports of an instance, and for the TLS connections that are passed on as they are. It gets its state from the agent as
 * nginx's workers do, and listens on what `listen.json` says.
 *
 * SIGHUP: `listen.json` has changed. SIGUSR1: open the log again. SIGTERM: take no more connections, end when the last one
 * has.
 */
import path from 'node:path';
import { AgentLine } from './agent-line.ts';
import { Listeners } from './listeners.ts';
import { SessionLog } from './session-log.ts';
import { SessionMeter } from './session-meter.ts';
import { StreamState } from './state.ts';

const DRAIN_CHECK_MS = 50;
const REPORT_MS = 1_000;

/** @param directory of the instance: `agent.sock`, `listen.json`, `stream.log` */
export function runStream(directory: string): void {
  const state = new StreamState();
  const log = new SessionLog(path.join(directory, 'stream.log'));
  const meter = new SessionMeter();
  const listeners = new Listeners(path.join(directory, 'listen.json'), { directory, state, log, meter }, (open) =>
    line.tellListening(open),
  );
  let begun = false;
  const line = new AgentLine(path.join(directory, 'agent.sock'), state, () => {
    if (!begun) listeners.arrange();
    begun = true;
  });
  // This clock also keeps the process alive, whatever is open.
  setInterval(() => line.tellSessions(meter), REPORT_MS);
  process.on('SIGHUP', () => listeners.arrange());
  process.on('SIGUSR1', () => log.reopen());
  process.on('SIGTERM', () => {
    listeners.closeAll();
    setInterval(() => {
      if (listeners.sessions.size > 0) return;
      log.flush();
      line.tellSessions(meter);
      process.exit(0);
    }, DRAIN_CHECK_MS);
  });
}
