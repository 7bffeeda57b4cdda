import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataplaneRecord, StreamLine } from '@causeway/dataplane/policy/record';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StateFile } from './state-file.ts';
import { type RecordChange, recordKey } from './wanted.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'state-'));
  path = join(directory, 'state.jsonl');
});
afterEach(() => rmSync(directory, { recursive: true }));

function certificateRecord(id: string, text = ''): DataplaneRecord {
  return { type: 'certificate', id, chainPem: text, keyPem: '' };
}

function put(...ids: string[]): RecordChange[] {
  return ids.map((text) => {
    const record = certificateRecord(text.split('=')[0] ?? '', text);
    return [recordKey(record.type, record.id), record];
  });
}

function remove(id: string): RecordChange {
  return [recordKey('certificate', id), undefined];
}

/** What a reader has after the lines from `position`. */
function readFrom(state: StateFile, position: number): { ids: string[]; version: number } {
  const buffer = Buffer.alloc(1 << 20);
  const text = buffer.toString('utf8', 0, state.read(buffer, position));
  const ids = new Set<string>();
  let version = 0;
  for (const line of text.split('\n').filter((part) => part !== '')) {
    const parsed = JSON.parse(line) as StreamLine;
    if (parsed.op === 'put') ids.add(`${(parsed.record as { chainPem: string }).chainPem}`);
    if (parsed.op === 'delete') ids.add(`-${parsed.id}`);
    if (parsed.op === 'commit') version = parsed.version;
  }
  return { ids: [...ids], version };
}

test('the first transaction is full, later ones hold differences only', () => {
  const state = new StateFile(path);
  expect(state.write(put('a', 'b'), true)).toBe(true);
  expect(state.version).toBe(1);
  expect(state.write([...put('a', 'b=2'), remove('c')], false)).toBe(true);
  expect(readFrom(state, state.position(1))).toEqual({ ids: ['b=2'], version: 2 });
  expect(readFrom(state, 0).version).toBe(2);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('no difference writes nothing', () => {
  const state = new StateFile(path);
  state.write(put('a'), true);
  const size = state.size;
  expect(state.write(put('a'), false)).toBe(false);
  expect(state.write([...put('b'), remove('b')], false)).toBe(false);
  expect([state.version, state.size, statSync(path).size]).toEqual([1, size, size]);
});

test('an empty state is a version too', () => {
  const state = new StateFile(path);
  expect(state.write([], true)).toBe(true);
  expect(state.version).toBe(1);
});

test('after a restart versions go on, and only the difference is written', () => {
  const first = new StateFile(path);
  first.write(put('a', 'b'), true);
  first.write(put('c'), false);
  first.close();
  const state = new StateFile(path);
  expect([state.version, state.records]).toEqual([2, 3]);
  expect(state.write(put('a', 'c=new', 'd'), true)).toBe(true);
  expect(readFrom(state, state.position(2))).toEqual({ ids: ['c=new', 'd', '-b'], version: 3 });
});

test('an unfinished transaction at the end is cut off', () => {
  const first = new StateFile(path);
  first.write(put('a'), true);
  const size = first.size;
  first.close();
  appendFileSync(path, '{"op":"begin","full":false}\n{"op":"put","record":{"type":"cert');
  const state = new StateFile(path);
  expect([state.version, state.size, statSync(path).size]).toEqual([1, size, size]);
  state.write(put('b'), false);
  expect(readFrom(state, state.position(1))).toEqual({ ids: ['b'], version: 2 });
});

test('a file that is not ours counts as none', () => {
  for (const content of ['', 'x\n', '{"op":"begin","full":false}\n{"op":"commit","version":3}\n', '\0\0\0']) {
    writeFileSync(path, content);
    const state = new StateFile(path);
    expect(state.version).toBe(0);
    state.close();
  }
});

test('folding keeps version and content; late readers start over', () => {
  const state = new StateFile(path);
  state.write(put('a', 'b'), true);
  for (let i = 0; i < 10; i++) state.write(put(`a=${i}`), false);
  expect(state.position(5)).toBeGreaterThan(0);
  state.fold();
  expect(state.version).toBe(11);
  expect(state.position(11)).toBe(state.size);
  expect(state.position(5)).toBe(0);
  expect(state.write(put('a=9', 'b'), false)).toBe(false);
  expect(readFrom(state, 0)).toEqual({ ids: ['b', 'a=9'], version: 11 });
  expect(readFileSync(path, 'utf8').trim().split('\n').length).toBe(4);
  state.close();
  expect(new StateFile(path).version).toBe(11);
});

test('folding is due when the history outgrows the state', () => {
  const state = new StateFile(path);
  state.write(put('a'), true);
  expect(state.shouldFold).toBe(false);
  for (let i = 0; i < 12; i++) state.write(put(`a=${i}${'x'.repeat(100_000)}`), false);
  expect(state.shouldFold).toBe(true);
  expect(state.mustFold).toBe(false);
  for (let i = 0; i < 36; i++) state.write(put(`a=${i}${'y'.repeat(100_000)}`), false);
  expect(state.mustFold).toBe(true);
  state.fold();
  expect([state.shouldFold, state.mustFold]).toEqual([false, false]);
});

test('what is folded after reading, writing, removing and replacing is what a reader would have', () => {
  let state = new StateFile(path);
  const have = new Map<string, string>();
  for (let round = 0; round < 60; round++) {
    const text = `${round % 7}=${round}${'ä'.repeat((round * 37) % 200)}`;
    if (round % 5 === 4) {
      state.write([remove(String(round % 6))], false);
      have.delete(String(round % 6));
    } else {
      state.write(put(text, `x${round}=y`), false);
      have.set(String(round % 7), text).set(`x${round}`, `x${round}=y`);
    }
    if (round % 11 === 10) {
      state.close();
      state = new StateFile(path);
    }
    if (round === 30) {
      state.replace(
        [...have].map(([id, content]) => certificateRecord(id, content)),
        state.version + 1,
      );
    }
    if (round % 4 === 3) {
      state.fold();
      const { ids } = readFrom(state, 0);
      expect(ids.sort()).toEqual([...have.values()].sort());
      expect(statSync(path).size).toBe(state.size);
    }
  }
});

test('a fold that fails changes nothing', () => {
  const state = new StateFile(path);
  state.write(put('a', 'b'), true);
  state.write(put('a=2'), false);
  mkdirSync(`${path}.next/x`, { recursive: true });
  expect(() => state.fold()).toThrow();
  expect(readFrom(state, state.position(1))).toEqual({ ids: ['a=2'], version: 2 });
  rmSync(`${path}.next`, { recursive: true });
  state.fold();
  expect(readFrom(state, 0)).toEqual({ ids: ['b', 'a=2'], version: 2 });
});

test('a new lineage begins above the lost one', () => {
  const state = new StateFile(path);
  state.write(put('a'), true, 1_000);
  expect(state.version).toBe(1_001);
  expect(state.position(7)).toBe(0);
});
