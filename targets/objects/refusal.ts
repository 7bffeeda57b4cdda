import { ApiError } from '@causeway/protocols/kubernetes/api-error';
import { PatchError } from '@causeway/protocols/kubernetes/patch/patch-error';

/** Answers that say nothing of what was written: who are you, there is no such thing, it is newer already, later. */
const NOT_OF_CONTENT: ReadonlySet<number> = new Set([401, 404, 408, 409, 429]);

/** Whether an object cannot be written because of what is in it, or of who judges writes; not because a server is ill, or has a newer one. */
export function isRefusal(error: unknown): error is Error {
  if (error instanceof PatchError) return true;
  return error instanceof ApiError && error.code >= 400 && error.code < 500 && !NOT_OF_CONTENT.has(error.code);
}
