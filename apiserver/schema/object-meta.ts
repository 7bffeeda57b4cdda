import { child, element, type FieldError, invalid, required, tooLong } from './field-error.ts';
import { type JsonObject, jsonEqual, listAt, objectAt, objectsAt, textAt } from './json.ts';
import { dnsLabel, labelValue, type NameCheck, qualifiedName } from './names.ts';

const MAX_ANNOTATION_BYTES = 256 * 1024;

/**
 * What is wrong with `metadata`, whatever the kind. Types of fields have been checked by the schema walk.
 *
 * Source: apimachinery pkg/api/validation/objectmeta.go.
 *
 * @param checkName the form of names of this kind
 * @param old on updates: name, namespace, uid and creation time must not change
 */
export function validateObjectMeta(
  object: JsonObject,
  checkName: NameCheck,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const meta = objectAt(object, 'metadata') ?? {};
  const errors: FieldError[] = [];
  const report = (field: string, value: string, problem: string | undefined): void => {
    if (problem !== undefined) errors.push(invalid(field, value, problem));
  };

  const generateName = textAt(meta, 'generateName');
  if (generateName !== '') report('metadata.generateName', generateName, checkName(generateName.replace(/-+$/, 'a')));
  const name = textAt(meta, 'name');
  if (name === '') {
    if (generateName === '') errors.push(required('metadata.name', 'name or generateName is required'));
  } else {
    report('metadata.name', name, checkName(name));
  }
  const namespace = textAt(meta, 'namespace');
  if (namespace !== '') report('metadata.namespace', namespace, dnsLabel(namespace));

  for (const [key, value] of Object.entries(objectAt(meta, 'labels') ?? {})) {
    report('metadata.labels', key, qualifiedName(key));
    if (typeof value === 'string') report('metadata.labels', value, labelValue(value));
  }
  let annotationBytes = 0;
  for (const [key, value] of Object.entries(objectAt(meta, 'annotations') ?? {})) {
    report('metadata.annotations', key, qualifiedName(key.toLowerCase()));
    annotationBytes += key.length + (typeof value === 'string' ? Buffer.byteLength(value) : 0);
  }
  if (annotationBytes > MAX_ANNOTATION_BYTES) errors.push(tooLong('metadata.annotations', MAX_ANNOTATION_BYTES));

  for (const finalizer of listAt(meta, 'finalizers')) {
    if (typeof finalizer === 'string') report('metadata.finalizers', finalizer, qualifiedName(finalizer));
  }
  errors.push(...ownerReferenceErrors(meta));
  if (old !== undefined) errors.push(...immutableErrors(meta, objectAt(old, 'metadata') ?? {}));
  return errors;
}

const STANDARD_FINALIZERS: ReadonlySet<unknown> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** Of built-in kinds: names without a domain are Kubernetes' own. Source: pkg/apis/core/validation, ValidateFinalizerName. */
export function finalizerErrors(object: JsonObject): readonly FieldError[] {
  const meta = objectAt(object, 'metadata') ?? {};
  const problem = 'name is neither a standard finalizer name nor is it fully qualified';
  return listAt(meta, 'finalizers').flatMap((name, index) =>
    typeof name !== 'string' || name.includes('/') || STANDARD_FINALIZERS.has(name)
      ? []
      : [invalid(element('metadata.finalizers', index), name, problem)],
  );
}

function ownerReferenceErrors(meta: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  let controller: JsonObject | undefined;
  for (const owner of objectsAt(meta, 'ownerReferences')) {
    const path = 'metadata.ownerReferences'; // without an index, as Kubernetes says it
    if (textAt(owner, 'apiVersion') === '')
      errors.push(invalid(child(path, 'apiVersion'), '', 'version must not be empty'));
    for (const key of ['kind', 'name', 'uid']) {
      if (textAt(owner, key) === '') errors.push(invalid(child(path, key), '', `${key} must not be empty`));
    }
    if (textAt(owner, 'kind') === 'Event' && ['v1', 'events.k8s.io/v1'].includes(textAt(owner, 'apiVersion'))) {
      const [version = '', group = ''] = textAt(owner, 'apiVersion').split('/').toReversed();
      errors.push(invalid(path, owner, `${group}/${version}, Kind=Event is disallowed from being an owner`));
    }
    if (owner['controller'] === true) {
      if (controller !== undefined) {
        errors.push(
          invalid(
            'metadata.ownerReferences',
            meta['ownerReferences'],
            `Only one reference can have Controller set to true. Found "true" in references for ${textAt(controller, 'kind')}/${textAt(controller, 'name')} and ${textAt(owner, 'kind')}/${textAt(owner, 'name')}`,
          ),
        );
      }
      controller = owner;
    }
  }
  return errors;
}

function immutableErrors(meta: JsonObject, old: JsonObject): readonly FieldError[] {
  return ['name', 'namespace', 'uid', 'creationTimestamp']
    .filter((key) => meta[key] !== undefined && !jsonEqual(meta[key], old[key]))
    .map((key) => invalid(child('metadata', key), meta[key], 'field is immutable'));
}

/** For embedded resources (`x-kubernetes-embedded-resource`): they have a type. What they are called nobody checks. */
export function validateEmbeddedResource(value: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const key of ['apiVersion', 'kind']) {
    if (textAt(value, key) === '') errors.push(required(child(path, key), 'must not be empty'));
  }
  return errors;
}
