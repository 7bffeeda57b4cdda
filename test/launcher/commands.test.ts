import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { launcher, repository, run } from './up-process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'causeway-launcher-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Puts a program first on the PATH. */
function pathWith(programs: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
}

describe('exit codes and usage', () => {
  const cases = [
    { args: [], code: 2, stream: 'stderr', says: 'usage: ./causeway <command>' },
    { args: ['fly'], code: 2, stream: 'stderr', says: 'unknown command: fly' },
    { args: ['help'], code: 0, stream: 'stdout', says: 'usage: ./causeway <command>' },
    { args: ['up', '--help'], code: 0, stream: 'stdout', says: '--api-port' },
    { args: ['up', '--fly'], code: 2, stream: 'stderr', says: "unknown option '--fly'" },
    { args: ['up', '--api-port', '70000'], code: 2, stream: 'stderr', says: 'a port is 0 to 65535' },
    { args: ['up', '--manifests', '/nowhere'], code: 2, stream: 'stderr', says: 'no such folder' },
    { args: ['alb'], code: 2, stream: 'stderr', says: 'check-ingress' },
    { args: ['alb', 'list', '-o', 'xml'], code: 2, stream: 'stderr', says: 'Allowed choices are text, json' },
    { args: ['alb', 'list', '--kubeconfig', '/nowhere'], code: 1, stream: 'stderr', says: 'is `causeway up` running?' },
    { args: ['demo', '--kubeconfig', '/nowhere'], code: 1, stream: 'stderr', says: 'is `causeway up` running?' },
  ] as const;
  for (const c of cases) {
    test(`causeway ${c.args.join(' ')}`, async () => {
      const outcome = await run(launcher, c.args);
      expect(outcome[c.stream]).toContain(c.says);
      expect(outcome.code).toBe(c.code);
    });
  }
});

test('an old Node.js is named, with what is needed', async () => {
  const outcome = await run(launcher, ['up'], { env: pathWith({ node: 'echo v18.19.0' }) });
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toMatch(/Node\.js 20\.19 or newer is needed; .*\/bin\/node is v18\.19\.0/);
});

test('when nothing is missing it fetches nothing, and works offline', async () => {
  const marker = path.join(folder, 'called');
  const trap = `echo "$0" >> ${marker}; exit 1`;
  const env = pathWith({ npm: trap, 'apt-get': trap, 'apt-cache': trap, curl: trap });
  const outcome = await run(launcher, ['agent', '--help'], { env });
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  expect(existsSync(marker)).toBe(false);
});

test('it can be called from anywhere, through a link', async () => {
  const link = path.join(folder, 'cw');
  const { code } = await run('ln', ['-s', launcher, link]);
  expect(code).toBe(0);
  expect(await run(link, ['explain', '--help'], { cwd: folder })).toMatchObject({ code: 0 });
});

test('a first fetch that lacks permission says what to do', async () => {
  const programs = path.join(folder, 'dist');
  cpSync(path.join(repository, 'dist'), programs, { recursive: true, filter: (file) => !file.endsWith('.map') });
  const locked = path.join(folder, 'locked');
  mkdirSync(locked, { mode: 0o555 });
  chmodSync(folder, 0o755);
  const nobody = 65_534;
  const outcome = await run(
    process.execPath,
    [path.join(programs, 'runtime.js'), '--directory', path.join(locked, 'r')],
    {
      ...(process.getuid?.() === 0 && { uid: nobody, gid: nobody }),
    },
  );
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toContain(`cannot make the private runtime in ${locked}/r`);
  expect(outcome.stderr).toContain('sudo');
});
