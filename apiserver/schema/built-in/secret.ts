import { type FieldError, invalid, keyed, required, tooLong } from '../field-error.ts';
import { isJsonObject, type JsonObject, objectAt, textAt } from '../json.ts';
import { dataKeyErrors, immutableDataErrors } from './config-map.ts';
import type { KindRules } from './rules.ts';

const MAX_BYTES = 1024 * 1024;

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
    const errors = [...dataKeyErrors(data, 'data'), ...typeErrors(textAt(object, 'type'), data)];
    const bytes = Object.values(data).reduce<number>((sum, value) => sum + decodedBytes(value), 0);
    if (bytes > MAX_BYTES) errors.push(tooLong('data', MAX_BYTES));
    if (old !== undefined && textAt(old, 'type') !== textAt(object, 'type')) {
      errors.push(invalid('type', object['type'], 'field is immutable'));
    }
    return [...errors, ...immutableDataErrors(object, old, ['data'])];
  },
};

function typeErrors(type: string, data: JsonObject): readonly FieldError[] {
  if (type === 'kubernetes.io/basic-auth') {
    return data['username'] === undefined && data['password'] === undefined
      ? [required('data[username]'), required('data[password]')]
      : [];
  }
  return (REQUIRED_KEYS.get(type) ?? [])
    .filter((key) => data[key] === undefined)
    .map((key) => required(keyed('data', key)));
}

function decodedBytes(value: unknown): number {
  return typeof value === 'string' ? Buffer.byteLength(value, 'base64') : 0;
}
