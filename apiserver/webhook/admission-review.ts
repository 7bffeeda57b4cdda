import { randomUUID } from 'node:crypto';
import { apiVersionOf } from '@causeway/apis/meta/kind';
import { type Identity, userInfo } from '../access/identity.ts';
import type { ApiObject } from '../object.ts';
import type { Resource, ResourceVersion } from '../registry/resource.ts';
import { type JsonObject, type JsonValue, listAt, numberAt, objectAt, textAt } from '../schema/json.ts';
import { StatusError } from '../status-error.ts';
import type { Operation } from './admission-rule.ts';
import { WebhookError } from './webhook-client.ts';

/** A write, as admission webhooks are asked about it. */
export interface AdmissionQuestion {
  readonly operation: Operation;
  readonly resource: Resource;
  /** Of the request. */
  readonly version: ResourceVersion;
  readonly subresource: string;
  /** Of the object, where the subresource has a kind of its own. */
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string };
  /** `''` for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  /** The new state; absent on DELETE. */
  readonly object: ApiObject | undefined;
  /** The present state; absent on CREATE. */
  readonly old: ApiObject | undefined;
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly identity: Identity;
  /** Become Warning headers. */
  readonly warnings: string[];
  /** Of the line in the audit log; by key. */
  readonly audited: Record<string, string>;
}

/** What a webhook answered. */
export interface AdmissionResponse {
  readonly allowed: boolean;
  readonly result: JsonObject | undefined;
  readonly warnings: readonly string[];
  /** Of JSON Patch; undefined: nothing is to be changed. */
  readonly patch: JsonValue | undefined;
}

const OPTIONS_KIND: Readonly<Record<Operation, string>> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
};

/** The `request` of an AdmissionReview. @param version in which the objects are shown */
export function admissionRequest(
  question: AdmissionQuestion,
  version: ResourceVersion,
  { object, old }: { readonly object: ApiObject | undefined; readonly old: ApiObject | undefined },
): JsonObject {
  const { operation, resource, subresource, name, dryRun, fieldManager } = question;
  const asked = question.version.names;
  const kindOf = ({ names }: ResourceVersion): JsonObject => ({
    group: names.group,
    version: names.version,
    kind: names.kind,
  });
  const resourceOf = ({ names }: ResourceVersion): JsonObject => ({
    group: names.group,
    version: names.version,
    resource: names.plural,
  });
  const own = question.kind === undefined ? undefined : { ...question.kind };
  const namespace = isNamespace(resource) ? name : question.namespace;
  return {
    uid: randomUUID(),
    kind: own ?? kindOf(version),
    resource: resourceOf(version),
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: own ?? kindOf(question.version),
    requestResource: { group: asked.group, version: asked.version, resource: asked.plural },
    ...(subresource === '' ? {} : { requestSubResource: subresource }),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: userInfo(question.identity),
    object: object ?? null,
    oldObject: old ?? null,
    dryRun,
    options: {
      kind: OPTIONS_KIND[operation],
      apiVersion: 'meta.k8s.io/v1',
      ...(dryRun ? { dryRun: ['All'] } : {}),
      ...(fieldManager === '' || operation === 'DELETE' ? {} : { fieldManager }),
    },
  };
}

export function isNamespace({ group, plural }: Pick<Resource, 'group' | 'plural'>): boolean {
  return group === '' && plural === 'namespaces';
}

/** The whole body. @param reviewVersion `v1` or `v1beta1` */
export function admissionReview(request: JsonObject, reviewVersion: string): JsonObject {
  return { kind: 'AdmissionReview', apiVersion: reviewApiVersion(reviewVersion), request };
}

/**
 * Reads what a webhook said.
 *
 * Source: apiserver pkg/admission/plugin/webhook/request, VerifyAdmissionResponse.
 *
 * @throws WebhookError
 */
export function admissionResponse(
  review: JsonObject,
  { uid, reviewVersion, mutating }: { uid: string; reviewVersion: string; mutating: boolean },
): AdmissionResponse {
  const response = objectAt(review, 'response');
  if (response === undefined) throw wrongAnswer('webhook response was absent');
  const type = response['patchType'];
  const patch = textAt(response, 'patch');
  if (reviewVersion === 'v1') {
    const answered = textAt(response, 'uid');
    if (answered !== uid) {
      throw wrongAnswer(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(answered)}`);
    }
    const apiVersion = textAt(review, 'apiVersion');
    const kind = textAt(review, 'kind');
    if (apiVersion !== reviewApiVersion('v1') || kind !== 'AdmissionReview') {
      const expected = `${reviewApiVersion('v1')}, Kind=AdmissionReview`;
      throw wrongAnswer(`expected webhook response of ${expected}, got ${apiVersion}, Kind=${kind}`);
    }
    if (!mutating && patch !== '') throw wrongAnswer('validating webhook may not return response.patch');
    if (!mutating && type !== undefined) throw wrongAnswer('validating webhook may not return response.patchType');
    if (patch !== '' && type === undefined) {
      throw wrongAnswer('webhook returned response.patch but not response.patchType');
    }
    if (patch === '' && type !== undefined) {
      throw wrongAnswer('webhook returned response.patchType but not response.patch');
    }
  }
  if (patch !== '' && type !== undefined && type !== 'JSONPatch') {
    throw new WebhookError(`unsupported patch type ${JSON.stringify(type)}`);
  }
  return {
    allowed: response['allowed'] === true,
    result: objectAt(response, 'result') ?? objectAt(response, 'status'),
    warnings: listAt(response, 'warnings').filter((text) => typeof text === 'string'),
    patch: patch === '' || !mutating ? undefined : patchOf(patch),
  };
}

function reviewApiVersion(version: string): string {
  return apiVersionOf({ group: 'admission.k8s.io', version });
}

function wrongAnswer(why: string): WebhookError {
  return new WebhookError(`received invalid webhook response: ${why}`);
}

function patchOf(base64: string): JsonValue {
  try {
    const patch: JsonValue = JSON.parse(Buffer.from(base64, 'base64').toString());
    return patch;
  } catch (error) {
    throw new WebhookError('received invalid webhook response: the patch is no JSON', { cause: error });
  }
}

/** What a client is told. Source: apiserver pkg/admission/plugin/webhook/errors, ToStatusErr. */
export function rejection(webhook: string, result: JsonObject | undefined): StatusError {
  const by = `admission webhook ${JSON.stringify(webhook)} denied the request`;
  const why = textAt(result, 'message') || textAt(result, 'reason');
  const code = numberAt(result, 'code') ?? 0;
  const details = objectAt(result, 'details');
  return new StatusError(
    code < 400 ? 400 : code,
    textAt(result, 'reason'),
    why === '' ? `${by} without explanation` : `${by}: ${why}`,
    details === undefined ? {} : { details },
  );
}
