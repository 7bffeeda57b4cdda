/**
 * What a request wants to do, in the words of authorization.
 *
 * Source: Kubernetes, "Authorization", "Determine the request verb".
 */
export type Attributes = ResourceAttributes | PathAttributes;

export interface ResourceAttributes {
  readonly type: 'resource';
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, or a special one as `bind`. */
  readonly verb: string;
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural. */
  readonly resource: string;
  readonly subresource: string;
  /** `''`: all namespaces, or a resource without. */
  readonly namespace: string;
  /** `''`: no object in particular. */
  readonly name: string;
}

export interface PathAttributes {
  readonly type: 'path';
  /** The method, in lower case. */
  readonly verb: string;
  readonly path: string;
}

export interface RequestLine {
  readonly method: string;
  /** Decoded elements of the path. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export function attributesOf({ method, path, query }: RequestLine): Attributes {
  const isCore = path[0] === 'api';
  const [group, version, parts] = isCore ? ['', path[1], path.slice(2)] : [path[1], path[2], path.slice(3)];
  if ((!isCore && path[0] !== 'apis') || group === undefined || version === undefined || parts.length === 0) {
    return { type: 'path', verb: method.toLowerCase(), path: `/${path.join('/')}` };
  }
  const namespaced = parts[0] === 'namespaces' && parts.length > 2 && !isOfNamespace(parts);
  const [resource = '', name = '', subresource = ''] = namespaced ? parts.slice(2) : parts;
  // As with Kubernetes a Namespace is in itself.
  const inNamespace = namespaced || (group === '' && resource === 'namespaces');
  const namespace = inNamespace ? (parts[1] ?? '') : '';
  const watches = query.get('watch') === 'true' || query.get('watch') === '1';
  const selected = name === '' ? /^metadata\.name=([^,!=]+)$/.exec(query.get('fieldSelector') ?? '')?.[1] : undefined;
  const verb = verbOf(method, name, watches);
  return { type: 'resource', verb, group, version, resource, subresource, namespace, name: selected ?? name };
}

function verbOf(method: string, name: string, watches: boolean): string {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (watches) return 'watch';
      return name === '' ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    default:
      return method.toLowerCase();
  }
}

/** `/api/v1/namespaces/<name>/status` is about the Namespace. */
function isOfNamespace(parts: readonly string[]): boolean {
  return parts.length === 3 && (parts[2] === 'status' || parts[2] === 'finalize');
}
