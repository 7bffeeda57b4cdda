import { child, element, type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonEqual,
  listAt,
  objectAt,
  objectsAt,
  textAt,
} from '../json.ts';
import { dns1035Label, dnsSubdomain } from '../names.ts';
import { selectableFieldErrors } from '../selectable-field-rules.ts';
import type { StructuralSchema } from '../structural.ts';
import { structuralErrors } from '../structural-rules.ts';
import { validationRuleErrors } from '../validation-rule-errors.ts';
import { webhookClientErrors } from '../webhook-client-rules.ts';
import type { KindRules } from './rules.ts';

const SCOPES = ['Cluster', 'Namespaced'];
const NO_PRESERVING =
  'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];

/** Source: apiextensions-apiserver pkg/apis/apiextensions/validation, ValidateCustomResourceDefinition. */
export const customResourceDefinitionRules: KindRules = {
  judgesAbsence: /^spec\.(?!.*x-kubernetes-validations)/,
  applyDefaults(object) {
    const names = objectAt(objectAt(object, 'spec'), 'names');
    const kind = textAt(names, 'kind');
    if (names === undefined || kind === '') return;
    names['singular'] ??= kind.toLowerCase();
    names['listKind'] ??= `${kind}List`;
  },
  validate(object, old) {
    const spec = objectAt(object, 'spec') ?? {};
    const names = objectAt(spec, 'names') ?? {};
    const group = textAt(spec, 'group');
    const errors: FieldError[] = [];
    const wanted = `${textAt(names, 'plural')}.${group}`;
    const name = textAt(objectAt(object, 'metadata'), 'name');
    if (old === undefined && name !== wanted) {
      errors.push(invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group'));
    }
    errors.push(...groupErrors(group), ...namesErrors(names));
    const scope = textAt(spec, 'scope');
    if (scope === '') errors.push(required('spec.scope'));
    else if (!SCOPES.includes(scope)) errors.push(notSupported('spec.scope', scope, SCOPES));
    if (spec['preserveUnknownFields'] === true) {
      const detail = 'must be false in order to use defaults in the schema';
      const schemas = objectsAt(spec, 'versions').map((version) => objectAt(version, 'schema'));
      if (schemas.some(hasDefault)) errors.push(invalid('spec.preserveUnknownFields', true, detail));
      errors.push(invalid('spec.preserveUnknownFields', true, NO_PRESERVING));
    }
    errors.push(...versionsErrors(spec), ...conversionErrors(spec), ...approvalErrors(object, old, group));
    if (old === undefined) return [...errors, ...firstStorageErrors(objectsAt(spec, 'versions'))];
    const stored = storedVersionErrors(
      listAt(objectAt(object, 'status'), 'storedVersions'),
      objectsAt(spec, 'versions'),
    );
    return [...errors, ...immutableErrors(spec, old), ...stored];
  },
};

/** Whether a schema, or one inside, has a default. */
function hasDefault(part: JsonValue | undefined): boolean {
  if (Array.isArray(part)) return part.some(hasDefault);
  if (!isJsonObject(part)) return false;
  const { properties, ...keywords } = part;
  if (keywords['default'] !== undefined) return true;
  const fields = isJsonObject(properties) ? Object.values(properties) : [];
  return fields.some(hasDefault) || Object.values(keywords).some(hasDefault);
}

function groupErrors(group: string): readonly FieldError[] {
  if (group === '') return [required('spec.group')];
  const problem = dnsSubdomain(group);
  if (problem !== undefined) return [invalid('spec.group', group, problem)];
  return group.includes('.') ? [] : [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

function namesErrors(names: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const check = (field: string, text: JsonValue | undefined, form: JsonValue | undefined = text, about = ''): void => {
    const problem = typeof form === 'string' ? dns1035Label(form) : undefined;
    if (problem !== undefined) errors.push(invalid(field, text, about + problem));
  };
  for (const key of ['plural', 'singular', 'kind', 'listKind']) {
    const field = child('spec.names', key);
    const text = textAt(names, key);
    if (text === '') errors.push(required(field));
    else if (key === 'plural' || key === 'singular') check(field, text);
    else check(field, text, text.toLowerCase(), 'may have mixed case, but should otherwise match: ');
  }
  for (const key of ['shortNames', 'categories']) {
    for (const [index, text] of listAt(names, key).entries()) check(element(child('spec.names', key), index), text);
  }
  const kind = textAt(names, 'kind');
  if (kind !== '' && kind === textAt(names, 'listKind')) {
    errors.push(invalid('spec.names.listKind', kind, 'kind and listKind may not be the same'));
  }
  return errors;
}

function versionsErrors(spec: JsonObject): readonly FieldError[] {
  const versions = objectsAt(spec, 'versions');
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, version] of versions.entries()) {
    const path = element('spec.versions', index);
    const name = textAt(version, 'name');
    const problem = dns1035Label(name);
    if (problem !== undefined) errors.push(invalid(child(path, 'name'), name, problem));
    seen.add(name);
    errors.push(...deprecationErrors(version, child(path, 'deprecationWarning')));
    if (objectAt(objectAt(version, 'schema'), 'openAPIV3Schema') === undefined) {
      errors.push(required(child(path, 'schema.openAPIV3Schema'), 'schemas are required'));
    }
  }
  if (seen.size < versions.length) {
    errors.push(invalid('spec.versions', versions.map(versionSummary), 'must contain unique version names'));
  }
  const [first] = versions;
  const problem = first === undefined ? undefined : dns1035Label(textAt(first, 'name'));
  if (first !== undefined && problem !== undefined)
    errors.push(invalid('spec.version', textAt(first, 'name'), problem));
  errors.push(...partErrors(versions, 'schema', 'spec.validation', schemaPartErrors));
  errors.push(...partErrors(versions, 'additionalPrinterColumns', 'spec.additionalPrinterColumns', columnErrors));
  errors.push(...partErrors(versions, 'selectableFields', 'spec.selectableFields', fieldErrors));
  errors.push(...partErrors(versions, 'subresources', 'spec.subresources', subresourceErrors));
  if (versions.filter((version) => version['storage'] === true).length !== 1) {
    errors.push(
      invalid('spec.versions', versions.map(versionSummary), 'must have exactly one version marked as storage version'),
    );
  }
  return errors;
}

/** A whole version, with its schema, would make a message of many screens. */
function versionSummary(version: JsonObject): JsonObject {
  const { name = null, served = null, storage = null } = version;
  return { name, served, storage };
}

/**
 * What all versions have alike is looked at once, and its place is called what it was in v1beta1: that is the form in which a real server
 * keeps a CRD.
 */
function partErrors(
  versions: readonly JsonObject[],
  part: string,
  together: string,
  check: (part: JsonValue | undefined, path: string, version: JsonObject) => readonly FieldError[],
): readonly FieldError[] {
  const [first] = versions;
  if (first === undefined) return [];
  if (versions.every((version) => jsonEqual(version[part], first[part]))) return check(first[part], together, first);
  return versions.flatMap((version, index) =>
    check(version[part], child(element('spec.versions', index), part), version),
  );
}

function fieldErrors(part: JsonValue | undefined, path: string, version: JsonObject): readonly FieldError[] {
  const schema = objectAt(objectAt(version, 'schema'), 'openAPIV3Schema');
  // What is wrong with the schema is said elsewhere.
  return schema === undefined ? [] : selectableFieldErrors(part, schema as unknown as StructuralSchema, path);
}

function schemaPartErrors(part: JsonValue | undefined, path: string, version: JsonObject): readonly FieldError[] {
  const schema = isJsonObject(part) ? objectAt(part, 'openAPIV3Schema') : undefined;
  const field = child(path, 'openAPIV3Schema');
  if (schema === undefined) return [];
  const nullable = schema['nullable'] === true;
  const errors = nullable ? [forbidden(child(field, 'nullable'), 'nullable cannot be true at the root')] : [];
  const status = objectAt(objectAt(version, 'subresources'), 'status') !== undefined;
  return [...errors, ...(status ? rootErrors(schema, field) : []), ...schemaErrors(schema, field)];
}

/** Keywords beside which the schema of the status can be judged alone. */
const WITH_STATUS: ReadonlySet<string> = new Set([
  'description',
  'type',
  'format',
  'title',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'multipleOf',
  'required',
  'items',
  'properties',
  'externalDocs',
  'example',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
]);

function rootErrors(schema: JsonObject, field: string): readonly FieldError[] {
  const wrong = Object.entries(schema).some(
    ([keyword, value]) => !WITH_STATUS.has(keyword) && value !== false && value !== null,
  );
  if (!wrong) return [];
  const names = [...WITH_STATUS].map((keyword) =>
    keyword
      .replace('x-kubernetes-', '-x-')
      .replaceAll(/(^|-)(.)/g, (_all, _dash, letter: string) => letter.toUpperCase()),
  );
  const detail = `only [${names.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`;
  return [invalid(field, { type: schema['type'] ?? '' }, detail)];
}

function deprecationErrors(version: JsonObject, field: string): readonly FieldError[] {
  const warning = version['deprecationWarning'];
  if (typeof warning !== 'string') return [];
  if (version['deprecated'] !== true) return [invalid(field, warning, 'can only be set for deprecated versions')];
  const errors: FieldError[] = [];
  if (warning.length > 256) errors.push(invalid(field, warning, 'must be <= 256 characters long'));
  if (warning === '') errors.push(invalid(field, warning, 'must not be an empty string'));
  const at = warning.search(/[\p{C}\p{Zl}\p{Zp}]/u);
  if (at >= 0) {
    const detail = `must only contain printable UTF-8 characters; non-printable character found at index ${at}`;
    errors.push(invalid(field, warning, detail));
  }
  return errors;
}

const APPROVAL = 'api-approved.kubernetes.io';
const PROPOSAL = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** Groups of Kubernetes itself. What was not approved before may stay so. */
function approvalErrors(object: JsonObject, old: JsonObject | undefined, group: string): readonly FieldError[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return [];
  const approval = (crd: JsonObject): string => textAt(objectAt(objectAt(crd, 'metadata'), 'annotations'), APPROVAL);
  const given = approval(object);
  if (old !== undefined && approval(old) === given) return [];
  const field = `metadata.annotations[${APPROVAL}]`;
  const must = `protected groups must have approval annotation ${JSON.stringify(APPROVAL)}`;
  if (given === '') return [required(field, `${must}, ${PROPOSAL}`)];
  if (given.startsWith('unapproved') || (/^[a-z]+:\/\/[^/]/i.test(given) && URL.canParse(given))) return [];
  return [invalid(field, given, `${must} with either a URL or a reason starting with "unapproved", ${PROPOSAL}`)];
}

function columnErrors(part: JsonValue | undefined, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, column] of (Array.isArray(part) ? part : []).filter(isJsonObject).entries()) {
    const field = element(path, index);
    const type = textAt(column, 'type');
    if (textAt(column, 'name') === '') errors.push(required(child(field, 'name')));
    const types = `must be one of ${COLUMN_TYPES.join(',')}`;
    if (type === '') errors.push(required(child(field, 'type'), types));
    else if (!COLUMN_TYPES.includes(type)) errors.push(invalid(child(field, 'type'), type, types));
    const format = textAt(column, 'format');
    if (format !== '' && !COLUMN_FORMATS.includes(format)) {
      errors.push(invalid(child(field, 'format'), format, `must be one of ${COLUMN_FORMATS.join(',')}`));
    }
    errors.push(...pathErrors(textAt(column, 'jsonPath'), child(field, 'JSONPath')));
  }
  return errors;
}

