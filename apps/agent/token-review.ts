import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';

/** Asks the API server whether a bearer token is somebody's; authentication.k8s.io/v1 TokenReview. */
export async function isAuthentic(api: KubernetesClient, token: string): Promise<boolean> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
  const answer = await api.post('/apis/authentication.k8s.io/v1/tokenreviews', review);
  const { status } = answer as { readonly status?: { readonly authenticated?: boolean } };
  return status?.authenticated === true;
}
