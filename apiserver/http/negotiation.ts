import { notAcceptable } from '../status-error.ts';

/** How the client wants an object or a list. */
export type Representation =
  | { readonly as: 'json' }
  | { readonly as: 'yaml' }
  /** `apiVersion` is `meta.k8s.io/v1` or `v1beta1`. */
  | { readonly as: 'table'; readonly apiVersion: string }
  | { readonly as: 'metadata'; readonly apiVersion: string };

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The elements of an Accept header, in the client's order, which is its preference: Kubernetes' clients send no weights. */
export function mediaRanges(accept: string): readonly MediaRange[] {
  return accept
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
}

/**
 * Chooses the first representation in the Accept header that we have. Protobuf is never chosen: clients that ask for it
 * name JSON as well.
 *
 * @throws StatusError 406
 */
export function negotiate(accept: string): Representation {
  if (accept === '' || accept === 'application/json' || accept === '*/*') return { as: 'json' };
  for (const range of mediaRanges(accept)) {
    const representation = representationOf(range);
    if (representation !== undefined) return representation;
  }
  throw notAcceptable();
}

function representationOf({ type, parameters }: MediaRange): Representation | undefined {
  const as = parameters.get('as');
  if (type === 'application/yaml' && as === undefined) return { as: 'yaml' };
  if (type !== 'application/json' && type !== 'application/*' && type !== '*/*') return undefined;
  if (as === undefined) return { as: 'json' };
  const version = parameters.get('v') ?? '';
  if (parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  const apiVersion = `meta.k8s.io/${version}`;
  if (as === 'Table') return { as: 'table', apiVersion };
  if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return { as: 'metadata', apiVersion };
  return undefined;
}
