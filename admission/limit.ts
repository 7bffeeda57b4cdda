import type { LimitConfig } from '@causeway/apis/gateway/limit';
import { isNetwork, parseAddress } from '@causeway/apis/meta/address';
import { type Cause, invalid } from './verdict.ts';

/** LIM-06; numbers are the schema's. @param field path of the object, e.g. `spec.config.limit` */
export function checkLimit(field: string, limit: LimitConfig | undefined): Cause[] {
  return (limit?.allowlist ?? []).flatMap((text, index) =>
    isNetwork(text) || parseAddress(text) !== undefined
      ? []
      : [invalid(`${field}.allowlist[${index}]`, text, 'must be an address or a network')],
  );
}
