/** Headers that are taken off by the form of their names. */
import { lowerCase } from '#platform';
import { type CompiledTextTest, compileTextTest, fitsText, type TextTest } from './text-test.ts';

export interface RemoveHeadersStep {
  readonly type: 'removeHeaders';
  readonly of: 'request' | 'answer';
  readonly names: readonly TextTest[];
}

/** Messages need these. */
const KEPT: readonly string[] = ['host', 'content-length', 'transfer-encoding', 'connection'];

export type HeaderNames = readonly CompiledTextTest[];

export function compileHeaderNames(tests: readonly TextTest[]): HeaderNames {
  const compiled: CompiledTextTest[] = [];
  for (const test of tests) compiled.push(compileTextTest(test, true));
  return compiled;
}

/** Reports whether a header of this name, in any case, is taken off. */
export function isRemoved(tests: HeaderNames, name: string): boolean {
  const lower = lowerCase(name);
  for (const kept of KEPT) if (lower === kept) return false;
  for (const test of tests) if (fitsText(test, lower)) return true;
  return false;
}