function subresourceErrors(part: JsonValue | undefined, path: string): readonly FieldError[] {
  const scale = isJsonObject(part) ? objectAt(part, 'scale') : undefined;
  if (scale === undefined) return [];
  const field = child(path, 'scale');
  return [
    ...scalePathErrors(scale, 'specReplicasPath', '.spec.', field),
    ...scalePathErrors(scale, 'statusReplicasPath', '.status.', field),
    ...selectorPathErrors(textAt(scale, 'labelSelectorPath'), child(field, 'labelSelectorPath')),
  ];
}

/** Rules are looked at when the schema is right: they are about what it says. */
function schemaErrors(schema: JsonObject, path: string): readonly FieldError[] {
  const errors = structuralErrors(schema, path);
  // Nothing is wrong with it, so it is what its type says.
  return errors.length > 0 ? errors : validationRuleErrors(schema as unknown as StructuralSchema, path);
}

function scalePathErrors(scale: JsonObject, key: string, prefix: string, field: string): readonly FieldError[] {
  const path = textAt(scale, key);
  if (path === '') return [required(child(field, key))];
  if (!path.startsWith('.')) return pathErrors(path, child(field, key));
  return path.startsWith(prefix)
    ? []
    : [invalid(child(field, key), path, `should be a json path under ${prefix.slice(0, -1)}`)];
}

