import { groupKindText, type KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';

/** The text of a field for comparison; `''` when the object does not have it. */
export type FieldText = (object: KubernetesObject) => string;

const EVENT_FIELDS = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

/**
 * Fields that a kind can be selected by, besides `metadata.name` and `metadata.namespace`.
 *
 * Source: Kubernetes, "Field selectors: list of supported fields".
 */
const SELECTABLE: Readonly<Record<string, Readonly<Record<string, FieldText>>>> = {
  'CertificateSigningRequest.certificates.k8s.io': { 'spec.signerName': textAtPath(['spec', 'signerName']) },
  Event: {
    ...Object.fromEntries(
      EVENT_FIELDS.map((field) => [`involvedObject.${field}`, textAtPath(['involvedObject', field])]),
    ),
    reason: textAtPath(['reason']),
    reportingComponent: textAtPath(['reportingComponent']),
    source: (object) => textAtPath(['source', 'component'])(object) || textAtPath(['reportingComponent'])(object),
    type: textAtPath(['type']),
  },
  Namespace: { 'status.phase': textAtPath(['status', 'phase']) },
  Node: { 'spec.unschedulable': booleanAtPath(['spec', 'unschedulable']) },
  Pod: {
    'spec.nodeName': textAtPath(['spec', 'nodeName']),
    'spec.restartPolicy': textAtPath(['spec', 'restartPolicy']),
    'spec.schedulerName': textAtPath(['spec', 'schedulerName']),
    'spec.serviceAccountName': textAtPath(['spec', 'serviceAccountName']),
    'spec.hostNetwork': booleanAtPath(['spec', 'hostNetwork']),
    'status.phase': textAtPath(['status', 'phase']),
    'status.podIP': textAtPath(['status', 'podIP']),
    'status.podIPs': textAtPath(['status', 'podIP']),
    'status.nominatedNodeName': textAtPath(['status', 'nominatedNodeName']),
  },
  Secret: { type: textAtPath(['type']) },
  Service: { 'spec.clusterIP': textAtPath(['spec', 'clusterIP']), 'spec.type': textAtPath(['spec', 'type']) },
};

/**
 * How to read a field of a kind for a field selector; undefined when the kind cannot be selected by it.
 *
 * @param declared JSON paths that a CRD version declares in `selectableFields`
 */
export function selectableField(kind: KindRef, field: string, declared: readonly string[]): FieldText | undefined {
  if (field === 'metadata.name') return (object) => object.metadata.name;
  if (field === 'metadata.namespace') return (object) => object.metadata.namespace ?? '';
  if (declared.includes(`.${field}`)) return textAtPath(field.split('.'));
  return SELECTABLE[groupKindText(kind)]?.[field];
}

/** Whether a built-in kind can be selected by more than its name and namespace. */
export function hasSelectableFields(kind: KindRef): boolean {
  return SELECTABLE[groupKindText(kind)] !== undefined;
}

function textAtPath(path: readonly string[]): FieldText {
  return (object) => {
    let value: unknown = object;
    for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  };
}

function booleanAtPath(path: readonly string[]): FieldText {
  const text = textAtPath(path);
  return (object) => (text(object) === 'true' ? 'true' : 'false');
}
