import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { eventually } from '../e2e/eventually.ts';
import { processesOf } from '../launcher/up-process.ts';
import { GIVEN_INSTALLATIONS } from './given-home.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder of installations, which files use one after the other. */
    readonly sharedInstallations: string;
  }
}

let directory: string;

/** Global set-up of vitest's project `checks`. The installations start when a file first asks (`SharedUp`). */
export function setup(project: TestProject): void {
  directory = GIVEN_INSTALLATIONS ?? mkdtempSync(path.join(tmpdir(), 'causeway-shared-'));
  project.provide('sharedInstallations', directory);
}

export async function teardown(): Promise<void> {
  if (GIVEN_INSTALLATIONS !== undefined) return;
  await endProcesses(directory);
  rmSync(directory, { recursive: true, force: true });
}

/** Ends `up` and waits for what it started; kills what has not ended in time. */
export async function endProcesses(directory: string): Promise<void> {
  signal(directory, 'SIGTERM');
  await eventually(() => {
    if (processesOf(directory).length > 0) throw new Error(`processes of ${directory} run on`);
  }).catch(() => signal(directory, 'SIGKILL'));
}

function signal(directory: string, name: NodeJS.Signals): void {
  for (const pid of processesOf(directory)) {
    try {
      process.kill(pid, name);
    } catch {
      // It was faster.
    }
  }
}
