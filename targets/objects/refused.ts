import { ApiError } from '@causeway/protocols/kubernetes/api-error';

/** Why the API does not take what an object says; undefined: the error is another. Trying again is no cure. */
export function refusal(error: unknown): string | undefined {
  return error instanceof ApiError && error.code === 422 ? error.message : undefined;
}
