/** Issue 5, "Must hold": three rounds of `./causeway soak apiserver-kill`. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runKills } from './kills.ts';

const programDirectory = path.resolve(import.meta.dirname, '../../../dist');
const directory = mkdtempSync(path.join(tmpdir(), 'causeway-kills-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test.runIf(existsSync(path.join(programDirectory, 'apiserver.js')))(
  'kill -9 under concurrent writes loses nothing that was acknowledged, and watchers that resume miss nothing',
  { timeout: 120_000 },
  async () => {
    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    const result = await runKills({ programDirectory, directory, seed: 5, rounds: 2, writes: 800, writers: 64, say });
    expect(result.problems, said.join('\n')).toEqual([]);
    expect(result.rounds).toBe(2);
    expect(result.acknowledged).toBeGreaterThan(100);
    expect(result.watchesResumed).toBeGreaterThan(10);
  },
);
