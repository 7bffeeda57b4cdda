/** How a text must be. */
import { compileRegex, lowerCase, type Regex, slice, testRegex } from '#platform';

export type TextTest =
  | { readonly op: 'equal' | 'prefix' | 'suffix'; readonly value: string }
  | { readonly op: 'regex'; readonly pattern: string };

export interface CompiledTextTest {
  readonly op: 'equal' | 'prefix' | 'suffix' | 'regex';
  readonly value: string;
  /** Absent for a pattern that cannot be read, which nothing fits. */
  readonly regex: Regex | undefined;
}

/** @param inLowerCase texts are in lower case when they are tested */
export function compileTextTest(test: TextTest, inLowerCase: boolean): CompiledTextTest {
  if (test.op === 'regex') return { op: test.op, value: '', regex: compileRegex(test.pattern, false) };
  return { op: test.op, value: inLowerCase ? lowerCase(test.value) : test.value, regex: undefined };
}

export function fitsText({ op, value, regex }: CompiledTextTest, text: string): boolean {
  switch (op) {
    case 'equal':
      return text === value;
    case 'prefix':
      return slice(text, 0, value.length) === value;
    case 'suffix':
      return text.length >= value.length && slice(text, text.length - value.length, text.length) === value;
    case 'regex':
      return regex !== undefined && testRegex(regex, text);
  }
}
