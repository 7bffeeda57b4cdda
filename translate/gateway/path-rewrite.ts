import { checkRegex } from '@causeway/apis/gateway/regex';
import { readRewriteTarget } from '@causeway/apis/gateway/rewrite';
import type { Rule } from '@causeway/apis/gateway/rule';
import type { PathRewriteIR } from '@causeway/ir/gateway';
import type { Problem } from './problem.ts';

/** Stands for the whole path. */
const EVERYTHING = '.*';

/**
 * rewrite_target, in place of the first match of rewrite_base, else url, else `/`. What cannot be read leaves paths as they are.
 *
 * Source: spec ALB-72.
 */
export function translatePathRewrite(
  { spec }: Rule,
  object: Problem['object'],
): { readonly filters: readonly PathRewriteIR[]; readonly problems: readonly Problem[] } {
  const target = spec.rewrite_target ?? '';
  if (target === '') return { filters: [], problems: [] };
  const invalid = (field: string, value: string, mistake: string) => {
    const message = `${field}: Invalid value: ${JSON.stringify(value)}: ${mistake}; the path is passed on unchanged`;
    const problem: Problem = { object, reason: 'InvalidField', message, severity: 'Warning' };
    return { filters: [], problems: [problem] };
  };
  const replacement = readRewriteTarget(target);
  if (typeof replacement === 'string') return invalid('spec.rewrite_target', target, replacement);
  const isBase = (spec.rewrite_base ?? '') !== '';
  const pattern = (isBase ? spec.rewrite_base : spec.url) || '/';
  const verdict = checkRegex(pattern);
  if (verdict.dialect === 'invalid') return invalid(isBase ? 'spec.rewrite_base' : 'spec.url', pattern, verdict.error);
  const log = spec.config?.rewriteLog === true;
  // `.` does not stand for a line feed, which a decoded path may have.
  const isWhole = pattern === EVERYTHING;
  return { filters: [{ type: 'pathRewrite', ...(isWhole ? {} : { pattern }), replacement, log }], problems: [] };
}
