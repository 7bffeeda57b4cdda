import { type AccountTokens, ISSUER, type TokenRequest } from '../access/account-tokens.ts';
import type { Core } from '../core.ts';
import { timestamp } from '../object.ts';
import { collectionOf } from '../registry/registry.ts';
import { type FieldError, invalid } from '../schema/field-error.ts';
import { isJsonObject, type JsonObject, numberAt, objectAt, textAt, textsAt } from '../schema/json.ts';
import { badRequest, invalidObject, notFound } from '../status-error.ts';
import { entryKey } from '../storage/entry.ts';
import { committedEntry, type Target } from '../verbs/target.ts';

const TOKEN_REQUEST = { group: 'authentication.k8s.io', kind: 'TokenRequest' } as const;
const DEFAULT_SECONDS = 3600;
const LEAST_SECONDS = 600;
const MOST_SECONDS = 2 ** 32;
/** Kinds a token can be bound to, by their plural. */
const BINDABLE: ReadonlyMap<string, string> = new Map([
  ['Pod', 'pods'],
  ['Secret', 'secrets'],
]);

/**
 * Creates a token for a ServiceAccount: `kubectl create token`.
 *
 * Source: Kubernetes, "Managing Service Accounts"; pkg/registry/core/serviceaccount/storage/token.go.
 *
 * @param audited gets the number of the token, by which the log tells later who uses it
 * @throws StatusError 400, 404, 422
 */
export async function createToken(
  core: Core,
  tokens: AccountTokens,
  target: Target,
  body: unknown,
  audited: Record<string, string>,
): Promise<JsonObject> {
  if (!isJsonObject(body)) throw badRequest('the body is not a JSON object');
  const entry = committedEntry(target);
  const spec = objectAt(body, 'spec') ?? {};
  const seconds = numberAt(spec, 'expirationSeconds') ?? DEFAULT_SECONDS;
  const errors: FieldError[] = [];
  const field = 'spec.expirationSeconds';
  if (seconds < LEAST_SECONDS) errors.push(invalid(field, seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > MOST_SECONDS)
    errors.push(invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds'));
  if (errors.length > 0) throw invalidObject(TOKEN_REQUEST, '', errors);
  const audiences = [...textsAt(spec, 'audiences')];
  const account = { namespace: entry.namespace, name: entry.name, uid: entry.uid };
  const bound = boundObject(core, entry.namespace, objectAt(spec, 'boundObjectRef'));
  const { token, id, expires } = await tokens.issue({ account, audiences, seconds, bound }, core.now());
  audited['authentication.kubernetes.io/issued-credential-id'] = `JTI=${id}`;
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: entry.name, namespace: entry.namespace, creationTimestamp: timestamp(core.now()) },
    spec: { ...spec, audiences: audiences.length === 0 ? [ISSUER] : audiences, expirationSeconds: seconds },
    status: { token, expirationTimestamp: timestamp(expires) },
  };
}

function boundObject(core: Core, namespace: string, reference: JsonObject | undefined): TokenRequest['bound'] {
  if (reference === undefined) return undefined;
  const kind = textAt(reference, 'kind');
  const name = textAt(reference, 'name');
  const plural = BINDABLE.get(kind);
  const apiVersion = textAt(reference, 'apiVersion');
  if (plural === undefined || apiVersion !== 'v1') {
    const text = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
    throw badRequest(`cannot bind token to object of type ${text}, Kind=${kind}`);
  }
  const found = collectionOf(core.store, '', plural).get(entryKey(namespace, name));
  if (found === undefined) throw notFound({ group: '', plural }, name);
  const uid = textAt(reference, 'uid');
  if (uid !== '' && uid !== found.uid) {
    throw badRequest(`the UID in the bound object reference (${uid}) does not match the UID in record (${found.uid})`);
  }
  return { kind, name, uid: found.uid };
}
