import { BOOL, DYN, listOf, mapOf, type ObjectType, type Type } from '../cel/type.ts';

const TEXT: Type = { kind: 'string' };

const kind = objectType('kubernetes.GroupVersionKind', { group: TEXT, version: TEXT, kind: TEXT });
const resource = objectType('kubernetes.GroupVersionResource', { group: TEXT, version: TEXT, resource: TEXT });
const userInfo = objectType('kubernetes.UserInfo', {
  username: TEXT,
  uid: TEXT,
  groups: listOf(TEXT),
  extra: mapOf(TEXT, listOf(TEXT)),
});

/** What `request` is to expressions. Source: apiserver pkg/admission/plugin/cel/compile.go, BuildRequestType. */
export const REQUEST_TYPE: Type = objectType('kubernetes.AdmissionRequest', {
  kind,
  resource,
  subResource: TEXT,
  requestKind: kind,
  requestResource: resource,
  requestSubResource: TEXT,
  name: TEXT,
  namespace: TEXT,
  operation: TEXT,
  userInfo,
  dryRun: BOOL,
  options: DYN,
});

/** A type with these fields, whose names need no escape. */
export function objectType(name: string, fields: Readonly<Record<string, Type>>): ObjectType {
  const entries = Object.entries(fields);
  return {
    kind: 'object',
    name,
    fields: new Map(entries.map(([field, type]) => [field, { name: field, type }])),
    escapedNames: new Map(entries.map(([field]) => [field, field])),
  };
}
