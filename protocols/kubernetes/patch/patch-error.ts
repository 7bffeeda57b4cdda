/** A patch that cannot be applied. `status` is the HTTP status Kubernetes answers with. */
export class PatchError extends Error {
  override readonly name = 'PatchError';
  /** 400: not a patch at all; 413: too many operations; 422: a patch that does not fit the object (a failed `test` too). */
  readonly status: 400 | 413 | 422;
  constructor(status: PatchError['status'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}
