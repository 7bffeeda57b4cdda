import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makePrivate } from './place.ts';
import { openToAppend, writePrivateFile } from './private-file.ts';

let directory: string;
let victim: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-private-'));
  victim = join(directory, 'victim');
  writeFileSync(victim, 'as it was');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test.each(['x', 'x.next'])('a link at %s is not followed by what is written', (name) => {
  symlinkSync(victim, join(directory, name));
  writePrivateFile(join(directory, 'x'), 'new', undefined);
  expect(readFileSync(join(directory, 'x'), 'utf8')).toBe('new');
  expect(readFileSync(victim, 'utf8')).toBe('as it was');
});

test('nor by what is appended: it is replaced', () => {
  const path = join(directory, 'log');
  symlinkSync(victim, path);
  for (const text of ['one', 'two']) {
    const file = openToAppend(path, undefined);
    writeFileSync(file, text);
    closeSync(file);
  }
  expect(readFileSync(path, 'utf8')).toBe('onetwo');
  expect(readFileSync(victim, 'utf8')).toBe('as it was');
});

test('nor for a folder that is made private', () => {
  const other = join(directory, 'other');
  mkdirSync(other, { mode: 0o755 });
  symlinkSync(other, join(directory, 'tls'));
  expect(() => makePrivate(join(directory, 'tls'), undefined)).toThrow('ENOTDIR');
  expect(lstatSync(other).mode & 0o777).toBe(0o755);
});
