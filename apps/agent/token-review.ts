import { createHash } from 'node:crypto';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';

/** The API server is asked again about a token after this long. */
const FRESH_MS = 60_000;
/** A token that was good is believed this long while the API server does not answer: metrics matter most then. */
const STALE_MS = 15 * 60_000;
const TOKENS_MAX = 1_000;

/**
 * Asks the API server whether a bearer token is somebody's; authentication.k8s.io/v1 TokenReview. Remembers those that are.
 *
 * @param now milliseconds, of any clock that does not jump
 * @returns a function that throws what the client throws when the API server does not answer and the token is not known
 */
export function tokenReview(api: KubernetesClient, now: () => number): (token: string) => Promise<boolean> {
  /** When a token, kept as a hash, was found to be good. */
  const goodAt = new Map<string, number>();
  return async (token) => {
    const key = createHash('sha256').update(token).digest('base64');
    const ageMs = now() - (goodAt.get(key) ?? Number.NEGATIVE_INFINITY);
    if (ageMs < FRESH_MS) return true;
    try {
      const good = await isAuthentic(api, token);
      goodAt.delete(key);
      if (goodAt.size >= TOKENS_MAX) goodAt.clear();
      if (good) goodAt.set(key, now());
      return good;
    } catch (error) {
      if (ageMs < STALE_MS) return true;
      throw error;
    }
  };
}

async function isAuthentic(api: KubernetesClient, token: string): Promise<boolean> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
  const answer = await api.post('/apis/authentication.k8s.io/v1/tokenreviews', review);
  const { status } = answer as { readonly status?: { readonly authenticated?: boolean } };
  return status?.authenticated === true;
}
