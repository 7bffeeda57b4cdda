import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { RunningSubject } from '../apiserver/subject.ts';

const repository = path.resolve(import.meta.dirname, '../..');

/** A `causeway up` of its own. @throws Error when it ends before it is ready; its log is in the folder */
export async function startHome(directory: string): Promise<Pick<RunningSubject, 'kubeconfig' | 'stop'>> {
  const log = openSync(path.join(directory, 'up.log'), 'a');
  const data = path.join(directory, 'up');
  const child = spawn(path.join(repository, 'causeway'), ['up', '--data-dir', data, '--api-port', '0'], {
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  const exit = once(child, 'exit');
  const { stdout } = child;
  if (stdout === null) throw new TypeError('it has a pipe');
  const ready = once(createInterface({ input: stdout }), 'line').then(() => true);
  if ((await Promise.race([ready, exit.then(() => false)])) === false) throw new Error('up does not become ready');
  return {
    kubeconfig: path.join(data, 'kubeconfig'),
    async stop() {
      child.kill('SIGTERM');
      await exit;
    },
  };
}
