import type { ResourceVersion } from './resource.ts';

/** A part of an object with a path of its own, as discovery and the OpenAPI documents tell of it. */
export interface Subresource {
  readonly name: string;
  /** Of what is sent and answered. */
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  /** Of RBAC. */
  readonly verbs: readonly ('create' | 'get' | 'patch' | 'update')[];
}

const OF_THE_OBJECT = ['get', 'patch', 'update'] as const;
export const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' } as const;
export const BINDING = { group: '', version: 'v1', kind: 'Binding' } as const;
export const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction' } as const;
const TOKEN_REQUEST = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' } as const;

export function subresourcesOf({ names, scale }: Pick<ResourceVersion, 'names' | 'scale'>): readonly Subresource[] {
  const { group, kind, statusSubresource } = names;
  const subresources: Subresource[] = [];
  if (statusSubresource) subresources.push({ name: 'status', kind: names, verbs: OF_THE_OBJECT });
  if (scale !== undefined) subresources.push({ name: 'scale', kind: SCALE, verbs: OF_THE_OBJECT });
  if (group === 'certificates.k8s.io' && kind === 'CertificateSigningRequest') {
    subresources.push({ name: 'approval', kind: names, verbs: OF_THE_OBJECT });
  }
  if (group !== '') return subresources;
  switch (kind) {
    case 'ServiceAccount':
      subresources.push({ name: 'token', kind: TOKEN_REQUEST, verbs: ['create'] });
      break;
    case 'Pod':
      subresources.push({ name: 'binding', kind: BINDING, verbs: ['create'] });
      subresources.push({ name: 'eviction', kind: EVICTION, verbs: ['create'] });
      subresources.push({ name: 'log', kind: names, verbs: ['get'] });
      break;
    case 'Namespace':
      subresources.push({ name: 'finalize', kind: names, verbs: ['update'] });
      break;
    default:
  }
  return subresources;
}
