import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Where the launcher puts the programs that it builds. */
export function runtimeDirectory(): string {
  return process.env['CAUSEWAY_RUNTIME'] ?? path.join(process.env['HOME'] ?? '/', '.causeway/runtime');
}

/** Path of a program that the launcher has built there. */
export function goProgram(directory: string, name: string): string {
  const manifest: { readonly program: string } = JSON.parse(readFileSync(path.join(directory, `${name}.json`), 'utf8'));
  return manifest.program;
}
