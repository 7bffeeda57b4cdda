import { isDeepStrictEqual } from 'node:util';
import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import type { KindRef } from '@causeway/apis/meta/kind';
import { type KubernetesObject, keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { KIND_REFS } from '@causeway/resources/kinds';
import { eventually } from '../e2e/eventually.ts';

/** The objects of an API server that nobody has used yet, by kind and key. */
export type Slate = Readonly<Record<string, KubernetesObject>>;

/** Leases belong to whoever runs; the others follow from other objects. */
const NOT_MADE_BY_TESTS = ['Lease', 'Node'];
/** What others follow from goes first, so that controllers do not make it again. */
const ROOTS = ['ALB2', 'IngressNginx', 'Gateway', 'Ingress'];

const kinds: readonly KindRef[] = [
  ...ROOTS.map((kind) => KIND_REFS[kind as keyof typeof KIND_REFS]),
  ...[...Object.values(KIND_REFS), ...BUILT_IN_KINDS].filter(
    ({ kind }) => ![...ROOTS, ...NOT_MADE_BY_TESTS].includes(kind),
  ),
].filter((kind, index, all) => all.findIndex((other) => other.kind === kind.kind) === index);

export async function slateOf(client: KubernetesClient): Promise<Slate> {
  const found: Record<string, KubernetesObject> = {};
  for (const kind of kinds) {
    for (const object of (await client.list(kind)).items) {
      found[`${kind.kind} ${objectKeyText(keyOf(object))}`] = object;
    }
  }
  return found;
}

/** Deletes what is not on the slate, restores what differs, and waits until it stays so. */
export async function clean(client: KubernetesClient, slate: Slate): Promise<void> {
  await eventually(async () => {
    const left: string[] = [];
    for (const kind of kinds) {
      const { items } = await client.list(kind);
      await Promise.all(
        items.map(async (object) => {
          const name = `${kind.kind} ${objectKeyText(keyOf(object))}`;
          const was = slate[name];
          if (was === undefined) await client.delete(kind, keyOf(object));
          else if (isDeepStrictEqual(written(object), written(was))) return;
          else await client.update(kind, { ...was, metadata: { ...was.metadata, ...versionOf(object) } });
          left.push(name);
        }),
      );
    }
    if (left.length > 0) throw new Error(`still there: ${left.join(', ')}`);
  });
}

function versionOf({ metadata: { uid, resourceVersion } }: KubernetesObject): object {
  return { uid, resourceVersion };
}

/** What users write of an object. */
function written(object: KubernetesObject): unknown {
  const { labels, annotations } = object.metadata;
  const { metadata: _, status: __, ...rest } = object as KubernetesObject & { status?: unknown };
  return { ...rest, labels, annotations };
}
