import { describe, expect, test } from 'vitest';
import { compilePathRewrite, rewrittenPath } from './path-rewrite.ts';
import { REWRITE_CASES } from './path-rewrite-cases.ts';
import { bytes } from './platform.ts';

describe('rewritten paths (spec ALB-72)', () => {
  for (const { name, pattern, every, replacement, path, want } of REWRITE_CASES) {
    test(name, () => {
      const wanted = { ...(pattern === undefined ? {} : { pattern }), ...(every && { every }) };
      const step = { type: 'pathRewrite', replacement, ...wanted } as const;
      const rewrite = compilePathRewrite(step);
      // RE2 has no look-around: only the data plane can tell.
      if (pattern?.includes('(?=')) expect(rewrite).toBeUndefined();
      else expect(rewrite && rewrittenPath(rewrite, bytes(path))).toBe(want === undefined ? undefined : bytes(want));
    });
  }
});
