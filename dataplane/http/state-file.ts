/** The last state of the agent, read before the worker takes traffic (design D5). */
import { newStreamReader, readLine } from './transaction.ts';

/** Reads a full transaction and those appended to it. Blocks: only for init_worker. A missing file is no state yet. */
export function readStateFile(path: string): void {
  const [file] = io.open(path, 'r');
  if (file === undefined) return;
  const reader = newStreamReader(() => undefined);
  for (const [line] of file.lines()) {
    const answer = readLine(reader, line);
    if (answer !== undefined && answer.op === 'nack')
      ngx.log(ngx.ERR, 'state file, version ', answer.version, ': ', answer.error);
  }
  file.close();
}
