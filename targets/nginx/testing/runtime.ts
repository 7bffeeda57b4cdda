import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { NginxRuntime } from '../runtime.ts';

/** The private runtime that `tools/runtime` unpacked. */
export function testRuntime(): NginxRuntime {
  const directory = process.env['CAUSEWAY_RUNTIME'] ?? join(homedir(), '.causeway/runtime');
  return JSON.parse(readFileSync(join(directory, 'runtime.json'), 'utf8')) as NginxRuntime;
}
