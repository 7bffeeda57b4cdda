import { PROTOBUF_TYPE } from '../protobuf/decode.ts';
import { notAcceptable } from '../status-error.ts';

export type Format = 'json' | 'yaml' | 'protobuf';

/** How the client wants an object or a list. `apiVersion` is `meta.k8s.io/v1` or `v1beta1`. */
export type Representation =
  | { readonly as: 'object'; readonly format: Format }
  | { readonly as: 'table'; readonly format: 'json' | 'yaml'; readonly apiVersion: string }
  | { readonly as: 'metadata'; readonly format: Format; readonly apiVersion: string; readonly kind: MetadataKind };

type MetadataKind = 'PartialObjectMetadata' | 'PartialObjectMetadataList';

export interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The elements of an Accept header, what the client prefers first: by weight, then what is more exact, then in its own order. */
export function mediaRanges(accept: string): readonly MediaRange[] {
  const ranges = accept
    .split(',')
    .map((range) => range.trim())
    .filter((range) => range !== '')
    .map((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
      const pairs = parameters.map((parameter): [string, string] => {
        const [name = '', value = ''] = parameter.split('=', 2);
        return [name.trim(), value.trim()];
      });
      return { type: type.toLowerCase(), parameters: new Map(pairs) };
    });
  return ranges.toSorted((a, b) => weight(b) - weight(a) || exactness(b) - exactness(a));
}

function weight({ parameters }: MediaRange): number {
  const given = parameters.get('q');
  const value = given === undefined ? 1 : Number(given);
  return Number.isNaN(value) ? 1 : value;
}

function exactness({ type }: MediaRange): number {
  if (type === '*/*') return 0;
  return type.endsWith('/*') ? 1 : 2;
}

/**
 * Chooses the first representation in the Accept header that we have.
 *
 * Source: apiserver pkg/endpoints/handlers/negotiation.
 *
 * @param hasProtobuf whether the whole objects have a protobuf form; their metadata always has
 * @throws StatusError 406
 */
export function negotiate(accept: string, hasProtobuf: boolean): Representation {
  if (accept === '' || accept === 'application/json' || accept === '*/*') return PLAIN;
  for (const range of mediaRanges(accept)) {
    const representation = representationOf(range, hasProtobuf);
    if (representation !== undefined) return representation;
  }
  throw notAcceptable();
}

const PLAIN: Representation = { as: 'object', format: 'json' };

const FORMATS: ReadonlyMap<string, Format> = new Map([
  ['application/json', 'json'],
  ['application/*', 'json'],
  ['*/*', 'json'],
  ['application/yaml', 'yaml'],
  [PROTOBUF_TYPE, 'protobuf'],
]);

function representationOf({ type, parameters }: MediaRange, hasProtobuf: boolean): Representation | undefined {
  const format = FORMATS.get(type);
  const as = parameters.get('as');
  if (format === undefined) return undefined;
  if (as === undefined) return format === 'protobuf' && !hasProtobuf ? undefined : { as: 'object', format };
  const version = parameters.get('v') ?? '';
  if (parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  const apiVersion = `meta.k8s.io/${version}`;
  // Cells of a table can be anything, which protobuf cannot say.
  if (as === 'Table') return format === 'protobuf' ? undefined : { as: 'table', format, apiVersion };
  if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList')
    return { as: 'metadata', format, apiVersion, kind: as };
  return undefined;
}

/** Whether the range names a form of whole objects. */
export function acceptsObject(range: MediaRange): boolean {
  return representationOf(range, true)?.as === 'object';
}

/** Whether the header names a form that there is at all, for whatever. */
export function acceptsAnyForm(accept: string): boolean {
  return mediaRanges(accept).some(({ type }) => FORMATS.has(type));
}

/** In which form a Status is sent: errors are told to everybody. */
export function statusFormat(accept: string): Format {
  if (accept === '' || accept === 'application/json' || accept === '*/*') return 'json';
  for (const range of mediaRanges(accept)) {
    const representation = representationOf(range, true);
    if (representation !== undefined) return representation.format;
  }
  return 'json';
}
