import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogCopy } from './log-copy.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-log-copy-'));
  path = join(directory, 'access.log');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Takes what it gets; while `slow`, it says that it has enough. */
class Sink extends Writable {
  text = '';
  readonly waiting: (() => void)[] = [];
  slow = false;

  constructor() {
    super({ highWaterMark: 10 });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    if (this.slow) this.waiting.push(done);
    else done();
  }
}

test('what is appended is passed on, what was there before is not', () => {
  writeFileSync(path, 'old\n');
  const sink = new Sink();
  const copy = new LogCopy(path, sink);
  copy.copy(0);
  appendFileSync(path, 'a\n');
  copy.copy(200);
  appendFileSync(path, 'b\n');
  copy.copy(400);
  expect(sink.text).toBe('a\nb\n');
  copy.close();
});

test('a file that comes later is passed on from its start', () => {
  const sink = new Sink();
  const copy = new LogCopy(path, sink);
  copy.copy(0);
  writeFileSync(path, 'a\n');
  copy.copy(200);
  expect(sink.text).toBe('a\n');
  copy.close();
});

test('of a file that is renamed the end is passed on, then the new one', () => {
  writeFileSync(path, '');
  const sink = new Sink();
  const copy = new LogCopy(path, sink);
  appendFileSync(path, 'a\n');
  copy.copy(0);
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'c\n');
  copy.copy(200);
  appendFileSync(`${path}.1`, 'b\n');
  for (let now = 400; now <= 2_000; now += 200) copy.copy(now);
  expect(sink.text).toBe('a\nb\nc\n');
  copy.close();
});

test('what the reader cannot take stays in the file', () => {
  writeFileSync(path, '');
  const sink = new Sink();
  const copy = new LogCopy(path, sink);
  sink.slow = true;
  appendFileSync(path, `${'x'.repeat(20)}\n`);
  copy.copy(0);
  appendFileSync(path, 'y\n');
  copy.copy(200);
  expect(sink.text).not.toContain('y');
  sink.slow = false;
  for (const done of sink.waiting) done();
  return expect
    .poll(() => {
      copy.copy(400);
      return sink.text;
    })
    .toContain('y\n')
    .then(() => copy.close());
});
