import type { Read } from '@causeway/admission/read';
import type { ObjectKey } from '@causeway/apis/meta/object';
import type { ObjectReader } from '@causeway/apiserver/admission';
import { INDEXES, type IndexName } from '@causeway/resources/indexes';
import { KIND_REFS, type KindMap, type KindName } from '@causeway/resources/kinds';

/**
 * What admission reads, straight from the head of the API server's store. Lists are scanned: admission asks for single
 * objects, so an index would cost more than it saves.
 *
 * The casts hold because the API server stores only what the schema of the kind accepts.
 */
export function admissionView(reader: ObjectReader): Read {
  const all = <K extends KindName>(kind: K): readonly KindMap[K][] =>
    reader.list(KIND_REFS[kind]) as readonly unknown[] as readonly KindMap[K][];
  return {
    get: <K extends KindName>(kind: K, key: ObjectKey) => reader.get(KIND_REFS[kind], key) as KindMap[K] | undefined,
    all,
    by: <K extends KindName>(kind: K, index: IndexName<K>, value: string) => {
      const valuesOf = Reflect.get(INDEXES[kind], index) as (object: KindMap[K]) => readonly string[];
      return all(kind).filter((object) => valuesOf(object).includes(value));
    },
  };
}
