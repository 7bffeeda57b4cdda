import type { StringMatch } from '@causeway/apis/envoy-gateway/string-match';
import { checkRegex } from '@causeway/apis/gateway/regex';
import type { TextTestIR } from '@causeway/ir/gateway';
import type { Tell } from './tell.ts';

const OPERATORS = { Exact: 'equal', Prefix: 'prefix', Suffix: 'suffix' } as const;

/**
 * An expression is for the whole text. Source: Envoy, StringMatcher.
 *
 * @param field of the match
 * @returns undefined for an expression that cannot be read, which is told
 */
export function textTestOf({ type = 'Exact', value }: StringMatch, field: string, tell: Tell): TextTestIR | undefined {
  if (type !== 'RegularExpression') return { op: OPERATORS[type], value };
  const verdict = checkRegex(value);
  if (verdict.dialect !== 'invalid') return { op: 'regex', pattern: `^(?:${value})$` };
  tell(`${field}.value`, verdict.error);
  return undefined;
}
