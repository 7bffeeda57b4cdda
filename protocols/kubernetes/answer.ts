import { apiVersionOf, type KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { ApiError } from './api-error.ts';
import type { WatchEvent } from './client.ts';
import { ConnectionError } from './connection-error.ts';

/** One page of a collection. */
export interface ListPage {
  readonly items: readonly KubernetesObject[];
  readonly resourceVersion: string;
  /** Where the next page starts; absent on the last. */
  readonly next?: string;
}

/** Reads an answer as an object of `kind`; list items of built-in kinds carry no kind of their own, so it is added. */
export function parseObject(value: unknown, kind: KindRef): KubernetesObject {
  if (!isRecord(value) || !isRecord(value['metadata']) || typeof value['metadata']['name'] !== 'string') {
    throw malformed(`an object of kind ${kind.kind}`, value);
  }
  if (typeof value['apiVersion'] !== 'string' || typeof value['kind'] !== 'string') {
    return { ...value, apiVersion: apiVersionOf(kind), kind: kind.kind } as unknown as KubernetesObject;
  }
  return value as unknown as KubernetesObject;
}

export function parseListPage(value: unknown, kind: KindRef): ListPage {
  if (!isRecord(value) || !isRecord(value['metadata'])) throw malformed(`a list of ${kind.plural}`, value);
  const { resourceVersion, continue: next } = value['metadata'];
  // Go writes an empty slice of some kinds as null.
  const items: unknown = value['items'] ?? [];
  if (!Array.isArray(items) || typeof resourceVersion !== 'string') throw malformed(`a list of ${kind.plural}`, value);
  return {
    items: items.map((item: unknown) => parseObject(item, kind)),
    resourceVersion,
    ...(typeof next === 'string' && next !== '' && { next }),
  };
}

/**
 * Reads one line of a watch. An ERROR event is thrown as ApiError.
 *
 * Source: Kubernetes API concepts, "Efficient detection of changes"; meta/v1 WatchEvent.
 */
export function parseWatchEvent(line: string, kind: KindRef): WatchEvent {
  const value = parseJson(line);
  if (!isRecord(value)) throw malformed('a watch event', value);
  const { type, object } = value;
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: parseObject(object, kind) };
    case 'BOOKMARK':
      if (!isRecord(object) || !isRecord(object['metadata'])) throw malformed('a bookmark', value);
      return { type, object: object as unknown as KubernetesObject };
    case 'ERROR':
      throw statusError(object, { code: 500, message: 'the watch failed' });
    default:
      throw malformed('a watch event', value);
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ConnectionError('malformed answer', `the server sent something that is not JSON: ${excerpt(text)}`, {
      cause: error,
    });
  }
}

/** The error for an HTTP answer of 400 and above; `text` is a Status, or whatever a proxy on the way has to say. */
export function answerError(code: number, text: string, retryAfterMs: number | undefined): ApiError {
  let status: unknown;
  try {
    status = JSON.parse(text);
  } catch {
    status = undefined;
  }
  const message = `HTTP ${code}${text === '' ? '' : `: ${excerpt(text)}`}`;
  return statusError(status, { code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}

function statusError(status: unknown, otherwise: { code: number; message: string; retryAfterMs?: number }): ApiError {
  if (!isRecord(status) || status['kind'] !== 'Status') {
    return new ApiError({ ...otherwise, reason: reasonOf(otherwise.code) });
  }
  const { code, reason, message, details } = status;
  const statusCode = typeof code === 'number' ? code : otherwise.code;
  const retryAfterMs = otherwise.retryAfterMs ?? retryAfterOf(details);
  return new ApiError({
    code: statusCode,
    reason: typeof reason === 'string' && reason !== '' ? reason : reasonOf(statusCode),
    message: typeof message === 'string' && message !== '' ? message : otherwise.message,
    ...(details !== undefined && { details }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function retryAfterOf(details: unknown): number | undefined {
  const seconds = isRecord(details) ? details['retryAfterSeconds'] : undefined;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined;
}

/** What the API server would have said; for answers of something in between. */
function reasonOf(code: number): string {
  switch (code) {
    case 400:
      return 'BadRequest';
    case 401:
      return 'Unauthorized';
    case 403:
      return 'Forbidden';
    case 404:
      return 'NotFound';
    case 409:
      return 'Conflict';
    case 410:
      return 'Gone';
    case 422:
      return 'Invalid';
    case 429:
      return 'TooManyRequests';
    case 503:
      return 'ServiceUnavailable';
    case 504:
      return 'Timeout';
    default:
      return code >= 500 ? 'InternalError' : 'Unknown';
  }
}

/** The value itself is left out of the message: it may be a Secret. */
function malformed(expected: string, value: unknown): ConnectionError {
  const shape = isRecord(value)
    ? `an object with ${Object.keys(value).slice(0, 8).join(', ') || 'no fields'}`
    : typeof value;
  return new ConnectionError('malformed answer', `expected ${expected}, got ${shape}`);
}

function excerpt(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}...`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
