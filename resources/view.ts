import type { ObjectKey } from '@causeway/apis/meta/object';
import type { IndexName } from './indexes.ts';
import type { FactMap, FactName } from './kinds.ts';

/**
 * What a translator sees of the snapshot. Every read is recorded, absences
 * included, so that its result is known to be stale when something it read
 * changes in meaning (design D13). Read as narrowly as possible: cost per
 * change is the number of readers.
 *
 * Results are shared with the snapshot and deeply readonly; lists are sorted by
 * namespace, then name (bytewise).
 */
export interface View {
  get<K extends FactName>(kind: K, key: ObjectKey): FactMap[K] | undefined;
  /** Objects whose index `index` (see indexes.ts) holds `value`. */
  by<K extends FactName>(kind: K, index: IndexName<K>, value: string): readonly FactMap[K][];
  /** Whether {@link by} would find any; stale only when that answer changes. */
  has<K extends FactName>(kind: K, index: IndexName<K>, value: string): boolean;
  all<K extends FactName>(kind: K): readonly FactMap[K][];
}