function selectorPathErrors(path: string, field: string): readonly FieldError[] {
  if (path === '' || path.startsWith('.spec.') || path.startsWith('.status.')) return [];
  if (!path.startsWith('.')) return pathErrors(path, field);
  return [invalid(field, path, 'should be a json path under either .spec or .status')];
}

function pathErrors(path: string, field: string): readonly FieldError[] {
  if (path === '') return [required(field)];
  return path.startsWith('.') ? [] : [invalid(field, path, 'must be a simple json path starting with .')];
}

/** Its places are called what they were in v1beta1, as those that {@link partErrors} speaks of. */
function conversionErrors(spec: JsonObject): readonly FieldError[] {
  const conversion = objectAt(spec, 'conversion');
  if (conversion === undefined) return [];
  const webhook = objectAt(conversion, 'webhook');
  const client = objectAt(webhook, 'clientConfig');
  const clientField = 'spec.conversion.webhookClientConfig';
  const versionsField = 'spec.conversion.conversionReviewVersions';
  const versions = listAt(webhook, 'conversionReviewVersions');
  const strategy = textAt(conversion, 'strategy');
  if (strategy === 'Webhook') {
    const errors: FieldError[] = [];
    if (spec['preserveUnknownFields'] === true) {
      const detail = 'must be None if spec.preserveUnknownFields is true';
      errors.push(invalid('spec.conversion.strategy', strategy, detail));
    }
    if (client === undefined) errors.push(required(clientField, 'required when strategy is set to Webhook'));
    else errors.push(...webhookClientErrors(client, clientField));
    return [...errors, ...reviewVersionErrors(versions, versionsField)];
  }
  const errors: FieldError[] = [];
  if (strategy === '') errors.push(required('spec.conversion.strategy'));
  else if (strategy !== 'None') errors.push(notSupported('spec.conversion.strategy', strategy, ['None', 'Webhook']));
  const unwanted = 'should not be set when strategy is not set to Webhook';
  if (client !== undefined) errors.push(forbidden(clientField, unwanted));
  if (versions.length > 0) errors.push(forbidden(versionsField, unwanted));
  return errors;
}

