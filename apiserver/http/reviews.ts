import { apiVersionOf } from '@causeway/apis/meta/kind';
import { ISSUER } from '../access/account-tokens.ts';
import type { Attributes } from '../access/attributes.ts';
import type { Authorizer, Decision } from '../access/authorizer.ts';
import { type Identity, userInfo } from '../access/identity.ts';
import type { PolicyRule } from '../access/policy-rule.ts';
import { timestamp } from '../object.ts';
import { type FieldError, invalid } from '../schema/field-error.ts';
import { isJsonObject, type JsonObject, objectAt, textAt, textsAt } from '../schema/json.ts';
import { badRequest, invalidObject } from '../status-error.ts';
import type { Authenticator } from './authentication.ts';

/** Kinds that are questions: created, answered, never stored. Sorted by group and plural. */
export const REVIEW_KINDS = [
  review('authentication.k8s.io', 'SelfSubjectReview', 'selfsubjectreviews'),
  review('authentication.k8s.io', 'TokenReview', 'tokenreviews'),
  { ...review('authorization.k8s.io', 'LocalSubjectAccessReview', 'localsubjectaccessreviews'), namespaced: true },
  review('authorization.k8s.io', 'SelfSubjectAccessReview', 'selfsubjectaccessreviews'),
  review('authorization.k8s.io', 'SelfSubjectRulesReview', 'selfsubjectrulesreviews'),
  review('authorization.k8s.io', 'SubjectAccessReview', 'subjectaccessreviews'),
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
  readonly now: Date;
}

/** Answers reviews. @throws StatusError 400, 422 */
export class Reviews {
  readonly #authenticator: Authenticator;
  readonly #authorizer: Authorizer;

  constructor(authenticator: Authenticator, authorizer: Authorizer) {
    this.#authenticator = authenticator;
    this.#authorizer = authorizer;
  }

  async answer({ kind, namespace, body, identity, now }: Question): Promise<JsonObject> {
    const given = body === undefined ? {} : body;
    if (!isJsonObject(given)) throw badRequest('the body is not a JSON object');
    const head = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata: { creationTimestamp: null } };
    const spec = objectAt(given, 'spec') ?? {};
    switch (kind.kind) {
      case 'TokenReview':
        return { ...head, spec, status: await this.#tokenStatus(spec) };
      case 'SelfSubjectReview':
        return { ...head, metadata: { creationTimestamp: timestamp(now) }, status: { userInfo: userInfo(identity) } };
      case 'SelfSubjectAccessReview':
        return { ...head, spec, status: statusOf(this.#authorizer.decide(identity, attributesIn(spec))) };
      case 'SubjectAccessReview': {
        const attributes = attributesIn(spec, subjectErrors(spec));
        return { ...head, spec, status: statusOf(this.#authorizer.decide(subjectOf(spec), attributes)) };
      }
      case 'LocalSubjectAccessReview': {
        const attributes = attributesIn(spec, [...subjectErrors(spec), ...localErrors(spec, namespace)]);
        const metadata = { ...head.metadata, namespace };
        return { ...head, metadata, spec, status: statusOf(this.#authorizer.decide(subjectOf(spec), attributes)) };
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
    if (token === '') throw badRequest('token is required for TokenReview in authentication');
    if (audiences.length > 0) {
      const read = await this.#authenticator.accountTokenOf(token, audiences);
      if (read !== undefined) {
        const shared = audiences.filter((audience) => read.audiences.includes(audience));
        return { authenticated: true, user: userInfo(read.identity), audiences: shared };
      }
      const own = await this.#authenticator.accountTokenOf(token);
      if (own !== undefined) {
        const why = `token audiences ${quoted(own.audiences)} is invalid for the target audiences ${quoted(audiences)}`;
        return { error: `[invalid bearer token, ${why}]` };
      }
    }
    const identity = audiences.length > 0 ? undefined : await this.#authenticator.identityOf(token);
    if (identity !== undefined) return { authenticated: true, user: userInfo(identity), audiences: [ISSUER] };
    return { error: 'invalid bearer token' };
  }
}

/** As Go prints a list of texts. */
function quoted(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`;
}

function statusOf({ allowed, reason }: Decision): JsonObject {
  return { allowed, ...(reason === '' ? {} : { reason }) };
}

/**
 * What is asked about.
 *
 * Source: kubernetes pkg/apis/authorization/validation.
 *
 * @param others what else is wrong with the question
 * @throws StatusError 422
 */
function attributesIn(spec: JsonObject, others: readonly FieldError[] = []): Attributes {
  const resource = objectAt(spec, 'resourceAttributes');
  const path = objectAt(spec, 'nonResourceAttributes');
  const errors: FieldError[] = [];
  if (resource !== undefined && path !== undefined) {
    const why = 'cannot be specified in combination with resourceAttributes';
    errors.push(invalid('spec.nonResourceAttributes', path, why));
  }
  if (resource === undefined && path === undefined) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    errors.push(invalid('spec.resourceAttributes', 'null', why));
  }
  errors.push(...others);
  if (errors.length > 0) throw invalidObject({ group: 'authorization.k8s.io', kind: '' }, '', errors);
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

function subjectErrors(spec: JsonObject): readonly FieldError[] {
  if (textAt(spec, 'user') !== '' || textsAt(spec, 'groups').length > 0) return [];
  return [invalid('spec.user', '', 'at least one of user or group must be specified')];
}

/** A review in a namespace asks about that. */
function localErrors(spec: JsonObject, namespace: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const resource = objectAt(spec, 'resourceAttributes');
  const asked = textAt(resource, 'namespace');
  if (resource !== undefined && asked !== namespace) {
    errors.push(invalid('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace'));
  }
  const path = objectAt(spec, 'nonResourceAttributes');
  if (path !== undefined) {
    errors.push(invalid('spec.nonResourceAttributes', path, 'disallowed on this kind of request'));
  }
  return errors;
}

function subjectOf(spec: JsonObject): Identity {
  return { username: textAt(spec, 'user'), uid: textAt(spec, 'uid'), groups: textsAt(spec, 'groups') };
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
