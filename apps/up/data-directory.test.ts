import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DataDirectoryInUse, openDataDirectory } from './data-directory.ts';
import { identityOf } from './process-identity.ts';

let directory: string;
let lockFile: string;
beforeEach(() => {
  directory = path.join(mkdtempSync(path.join(tmpdir(), 'causeway-lock-')), 'data');
  lockFile = path.join(directory, 'up.lock');
});
afterEach(() => rmSync(path.dirname(directory), { recursive: true, force: true }));

test('the second is refused and told by whom; after a release it is free', () => {
  const first = openDataDirectory(directory);
  expect(() => openDataDirectory(directory)).toThrow(DataDirectoryInUse);
  expect(() => openDataDirectory(directory)).toThrow(`process ${process.pid}`);
  first.release();
  openDataDirectory(directory).release();
  expect(readdirSync(directory)).toEqual([]);
});

test('only the owner may look inside', () => {
  openDataDirectory(directory);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

test('the lock of a killed process is taken over, and its running children are named', async () => {
  openDataDirectory(directory).release();
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const orphan = identityOf(child.pid ?? 0);
  const dead = { ...identityOf(process.pid), startTicks: '1' };
  const deadChild = { ...orphan, startTicks: '1' };
  writeFileSync(lockFile, JSON.stringify({ owner: dead, children: [orphan, deadChild] }));

  const opened = openDataDirectory(directory);
  expect(opened.orphans).toEqual([orphan]);
  expect(() => openDataDirectory(directory)).toThrow(DataDirectoryInUse);

  child.kill('SIGKILL');
  await once(child, 'exit');
});

test('a lock that was cut off by a crash is taken over', () => {
  openDataDirectory(directory).release();
  writeFileSync(lockFile, '{"owner":');
  expect(openDataDirectory(directory).orphans).toEqual([]);
});

test('the number of the process is not enough to hold the lock: it may have been given to another', () => {
  openDataDirectory(directory).release();
  writeFileSync(lockFile, JSON.stringify({ owner: { ...identityOf(process.pid), bootId: 'before' }, children: [] }));
  openDataDirectory(directory).release();
  expect(existsSync(lockFile)).toBe(false);
});
