import { expect, test } from 'vitest';
import { commandLine, workingDirectory } from './proc.ts';

test('other processes with a similar command line are not ours', () => {
  expect(commandLine(process.pid)).not.toBe('');
  expect(workingDirectory(process.pid)).toBe(process.cwd());
});
