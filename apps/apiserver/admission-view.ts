import type { Read } from '@causeway/admission/read';
import type { KubernetesObject, ObjectKey } from '@causeway/apis/meta/object';
import type { ObjectReader } from '@causeway/apiserver/admission';
import { INDEXES, type IndexName } from '@causeway/resources/indexes';
import { type FactMap, type FactName, KIND_REFS, type KindName } from '@causeway/resources/kinds';

/**
 * What admission reads, straight from the head of the API server's store. Indexes are scanned:
 * admission seldom asks for more than single objects.
 *
 * The casts hold because the API server stores only what the schema of the kind accepts.
 */
export function admissionView(reader: ObjectReader): Read {
  const all = <K extends FactName>(kind: K): readonly FactMap[K][] =>
    isStored(kind) ? (reader.list(KIND_REFS[kind]) as readonly unknown[] as readonly FactMap[K][]) : [];
  return {
    get: <K extends FactName>(kind: K, key: ObjectKey) =>
      isStored(kind) ? (reader.get(KIND_REFS[kind], key) as FactMap[K] | undefined) : undefined,
    all,
    by: <K extends FactName>(kind: K, index: IndexName<K>, value: string) => {
      const valuesOf = Reflect.get(INDEXES[kind], index) as (object: FactMap[K]) => readonly string[];
      if (!isStored(kind)) return [];
      const found = reader.find(KIND_REFS[kind], valuesOf as (object: KubernetesObject) => readonly string[], value);
      return found as readonly unknown[] as readonly FactMap[K][];
    },
  };
}

/** The others are facts that no API server has. */
function isStored(kind: FactName): kind is KindName & typeof kind {
  return kind in KIND_REFS;
}
