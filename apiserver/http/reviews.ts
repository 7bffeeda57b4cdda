import { apiVersionOf } from '@causeway/apis/meta/kind';
import type { Attributes } from '../access/attributes.ts';
import type { Authorizer, Decision } from '../access/authorizer.ts';
import { type Identity, userInfo } from '../access/identity.ts';
import type { PolicyRule } from '../access/policy-rule.ts';
import { isJsonObject, type JsonObject, objectAt, textAt, textsAt } from '../schema/json.ts';
import { badRequest } from '../status-error.ts';
import type { Authenticator } from './authentication.ts';

/** Kinds that are questions: created, answered, never stored. */
export const REVIEW_KINDS = [
  review('authentication.k8s.io', 'TokenReview', 'tokenreviews'),
  review('authentication.k8s.io', 'SelfSubjectReview', 'selfsubjectreviews'),
  review('authorization.k8s.io', 'SelfSubjectAccessReview', 'selfsubjectaccessreviews'),
  review('authorization.k8s.io', 'SelfSubjectRulesReview', 'selfsubjectrulesreviews'),
  review('authorization.k8s.io', 'SubjectAccessReview', 'subjectaccessreviews'),
  { ...review('authorization.k8s.io', 'LocalSubjectAccessReview', 'localsubjectaccessreviews'), namespaced: true },
] as const;

export type ReviewKind = (typeof REVIEW_KINDS)[number];

function review<Kind extends string>(group: string, kind: Kind, plural: string) {
  return { group, version: 'v1', kind, plural, namespaced: false } as const;
}

export function reviewKind(group: string, version: string, plural: string): ReviewKind | undefined {
  return REVIEW_KINDS.find((kind) => kind.group === group && kind.version === version && kind.plural === plural);
}

export interface Question {
  readonly kind: ReviewKind;
  /** Of a review that belongs to one; else `''`. */
  readonly namespace: string;
  readonly body: unknown;
  readonly identity: Identity;
}

/** Answers reviews. @throws StatusError 400 */
export class Reviews {
  readonly #authenticator: Authenticator;
  readonly #authorizer: Authorizer;

  constructor(authenticator: Authenticator, authorizer: Authorizer) {
    this.#authenticator = authenticator;
    this.#authorizer = authorizer;
  }

  async answer({ kind, namespace, body, identity }: Question): Promise<JsonObject> {
    const given = body === undefined ? {} : body;
    if (!isJsonObject(given)) throw badRequest('the body is not a JSON object');
    const head = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata: { creationTimestamp: null } };
    const spec = objectAt(given, 'spec') ?? {};
    switch (kind.kind) {
      case 'TokenReview':
        return { ...head, spec, status: await this.#tokenStatus(spec) };
      case 'SelfSubjectReview':
        return { ...head, status: { userInfo: userInfo(identity) } };
      case 'SelfSubjectAccessReview':
        return { ...head, spec, status: statusOf(this.#authorizer.decide(identity, attributesIn(spec))) };
      case 'SubjectAccessReview':
        return { ...head, spec, status: statusOf(this.#authorizer.decide(subjectOf(spec), attributesIn(spec))) };
      case 'LocalSubjectAccessReview': {
        const attributes = attributesIn(spec);
        if (attributes.type === 'path')
          throw badRequest('spec.nonResourceAttributes: disallowed on this kind of request');
        if (attributes.namespace !== namespace) {
          throw badRequest('spec.resourceAttributes.namespace: must match the namespace of the request');
        }
        return { ...head, spec, status: statusOf(this.#authorizer.decide(subjectOf(spec), attributes)) };
      }
      case 'SelfSubjectRulesReview': {
        const within = textAt(spec, 'namespace');
        if (within === '') throw badRequest('no namespace on request');
        return { ...head, spec, status: rulesStatus(this.#authorizer.rulesOf(identity, within)) };
      }
    }
  }

  async #tokenStatus(spec: JsonObject): Promise<JsonObject> {
    const token = textAt(spec, 'token');
    const audiences = textsAt(spec, 'audiences');
    if (audiences.length > 0) {
      const read = await this.#authenticator.accountTokenOf(token, audiences);
      if (read !== undefined) {
        const shared = audiences.filter((audience) => read.audiences.includes(audience));
        return { authenticated: true, user: userInfo(read.identity), audiences: shared };
      }
    }
    const identity = audiences.length > 0 ? undefined : await this.#authenticator.identityOf(token);
    if (identity !== undefined) return { authenticated: true, user: userInfo(identity) };
    return { authenticated: false, error: token === '' ? 'no token was given' : 'the token is not known' };
  }
}

function statusOf({ allowed, reason }: Decision): JsonObject {
  return { allowed, ...(reason === '' ? {} : { reason }) };
}

/** @throws StatusError 400 */
function attributesIn(spec: JsonObject): Attributes {
  const resource = objectAt(spec, 'resourceAttributes');
  const path = objectAt(spec, 'nonResourceAttributes');
  if ((resource === undefined) === (path === undefined)) {
    throw badRequest('spec: exactly one of nonResourceAttributes or resourceAttributes must be specified');
  }
  if (path !== undefined) return { type: 'path', verb: textAt(path, 'verb'), path: textAt(path, 'path') };
  return {
    type: 'resource',
    verb: textAt(resource, 'verb'),
    group: textAt(resource, 'group'),
    version: textAt(resource, 'version'),
    resource: textAt(resource, 'resource'),
    subresource: textAt(resource, 'subresource'),
    namespace: textAt(resource, 'namespace'),
    name: textAt(resource, 'name'),
  };
}

/** @throws StatusError 400 */
function subjectOf(spec: JsonObject): Identity {
  const username = textAt(spec, 'user');
  const groups = textsAt(spec, 'groups');
  if (username === '' && groups.length === 0)
    throw badRequest('spec.user: at least one of user or group must be specified');
  return { username, uid: textAt(spec, 'uid'), groups };
}

function rulesStatus(rules: readonly PolicyRule[] | undefined): JsonObject {
  const all = { verbs: ['*'] };
  if (rules === undefined) {
    const resourceRules = [{ ...all, apiGroups: ['*'], resources: ['*'] }];
    return { resourceRules, nonResourceRules: [{ ...all, nonResourceURLs: ['*'] }], incomplete: false };
  }
  const resourceRules = rules.flatMap(({ verbs, apiGroups, resources, resourceNames }): JsonObject[] =>
    resources.length === 0
      ? []
      : [
          {
            verbs: [...verbs],
            apiGroups: [...apiGroups],
            resources: [...resources],
            ...(resourceNames.length === 0 ? {} : { resourceNames: [...resourceNames] }),
          },
        ],
  );
  const nonResourceRules = rules.flatMap(({ verbs, nonResourceURLs }): JsonObject[] =>
    nonResourceURLs.length === 0 ? [] : [{ verbs: [...verbs], nonResourceURLs: [...nonResourceURLs] }],
  );
  return { resourceRules, nonResourceRules, incomplete: false };
}
