/**
 * The API server answered, and the answer was no.
 *
 * Source: Kubernetes API conventions, "Response Status Kind" (meta/v1 Status).
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status code. */
  readonly code: number;
  /** Machine-readable cause such as `NotFound`, `Conflict`, `AlreadyExists`, `Expired`, `Invalid`; `Unknown` if the server gave none. */
  readonly reason: string;
  /** Status.details: kind, name and, for `Invalid`, the causes with their field paths. */
  readonly details?: unknown;
  /** How long the server asks to wait before the next attempt. */
  readonly retryAfterMs?: number;

  constructor(status: { code: number; reason: string; message: string; details?: unknown; retryAfterMs?: number }) {
    super(status.message);
    this.code = status.code;
    this.reason = status.reason;
    if (status.details !== undefined) this.details = status.details;
    if (status.retryAfterMs !== undefined) this.retryAfterMs = status.retryAfterMs;
  }
}

/** Whether `error` is an answer of the API server with this reason, e.g. `hasReason(error, 'Conflict')`. */
export function hasReason(error: unknown, reason: string): error is ApiError {
  return error instanceof ApiError && error.reason === reason;
}

/**
 * Whether the resource version or continue token that was sent is too old for
 * the server's history, so that the reader must list again.
 */
export function isExpired(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.code === 410 || error.reason === 'Expired' || error.reason === 'Gone');
}
