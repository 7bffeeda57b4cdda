import { keyOf } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { Problem } from './problem.ts';
import { annotationName } from './unsupported.ts';

/** Annotations that hold raw configuration, and the settings that serve what they are used for. */
const SNIPPETS: Readonly<Record<string, string>> = {
  'configuration-snippet':
    'for headers use alb.ingress.cpaas.io/rewrite-request and rewrite-response or custom-headers, for redirects permanent-redirect and temporal-redirect, for paths rewrite-target',
  'server-snippet':
    'for further hosts use server-alias, for redirects from-to-www-redirect, app-root and permanent-redirect',
  'stream-snippet': 'for tcp and udp use a Frontend of that protocol',
  'auth-snippet': 'for headers of the question use auth-proxy-set-headers',
};

export function isSnippet(name: string): boolean {
  return Object.hasOwn(SNIPPETS, name);
}

/** Text of users never becomes configuration (design D7): the event names what can be used instead. */
export function snippetProblems(ingress: Ingress): readonly Problem[] {
  return Object.keys(ingress.metadata.annotations ?? {})
    .sort()
    .flatMap((key): Problem[] => {
      const instead = SNIPPETS[annotationName(key) ?? ''];
      if (instead === undefined) return [];
      const message = `metadata.annotations[${key}]: raw configuration is never taken, ignored; ${instead}`;
      const object = { kind: 'Ingress', key: keyOf(ingress) } as const;
      return [{ object, reason: 'UnsupportedFeature', message, severity: 'Warning' }];
    });
}
