import { apiVersionOf } from '@causeway/apis/meta/kind';
import { isJsonObject, type JsonObject, objectAt, textAt } from '../schema/json.ts';
import { badRequest } from '../status-error.ts';
import type { Authenticator, Identity } from './authentication.ts';

/** Kinds that are questions: created, answered, never stored. */
export const REVIEW_KINDS = [
  { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenReview', plural: 'tokenreviews', namespaced: false },
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectReview',
    plural: 'selfsubjectreviews',
    namespaced: false,
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    namespaced: false,
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    namespaced: false,
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    kind: 'SubjectAccessReview',
    plural: 'subjectaccessreviews',
    namespaced: false,
  },
] as const;

export type ReviewKind = (typeof REVIEW_KINDS)[number];

export function reviewKind(group: string, version: string, plural: string): ReviewKind | undefined {
  return REVIEW_KINDS.find((kind) => kind.group === group && kind.version === version && kind.plural === plural);
}

/** Answers a review. There are no roles yet: who is known may do everything. @throws StatusError 400 */
export function answerReview(
  kind: ReviewKind,
  body: unknown,
  identity: Identity,
  authenticator: Authenticator,
): JsonObject {
  const given = body === undefined ? {} : body;
  if (!isJsonObject(given)) throw badRequest('the body is not a JSON object');
  const head = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata: { creationTimestamp: null } };
  const spec = objectAt(given, 'spec') ?? {};
  switch (kind.kind) {
    case 'TokenReview':
      return {
        ...head,
        spec,
        status: tokenStatus(authenticator.identityOf(textAt(spec, 'token')), textAt(spec, 'token')),
      };
    case 'SelfSubjectReview':
      return { ...head, status: { userInfo: userInfo(identity) } };
    case 'SelfSubjectAccessReview':
    case 'SubjectAccessReview':
      return { ...head, spec, status: { allowed: true, reason: 'every known user may do everything' } };
    case 'SelfSubjectRulesReview':
      return {
        ...head,
        spec,
        status: {
          resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
          nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
          incomplete: false,
        },
      };
  }
}

function tokenStatus(identity: Identity | undefined, token: string): JsonObject {
  if (identity !== undefined) return { authenticated: true, user: userInfo(identity) };
  return { authenticated: false, error: token === '' ? 'no token was given' : 'the token is not known' };
}

function userInfo({ username, uid, groups }: Identity): JsonObject {
  return { username, ...(uid === '' ? {} : { uid }), groups: [...groups] };
}
