import type { Schema } from '../meta/schema.ts';

/** Bytes, as a number or as `4Ki`, `1M`, ... Source: Kubernetes resource.Quantity. */
export function size(description: string): Schema<number | string> {
  return {
    json: {
      description,
      'x-kubernetes-int-or-string': true,
      minimum: 0,
      pattern: '^[1-9]+[0-9]*([EPTGMK]i|[EPTGMk])?$',
    },
  };
}
