import { RE2JS } from 're2js';
import { regexSyntax } from './regex-syntax.ts';

/**
 * Whether a user's regular expression can be used, and by which engines.
 *
 * `portable` patterns mean the same to PCRE (nginx) and RE2 (explain, tests).
 * `pcre` patterns need backtracking features (look-around, back-references,
 * atomic groups) or hold what RE2 reads otherwise (`\\v`, `(?m)`); nginx runs them under a match limit and explanations ask a
 * worker (design D6).
 */
export type RegexVerdict =
  | { readonly dialect: 'portable' | 'pcre' }
  | { readonly dialect: 'invalid'; readonly error: string };

/** Longest pattern accepted, in UTF-16 units; PCRE's compiled size grows with it. */
export const MAX_REGEX_LENGTH = 4096;

export function checkRegex(pattern: string): RegexVerdict {
  if (pattern.length > MAX_REGEX_LENGTH) {
    return { dialect: 'invalid', error: `must have at most ${MAX_REGEX_LENGTH} characters` };
  }
  const error = compileError(pattern) ?? compileError(Buffer.from(pattern, 'utf8').toString('latin1'));
  if (error === undefined) {
    const syntax = regexSyntax(pattern);
    if (syntax.error !== undefined) return { dialect: 'invalid', error: syntax.error };
    return { dialect: syntax.differs ? 'pcre' : 'portable' };
  }
  return compilesWithBacktracking(pattern) ? { dialect: 'pcre' } : { dialect: 'invalid', error };
}

function compileError(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** ECMAScript has PCRE's look-around and back-references; the forms it lacks are rewritten to ones of equal syntax. */
function compilesWithBacktracking(pattern: string): boolean {
  const rewritten = pattern
    .replaceAll(/\(\?>/g, '(?:')
    .replaceAll(/([*+?}])\+/g, '$1')
    .replaceAll(/\(\?P</g, '(?<');
  try {
    new RegExp(rewritten);
    return true;
  } catch {
    return false;
  }
}
