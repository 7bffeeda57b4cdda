import { groupKindText, type KindRef } from '@causeway/apis/meta/kind';
import { type KubernetesObject, keyOf, objectKeyText } from '@causeway/apis/meta/object';
import { hasReason } from '@causeway/protocols/kubernetes/api-error';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import type { KindLookup } from './kind-lookup.ts';

/** The server has no kind of that apiVersion and name. */
export class UnknownKind extends Error {
  override readonly name = 'UnknownKind';
  constructor({ apiVersion, kind }: KubernetesObject) {
    super(`the API server has no kind ${kind} of ${apiVersion}`);
  }
}

export interface Applied {
  readonly kind: KindRef;
  /** `Ingress.networking.k8s.io default/shop`, for messages. */
  readonly title: string;
  readonly object: KubernetesObject;
}

/**
 * Creates the object, or merges it into the stored one (JSON merge patch:
 * what the manifest does not mention stays). Without a namespace it goes to
 * `default`.
 *
 * @throws UnknownKind, and ApiError when the server refuses
 */
export async function applyObject(
  client: KubernetesClient,
  lookup: KindLookup,
  manifest: KubernetesObject,
): Promise<Applied> {
  const kind = await lookup(manifest);
  if (kind === undefined) throw new UnknownKind(manifest);
  const object = placed(manifest, kind);
  const title = `${groupKindText(kind)} ${objectKeyText(keyOf(object))}`;
  try {
    return { kind, title, object: await client.create(kind, object) };
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error;
    return { kind, title, object: await client.patch(kind, keyOf(object), object, { type: 'merge' }) };
  }
}

function placed(manifest: KubernetesObject, kind: KindRef): KubernetesObject {
  if (!kind.namespaced || manifest.metadata.namespace !== undefined) return manifest;
  return { ...manifest, metadata: { ...manifest.metadata, namespace: 'default' } };
}