const REVIEW_VERSIONS = ['v1', 'v1beta1'];

function reviewVersionErrors(versions: readonly JsonValue[], field: string): readonly FieldError[] {
  if (versions.length === 0) return [required(field)];
  const errors: FieldError[] = [];
  const seen = new Set<JsonValue>();
  for (const [index, version] of versions.entries()) {
    const problem = seen.has(version) ? 'duplicate version' : dns1035Label(String(version));
    if (problem !== undefined) errors.push(invalid(element(field, index), version, problem));
    seen.add(version);
  }
  if (!REVIEW_VERSIONS.some((version) => seen.has(version))) {
    errors.push(invalid(field, [...versions], `must include at least one of ${REVIEW_VERSIONS.join(', ')}`));
  }
  return errors;
}

/** Of a new definition the first version that says so is the one that is stored. */
function firstStorageErrors(versions: readonly JsonObject[]): readonly FieldError[] {
  const first = versions.find(({ storage }) => storage === true);
  return storedVersionErrors(first === undefined ? [] : [first['name'] ?? ''], versions);
}

/** What may be stored in some version needs that version to be read. */
function storedVersionErrors(stored: readonly JsonValue[], versions: readonly JsonObject[]): readonly FieldError[] {
  const field = 'status.storedVersions';
  if (stored.length === 0) return [invalid(field, [], 'must have at least one stored version')];
  const errors: FieldError[] = [];
  for (const { name = '', storage } of versions) {
    if (storage !== true || stored.includes(name)) continue;
    errors.push(invalid(field, [...stored], `must have the storage version ${String(name)}`));
  }
  for (const [index, each] of stored.entries()) {
    if (versions.some(({ name }) => name === each)) continue;
    const version = String(each);
    const detail =
      `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a ` +
      `storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`;
    errors.push(invalid(element(field, index), version, detail));
  }
  return errors;
}

/** Nobody relies yet on the kind and scope of what was never established. */
function immutableErrors(spec: JsonObject, oldObject: JsonObject): readonly FieldError[] {
  const old = objectAt(oldObject, 'spec') ?? {};
  const established = objectsAt(objectAt(oldObject, 'status'), 'conditions').some(
    ({ type, status }) => type === 'Established' && status === 'True',
  );
  const errors: FieldError[] = [];
  const compare = (field: string, value: JsonValue | undefined, before: JsonValue | undefined): void => {
    if (!jsonEqual(value, before)) errors.push(invalid(field, value, 'field is immutable'));
  };
  const names = objectAt(spec, 'names');
  const oldNames = objectAt(old, 'names');
  if (established) {
    compare('spec.scope', spec['scope'], old['scope']);
    compare('spec.names.kind', names?.['kind'], oldNames?.['kind']);
  }
  compare('spec.group', spec['group'], old['group']);
  compare('spec.names.plural', names?.['plural'], oldNames?.['plural']);
  return errors;
}
