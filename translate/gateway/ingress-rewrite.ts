import type { IngressFeature } from './ingress-feature.ts';

/** Annotations of rewriting, as fields of the Rule; `use-regex` acts on what paths match (ingress-path.ts). Source: spec ALB-72. */
export const REWRITE_FEATURE: IngressFeature = {
  annotations: ['rewrite-target', 'use-regex', 'enable-rewrite-log', 'x-forwarded-prefix'],
  byPath: [],
  translate: (read) => {
    const target = read.value('rewrite-target');
    const forwardedPrefix = target === undefined ? undefined : read.value('x-forwarded-prefix');
    const rewriteLog = read.value('enable-rewrite-log') === true;
    return {
      ...(target === undefined ? {} : { spec: { rewrite_target: target } }),
      config: {
        ...(forwardedPrefix === undefined ? {} : { forwardedPrefix }),
        ...(rewriteLog ? { rewriteLog } : {}),
      },
    };
  },
};
