import { ApiError } from '@causeway/protocols/kubernetes/api-error';

/**
 * Whether a write was refused because it was computed from a state that is no
 * longer the newest. Computing again, when the snapshot has caught up, is the cure.
 */
export function isOutdated(error: unknown): boolean {
  return error instanceof ApiError && error.code === 409;
}
