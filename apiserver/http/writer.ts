import { type FieldError, forbidden, invalid, required, tooLong } from '../schema/field-error.ts';
import { invalidObject } from '../status-error.ts';
import { OWN_WRITER, type RequestWriter } from '../verbs/field-record.ts';
import { APPLY_PATCH } from '../verbs/patch.ts';
import type { Exchange } from './exchange.ts';

const NAME_LENGTH_MAX = 128;

/** A client that gives itself no name in the query is known by its program. @throws StatusError 422 */
export function requestWriter(exchange: Exchange, subresource: RequestWriter['subresource']): RequestWriter {
  const given = exchange.param('fieldManager');
  if (given === undefined) {
    const manager = programOf(exchange.request.headers['user-agent'] ?? '');
    return { manager: manager || 'unknown', subresource, begins: manager !== OWN_WRITER.manager };
  }
  if (given.length > NAME_LENGTH_MAX) throw invalidOptions(exchange, tooLong('fieldManager', NAME_LENGTH_MAX));
  const bad = /\p{C}/u.exec(given);
  if (bad !== null) throw invalidOptions(exchange, unprintable(given, bad));
  return { manager: given, subresource, begins: true };
}

function unprintable(name: string, { 0: character, index }: RegExpExecArray): FieldError {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const position = Buffer.byteLength(name.slice(0, index));
  const error = invalid('fieldManager', name, `invalid character U+${code} (at position ${position})`);
  // As Go quotes it.
  return { ...error, message: error.message.replaceAll(/\\u00(?=[01])/g, '\\x') };
}

/** @throws StatusError 422 */
export function checkPatchOptions(exchange: Exchange, contentType: string): void {
  if (contentType === APPLY_PATCH) {
    if (exchange.param('fieldManager') !== undefined) return;
    throw invalidOptions(exchange, required('fieldManager', 'is required for apply patch'));
  }
  if (exchange.param('force') === undefined) return;
  throw invalidOptions(exchange, forbidden('force', 'may not be specified for non-apply patch'));
}

/** `kubectl/v1.34.0 (linux/amd64) kubernetes/abc` -> `kubectl` */
function programOf(userAgent: string): string {
  return (userAgent.split('/', 1)[0] ?? '').replaceAll(/\p{C}/gu, '').slice(0, NAME_LENGTH_MAX);
}

const OPTIONS_KIND: Readonly<Record<string, string>> = {
  POST: 'CreateOptions',
  PUT: 'UpdateOptions',
  DELETE: 'DeleteOptions',
};

/** 422: what is wrong with the options of the request, in the query or in the body of a deletion. */
export function invalidOptions({ method }: Exchange, error: FieldError): Error {
  return invalidObject({ group: 'meta.k8s.io', kind: OPTIONS_KIND[method] ?? 'PatchOptions' }, '', [error]);
}
