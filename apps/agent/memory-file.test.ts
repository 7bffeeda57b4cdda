import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MemoryFile } from './memory-file.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'causeway-memory-'));
  file = path.join(directory, 'memory.json');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const fail = (error: unknown): never => {
  throw error;
};

test('what one process remembers the next one knows; what is forgotten is gone', () => {
  const first = new MemoryFile<readonly string[]>(file, fail);
  first.set('a', ['1']);
  first.set('b', ['2']);
  first.set('a', undefined);
  const next = new MemoryFile<readonly string[]>(file, fail);
  expect(next.get('a')).toBeUndefined();
  expect(next.get('b')).toEqual(['2']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a damaged file is an empty one, and is replaced', () => {
  writeFileSync(file, '{"a":');
  const memory = new MemoryFile<string>(file, fail);
  expect(memory.get('a')).toBeUndefined();
  memory.set('a', 'x');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ a: 'x' });
});

test('a file that cannot be written is told, and the process goes on knowing', () => {
  const errors: unknown[] = [];
  const memory = new MemoryFile<string>(path.join(directory, 'none', 'memory.json'), (error) => errors.push(error));
  memory.set('a', 'x');
  expect(errors).toHaveLength(1);
  expect(memory.get('a')).toBe('x');
});
