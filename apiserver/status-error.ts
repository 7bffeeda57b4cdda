import { type FieldError, invalidMessage } from './schema/field-error.ts';
import type { JsonObject } from './schema/json.ts';

/** Names the resource in messages: `services "x" not found`, `rules.crd.alauda.io "y" not found`. */
export interface ResourceName {
  /** `''` for the core group. */
  readonly group: string;
  readonly plural: string;
}

/** What one cause of a status says; admission uses reasons of its own. */
export interface StatusCause {
  readonly reason?: string;
  readonly field?: string;
  readonly message: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/**
 * A request that fails with a Kubernetes Status. The functions below make them with the texts of the real API server, which
 * clients match on.
 *
 * Source: apimachinery pkg/api/errors.
 */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: number;
  /** `''`: none that has a name */
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  /** For a list that cannot go on: how to begin again. */
  readonly continue: string | undefined;

  constructor(
    code: number,
    reason: string,
    message: string,
    extra: { readonly details?: StatusDetails; readonly continue?: string; readonly cause?: unknown } = {},
  ) {
    super(message, extra.cause === undefined ? {} : { cause: extra.cause });
    this.code = code;
    this.reason = reason;
    this.details = extra.details;
    this.continue = extra.continue;
  }

  /** The meta/v1 Status to answer with. */
  get status(): object {
    const { message, reason, code, details } = this;
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continue === undefined ? {} : { continue: this.continue },
      status: 'Failure',
      message,
      ...(reason === '' ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

/** The object of a request that names one in its path must say its name too. */
export function unnamed({ name }: { readonly name: string }): StatusError {
  return badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
}

export function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized');
}

export function forbidden(resource: ResourceName, name: string, why: string): StatusError {
  return new StatusError(403, 'Forbidden', `${resourceText(resource)} ${quote(name)} is forbidden: ${why}`, {
    details: detailsOf(resource, name),
  });
}

export function notFound(resource: ResourceName, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${resourceText(resource)} ${quote(name)} not found`, {
    details: detailsOf(resource, name),
  });
}

/** There is nothing at the path, and no group version that it could belong to: Kubernetes answers that in plain text. */
export function pageNotFound(): StatusError {
  return new StatusError(404, 'NotFound', PAGE_NOT_FOUND);
}

export const PAGE_NOT_FOUND = '404 page not found\n';

/** No such resource in a group version that there is. */
export function noSuchResource(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', { details: {} });
}

export function methodNotAllowed(): StatusError {
  return new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {
    details: {},
  });
}

/** As {@link methodNotAllowed}, of custom resources. */
export function methodNotSupported({ group, plural }: ResourceName, verb: string): StatusError {
  const message = `${verb} is not supported on resources of kind ${quote(resourceText({ group, plural }))}`;
  return new StatusError(405, 'MethodNotAllowed', message, { details: { group, kind: plural } });
}

/** The definition of the kind is being deleted. */
export function terminatingKind({ group, plural }: ResourceName): StatusError {
  const message = 'create not allowed while custom resource definition is terminating';
  return new StatusError(405, 'MethodNotAllowed', message, { details: { group, kind: plural } });
}

export function notAcceptable(): StatusError {
  return new StatusError(
    406,
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  );
}

export function alreadyExists(resource: ResourceName, name: string, isTerminating = false): StatusError {
  const why = `${resourceText(resource)} ${quote(name)} already exists`;
  return new StatusError(409, 'AlreadyExists', isTerminating ? `object is being deleted: ${why}` : why, {
    details: detailsOf(resource, name),
  });
}

export function conflict(resource: ResourceName, name: string, why: string): StatusError {
  return new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${resourceText(resource)} ${quote(name)}: ${why}`,
    { details: detailsOf(resource, name) },
  );
}

/** As {@link conflict}, of the kind rather than of the resource: Kubernetes says so where a deletion has preconditions. */
export function changedSincePrecondition(
  resource: ResourceName & { readonly kind: string },
  name: string,
  why: string,
): StatusError {
  const kind = resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
  return new StatusError(409, 'Conflict', `Operation cannot be fulfilled on ${kind} ${quote(name)}: ${why}`, {
    details: { ...detailsOf(resource, name), kind: resource.kind },
  });
}

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

/** A watch or a paged list from a revision that is forgotten: list again. */
export function expired(message: string, continueFrom?: string): StatusError {
  return new StatusError(410, 'Expired', message, continueFrom === undefined ? {} : { continue: continueFrom });
}

export function tooLarge(limitBytes: number): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limitBytes}`);
}

export function unsupportedMediaType(accepted: readonly string[], why = ''): StatusError {
  const hint = why === '' ? '' : `${why} - `;
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - ${hint}accepted media types include: ${accepted.join(', ')}`,
  );
}

/** `groupKind` is `Service` or `Ingress.networking.k8s.io`. */
export function invalidObject(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const groupKind = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  return new StatusError(422, 'Invalid', invalidMessage(groupKind, name, errors), {
    details: {
      ...(name === '' ? {} : { name }),
      ...(kind.group === '' ? {} : { group: kind.group }),
      ...(kind.kind === '' ? {} : { kind: kind.kind }),
      causes: errors,
    },
  });
}

export function internalError(message: string, cause?: unknown): StatusError {
  return new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, {
    details: { causes: [{ message }] },
    cause,
  });
}

export function success(resource: ResourceName, name: string, uid: string): JsonObject {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      ...(name === '' ? {} : { name }),
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.plural,
      ...(uid === '' ? {} : { uid }),
    },
  };
}

function resourceText({ group, plural }: ResourceName): string {
  return group === '' ? plural : `${plural}.${group}`;
}

function detailsOf({ group, plural }: ResourceName, name: string): StatusDetails {
  return { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural };
}

function quote(text: string): string {
  return JSON.stringify(text);
}
