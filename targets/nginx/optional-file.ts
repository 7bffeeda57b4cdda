import { readFileSync } from 'node:fs';

/** @returns `''` when it is not there or cannot be read */
export function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
