/** Headers that are taken off by the form of their names. */
import { compileRegex, lowerCase, type Regex, slice, testRegex } from '#platform';

export interface RemoveHeadersStep {
  readonly type: 'removeHeaders';
  readonly of: 'request' | 'answer';
  readonly names: readonly HeaderNameTest[];
}

export type HeaderNameTest =
  | { readonly op: 'equal' | 'prefix' | 'suffix'; readonly value: string }
  | { readonly op: 'regex'; readonly pattern: string };

/** Messages need these. */
const KEPT: readonly string[] = ['host', 'content-length', 'transfer-encoding', 'connection'];

interface CompiledTest {
  readonly op: 'equal' | 'prefix' | 'suffix' | 'regex';
  readonly value: string;
  readonly regex: Regex | undefined;
}

export type HeaderNames = readonly CompiledTest[];

export function compileHeaderNames(tests: readonly HeaderNameTest[]): HeaderNames {
  const compiled: CompiledTest[] = [];
  for (const test of tests) {
    if (test.op === 'regex') compiled.push({ op: test.op, value: '', regex: compileRegex(test.pattern, false) });
    else compiled.push({ op: test.op, value: lowerCase(test.value), regex: undefined });
  }
  return compiled;
}

/** Reports whether a header of this name, in any case, is taken off. */
export function isRemoved(tests: HeaderNames, name: string): boolean {
  const lower = lowerCase(name);
  for (const kept of KEPT) if (lower === kept) return false;
  for (const test of tests) if (fits(test, lower)) return true;
  return false;
}

function fits({ op, value, regex }: CompiledTest, name: string): boolean {
  switch (op) {
    case 'equal':
      return name === value;
    case 'prefix':
      return slice(name, 0, value.length) === value;
    case 'suffix':
      return name.length >= value.length && slice(name, name.length - value.length, name.length) === value;
    case 'regex':
      return regex !== undefined && testRegex(regex, name);
  }
}
