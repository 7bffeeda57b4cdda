import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { VERSION } from './version.ts';

test('is that of the package', () => {
  const text = readFileSync(path.join(import.meta.dirname, '../../package.json'), 'utf8');
  expect(VERSION).toBe((JSON.parse(text) as { readonly version: string }).version);
});
