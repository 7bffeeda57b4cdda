import { alternativeTo, isRawConfiguration } from '@causeway/apis/gateway/annotation/alternative';
import { keyOf } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { Problem } from './problem.ts';
import { annotationName } from './unsupported.ts';

/** Text of users never becomes configuration (design D7): the event names what can be used instead. */
export function snippetProblems(ingress: Ingress): readonly Problem[] {
  return Object.keys(ingress.metadata.annotations ?? {})
    .sort()
    .flatMap((key): Problem[] => {
      const name = annotationName(key) ?? '';
      if (!isRawConfiguration(name)) return [];
      const message = `metadata.annotations[${key}]: raw configuration is never taken, ignored; ${alternativeTo(name)}`;
      const object = { kind: 'Ingress', key: keyOf(ingress) } as const;
      return [{ object, reason: 'UnsupportedFeature', message, severity: 'Warning' }];
    });
}
