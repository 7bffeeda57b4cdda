import type { Schema } from '../meta/schema.ts';

/** Bytes, as a number or as `4Ki`, `1M`, ... Source: Kubernetes resource.Quantity. */
export function size(description: string): Schema<number | string> {
  return {
    json: {
      description,
      'x-kubernetes-int-or-string': true,
      anyOf: [{ minimum: 0 }, { pattern: '^[0-9]+(Ki|Mi|Gi|k|M|G)?$' }],
    },
  };
}
