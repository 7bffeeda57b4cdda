import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { Read } from './read.ts';
import { refusalText } from './refusal.ts';
import { review } from './review.ts';
import type { AdmissionVerdict } from './verdict.ts';

/** What a webhook is sent is no AdmissionReview. */
export class NotAReview extends Error {
  override readonly name = 'NotAReview';
}

/** admission.k8s.io/v1 AdmissionReview, with an answer. */
export interface AnsweredReview {
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly kind: 'AdmissionReview';
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly warnings?: readonly string[];
    /** meta/v1 Status */
    readonly status?: object;
  };
}

/** The parts of a request that are read here. */
interface Question {
  readonly uid: string;
  readonly operation: string;
  readonly subResource?: string;
  readonly name?: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly resource: { readonly resource: string };
  readonly object?: KubernetesObject | null;
  readonly oldObject?: KubernetesObject | null;
}

/**
 * Answers the question that an API server sends to a webhook, with {@link review}; who is refused gets the Status that
 * the embedded API server gives.
 *
 * Source: Kubernetes, "Dynamic Admission Control"; admission.k8s.io/v1.
 *
 * @param body parsed JSON
 * @throws NotAReview
 */
export function answerReview(body: unknown, read: Read): AnsweredReview {
  const question = questionOf(body);
  const { uid, operation, kind, resource, subResource, object, oldObject } = question;
  if (operation !== 'CREATE' && operation !== 'UPDATE' && operation !== 'DELETE')
    return answered(uid, ALLOWED, question);
  const verdict = review(
    {
      operation,
      kind: { ...kind, plural: resource.resource, namespaced: true },
      ...(subResource === undefined || subResource === '' ? {} : { subresource: subResource }),
      ...(object ? { object } : {}),
      ...(oldObject ? { oldObject } : {}),
    },
    read,
  );
  return answered(uid, verdict, question);
}

const ALLOWED: AdmissionVerdict = { allowed: true, causes: [], warnings: [] };

function answered(uid: string, { allowed, causes, warnings }: AdmissionVerdict, question: Question): AnsweredReview {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed,
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(allowed ? {} : { status: refusal(question, causes) }),
    },
  };
}

function refusal({ kind, name, object }: Question, causes: AdmissionVerdict['causes']): object {
  const { group } = kind;
  const named = object?.metadata.name ?? name ?? '';
  return {
    status: 'Failure',
    reason: 'Invalid',
    code: 422,
    message: refusalText(kind, named, causes),
    details: { name: named, group, kind: kind.kind, causes },
  };
}

function questionOf(body: unknown): Question {
  const request = memberOf(body, 'request');
  const texts = [memberOf(request, 'uid'), memberOf(request, 'operation')];
  const kind = memberOf(request, 'kind');
  texts.push(memberOf(kind, 'kind'), memberOf(kind, 'group'), memberOf(memberOf(request, 'resource'), 'resource'));
  if (!texts.every((text) => typeof text === 'string')) throw new NotAReview('the body is no AdmissionReview');
  // API servers send what passed the schema of its kind.
  return request as Question;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
