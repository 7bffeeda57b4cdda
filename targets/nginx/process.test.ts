import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NginxProcess } from './process.ts';

let directory: string;
let nginx: string;
const started: number[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-process-'));
  // A shell by that name: what counts is the name and the title, and a shell can take another title later.
  nginx = join(directory, 'nginx');
  cpSync('/bin/bash', nginx, { dereference: true });
});
afterEach(() => {
  for (const pid of started.splice(0)) process.kill(-pid, 'SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

/** Runs a shell script under a title, in a process group of its own. */
function run(title: string, script: string): number {
  const { pid = 0 } = spawn(nginx, ['-c', script], { argv0: title, cwd: directory, stdio: 'ignore', detached: true });
  started.push(pid);
  return pid;
}

function adopted(): NginxProcess {
  const runtime = { nginx, modules: {}, libraryPath: '', luaPath: '', luaCpath: '', ip: '' };
  const found = new NginxProcess({ runtime, directory });
  found.adopt();
  return found;
}

test('a worker that was adopted while it had the title of its dead master is no running nginx', async () => {
  const title = `nginx: master process ${nginx} -p ${directory}/ -c nginx.conf`;
  const go = join(directory, 'go');
  const script = `until [ -e ${go} ]; do sleep 0.05; done; exec -a 'nginx: worker process' ${nginx} -c 'read <> <(:)'`;
  const pid = run(title, script);
  const found = await vi.waitFor(() => {
    const one = adopted();
    expect(one.master).toBe(pid);
    return one;
  });
  expect(found.isRunning).toBe(true);
  cpSync('/dev/null', go);
  await vi.waitFor(() => expect(found.isRunning).toBe(false), 5_000);
  expect(found.workers()).toEqual([]);
});

test('of a master and the worker that it has just forked, the master is adopted', async () => {
  const title = `nginx: master process ${nginx} -p ${directory}/ -c nginx.conf`;
  // A subshell is a fork: it keeps the title.
  const pid = run(title, '(read <> <(:)) & read <> <(:)');
  await vi.waitFor(() => expect(adopted().master).toBe(pid));
});
