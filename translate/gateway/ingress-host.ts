import type { RedirectConfig } from '@causeway/apis/gateway/policy-config';
import type { IngressFeature } from './ingress-feature.ts';
import type { IngressPath } from './ingress-rule.ts';

/**
 * Further hosts. What paths match is said where their dslx is made (ingress-path.ts), further Rules in ingress-redirect-path.ts; here is the rest: the
 * certificate of a host is also shown for its aliases, and a path that is exactly `/` leads to the application itself.
 *
 * Source: spec section 5.7, LIM-14.
 */
export const HOST_FEATURE: IngressFeature = {
  annotations: ['server-alias', 'from-to-www-redirect', 'app-root', 'http2-push-preload'],
  byPath: [],
  translate: (read, path, { isTls, hasCertificate }) => {
    const appRoot = isRoot(path) ? read.value('app-root') : undefined;
    const domains = isTls && hasCertificate(path.host) ? path.aliases : [];
    return {
      config: {
        ...(appRoot === undefined ? {} : { redirect: toAppRoot(appRoot) }),
        ...(domains.length === 0 ? {} : { domains }),
      },
    };
  },
};

/** The redirect of `app-root`. */
export function toAppRoot(url: string): RedirectConfig {
  return { url, code: 302 };
}

/** Reports whether it is the root of its host and nothing else. */
export function isRoot({ path, pathType }: Pick<IngressPath, 'path' | 'pathType'>): boolean {
  return path === '/' && pathType === 'Exact';
}
