import type { DurationLimitIR } from '@causeway/ir/gateway';
import { parseDuration } from '../duration.ts';

/** How long requests may take, whatever becomes of them meanwhile. Source: GW-43. @returns nothing where that is without limit */
export function durationLimit(duration: string | undefined): readonly DurationLimitIR[] {
  const ms = duration === undefined ? undefined : parseDuration(duration);
  return ms === undefined || ms === 0 ? [] : [{ type: 'durationLimit', ms }];
}
