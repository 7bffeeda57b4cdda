import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';

const POD: KindRef = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };

/**
 * The image that this program runs from, so that data planes have the same one.
 *
 * @param environment POD_NAME and POD_NAMESPACE, from the downward API
 * @returns undefined outside of a pod
 */
export async function ownImage(
  client: Pick<KubernetesClient, 'get'>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string | undefined> {
  const { POD_NAME: name = '', POD_NAMESPACE: namespace = '' } = environment;
  if (name === '' || namespace === '') return undefined;
  const pod: Pod | undefined = await client.get(POD, { namespace, name });
  return pod?.spec?.containers?.[0]?.image;
}

interface Pod extends KubernetesObject {
  readonly spec?: { readonly containers?: readonly { readonly image?: string }[] };
}
