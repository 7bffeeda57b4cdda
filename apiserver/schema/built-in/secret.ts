import { type FieldError, invalid, keyed, required, tooLong } from '../field-error.ts';
import { isJsonObject, type JsonObject, objectAt, textAt } from '../json.ts';
import { dataKeyErrors, immutableDataErrors } from './config-map.ts';
import type { KindRules } from './rules.ts';

const MAX_BYTES = 1024 * 1024;
const ACCOUNT = 'kubernetes.io/service-account.name';
const DOCKER_JSON = 'kubernetes.io/dockerconfigjson';

/** Keys that a Secret of a type must have. */
const REQUIRED_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['kubernetes.io/tls', ['tls.crt', 'tls.key']],
  ['kubernetes.io/dockerconfigjson', ['.dockerconfigjson']],
  ['kubernetes.io/dockercfg', ['.dockercfg']],
  ['kubernetes.io/ssh-auth', ['ssh-privatekey']],
]);

/** Source: Kubernetes pkg/apis/core/validation, ValidateSecret. */
export const secretRules: KindRules = {
  /** `stringData` is write-only: its values win over `data`, encoded. */
  prepare(object) {
    const given = objectAt(object, 'stringData');
    delete object['stringData'];
    if (given === undefined) return;
    const data = isJsonObject(object['data']) ? object['data'] : {};
    for (const [key, value] of Object.entries(given)) {
      data[key] = Buffer.from(typeof value === 'string' ? value : '', 'utf8').toString('base64');
    }
    object['data'] = data;
  },
  validate(object, old) {
    const data = objectAt(object, 'data') ?? {};
    const errors = [...dataKeyErrors(data, 'data'), ...typeErrors(object, textAt(object, 'type'), data)];
    const bytes = Object.values(data).reduce<number>((sum, value) => sum + decodedBytes(value), 0);
    if (bytes > MAX_BYTES) errors.push(tooLong('data', MAX_BYTES));
    if (old !== undefined && textAt(old, 'type') !== textAt(object, 'type')) {
      errors.push(invalid('type', object['type'], 'field is immutable'));
    }
    return [...errors, ...immutableDataErrors(object, old, ['data'])];
  },
  warnings(object) {
    if (textAt(object, 'type') !== 'kubernetes.io/tls') return [];
    const certificate = decoded(textAt(objectAt(object, 'data'), 'tls.crt'));
    return certificate.includes('-----BEGIN ') ? [] : ['tls: failed to find any PEM data in certificate input'];
  },
};

function typeErrors(object: JsonObject, type: string, data: JsonObject): readonly FieldError[] {
  if (type === 'kubernetes.io/service-account-token') {
    const annotations = objectAt(objectAt(object, 'metadata'), 'annotations');
    return textAt(annotations, ACCOUNT) === '' ? [required(keyed('metadata.annotations', ACCOUNT))] : [];
  }
  if (type === 'kubernetes.io/basic-auth') {
    return data['username'] === undefined && data['password'] === undefined
      ? [required('data[username]'), required('data[password]')]
      : [];
  }
  return (REQUIRED_KEYS.get(type) ?? [])
    .filter((key) => data[key] === undefined)
    .map((key) => required(keyed('data', key)))
    .concat(type === 'kubernetes.io/dockercfg' || type === DOCKER_JSON ? dockerErrors(type, data) : []);
}

/** What is no JSON; its text is not repeated. */
function dockerErrors(type: string, data: JsonObject): readonly FieldError[] {
  const key = type === DOCKER_JSON ? '.dockerconfigjson' : '.dockercfg';
  if (data[key] === undefined) return [];
  const text = decoded(textAt(data, key));
  try {
    JSON.parse(text);
    return [];
  } catch {
    const first = text.trim().charAt(0);
    const why =
      first === '' || '{["-0123456789tfn'.includes(first)
        ? 'unexpected end of JSON input'
        : `invalid character '${first}' looking for beginning of value`;
    return [invalid(keyed('data', key), '<secret contents redacted>', why)];
  }
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}

function decodedBytes(value: unknown): number {
  return typeof value === 'string' ? Buffer.byteLength(value, 'base64') : 0;
}
