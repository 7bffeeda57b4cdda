import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { identityOf } from './process-identity.ts';
import { type ProgramOptions, ProgramUnstartable, SupervisedProgram } from './supervised-program.ts';

let folder: string;
let programs: SupervisedProgram[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'causeway-program-'));
  programs = [];
});
afterEach(async () => {
  for (const program of programs) program.kill();
  await Promise.all(programs.map((program) => program.stop()));
  rmSync(folder, { recursive: true, force: true });
});

function supervise(script: string, options: Partial<ProgramOptions> = {}): SupervisedProgram {
  const file = path.join(folder, 'program.mjs');
  writeFileSync(file, `import { appendFileSync } from 'node:fs';\n${script}`);
  const program = new SupervisedProgram({
    name: 'program',
    file,
    args: () => [path.join(folder, 'starts')],
    log: pino({ level: 'silent' }),
    stopTimeoutMs: 60_000,
    onPid: () => {},
    ...options,
  });
  programs.push(program);
  return program;
}

const announce = `appendFileSync(process.argv[2], process.pid + '\\n'); process.send({ type: 'ready' });`;
const starts = (): string[] => readFileSync(path.join(folder, 'starts'), 'utf8').trim().split('\n');

test('a process that dies is started again', async () => {
  const program = supervise(`${announce} setInterval(() => {}, 1000);`);
  await program.ready;
  const first = program.pid ?? 0;
  process.kill(first, 'SIGKILL');
  await vi.waitFor(() => expect(starts()).toHaveLength(2), 20_000);
  expect(program.pid).not.toBe(first);
  await program.stop();
  expect(starts()).toHaveLength(2);
});

test('a process that never gets ready is given up, and says so', async () => {
  const program = supervise(`appendFileSync(process.argv[2], 'x\\n'); process.exit(1);`);
  await expect(program.ready).rejects.toThrow(ProgramUnstartable);
  await program.stop();
  expect(starts()).toHaveLength(3);
});

test('an orderly end is waited for', async () => {
  const program = supervise(
    `process.on('SIGTERM', () => setTimeout(() => { appendFileSync(process.argv[2], 'bye\\n'); process.exit(0); }, 100)); ${announce} setInterval(() => {}, 1000);`,
  );
  await program.ready;
  await program.stop();
  expect(starts().at(-1)).toBe('bye');
});

test('a process that does not end is killed', async () => {
  const program = supervise(`process.on('SIGTERM', () => {}); ${announce} setInterval(() => {}, 1000);`, {
    stopTimeoutMs: 50,
  });
  await program.ready;
  const pid = program.pid ?? 0;
  await program.stop();
  expect(identityOf(pid)).toBeUndefined();
});

test('stopped before it is ready, it is not ready', async () => {
  const program = supervise('setInterval(() => {}, 1000);');
  const outcome = expect(program.ready).rejects.toThrow(ProgramUnstartable);
  await program.stop();
  await outcome;
});
