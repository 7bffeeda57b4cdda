import { PatchError } from '@causeway/protocols/kubernetes/patch/patch-error';
import { AdmissionPolicies } from '../admission-policy/admission-policies.ts';
import { DYN } from '../cel/type.ts';
import { valueFrom } from '../cel/value.ts';
import type { Log } from '../core.ts';
import { type ApiObject, asApiObject } from '../object.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { collectionOf, type Registry } from '../registry/registry.ts';
import type { Resource, ResourceVersion } from '../registry/resource.ts';
import {
  type JsonObject,
  type JsonValue,
  jsonEqual,
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
} from '../schema/json.ts';
import { internalError } from '../status-error.ts';
import { objectOf } from '../storage/entry.ts';
import type { Store } from '../storage/store.ts';
import {
  type AdmissionQuestion,
  type AdmissionResponse,
  admissionRequest,
  admissionResponse,
  admissionReview,
  rejection,
} from './admission-review.ts';
import { type WebhookClientConfig, webhookClientConfig } from './client-config.ts';
import { conditionsHold, type MatchCondition, MatchConditionError, matchConditions } from './match-conditions.ts';
import { inVersion, type MatchCriteria, matchCriteria, matchedVersion } from './match-criteria.ts';
import { type WebhookClient, WebhookError } from './webhook-client.ts';

const GROUP = 'admissionregistration.k8s.io';
const REVIEW_VERSIONS = ['v1', 'v1beta1'];

/** One webhook of a configuration. */
interface Webhook {
  readonly name: string;
  readonly mutating: boolean;
  readonly client: WebhookClientConfig;
  readonly criteria: MatchCriteria;
  readonly conditions: readonly MatchCondition[];
  /** A webhook that cannot be asked is as good as one that agrees. */
  readonly ignoresFailure: boolean;
  readonly timeoutSeconds: number;
  readonly reinvoked: boolean;
  readonly reviewVersion: string;
}

interface Webhooks {
  readonly mutating: readonly Webhook[];
  readonly validating: readonly Webhook[];
}

export interface AdmissionWebhooksOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly client: WebhookClient;
  readonly log: Log;
}

/**
 * Asks the webhooks that users have registered about writes, and their policies. The configurations are read when the first write after their change asks;
 * as long as there is none, a write costs one comparison.
 *
 * Source: Kubernetes, "Dynamic Admission Control"; apiserver pkg/admission/plugin/webhook.
 */
export class AdmissionWebhooks {
  readonly #store: Store;
  readonly #client: WebhookClient;
  readonly #log: Log;
  readonly #policies: AdmissionPolicies;
  #webhooks: Webhooks | undefined;

  constructor({ store, registry, client, log }: AdmissionWebhooksOptions) {
    this.#store = store;
    this.#policies = new AdmissionPolicies({ store, registry });
    this.#client = client;
    this.#log = log;
    for (const plural of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']) {
      collectionOf(store, GROUP, plural).subscribe(() => {
        this.#webhooks = undefined;
      });
    }
  }

  /** Whether a write of this resource may have to wait for an answer. What registers webhooks is never shown to them. */
  concern(resource: Resource): boolean {
    const { mutating, validating } = this.#current();
    if (mutating.length + validating.length === 0 && this.#policies.isEmpty) return false;
    return resource.group !== GROUP;
  }

  /**
   * The object as mutating webhooks want it; the same one when they change nothing. Each sees what those before it did.
   *
   * @throws StatusError
   */
  async mutated(question: AdmissionQuestion): Promise<ApiObject | undefined> {
    const webhooks = this.#current().mutating;
    const again = new Set<Webhook>();
    const asked = new Set<Webhook>();
    let { object } = question;
    for (const webhook of webhooks) {
      const changed = await this.#mutatedBy(webhook, { ...question, object });
      if (changed === undefined) continue;
      if (changed.object !== object) for (const before of asked) again.add(before);
      object = changed.object;
      if (webhook.reinvoked) asked.add(webhook);
    }
    for (const webhook of webhooks) {
      if (again.has(webhook)) object = (await this.#mutatedBy(webhook, { ...question, object }))?.object ?? object;
    }
    return object;
  }

  /** What policies say; then asks the validating webhooks, all at once. @throws StatusError */
  async validate(question: AdmissionQuestion): Promise<void> {
    await this.#policies.validate(question);
    const webhooks = this.#current().validating;
    await Promise.all(
      webhooks.map(async (webhook) => {
        const version = matchedVersion(this.#store, webhook.criteria, question);
        if (version !== undefined) await this.#ask(webhook, question, version);
      }),
    );
  }

  /** Undefined: the webhook is not asked. */
  async #mutatedBy(
    webhook: Webhook,
    question: AdmissionQuestion,
  ): Promise<{ readonly object: ApiObject | undefined } | undefined> {
    const version = matchedVersion(this.#store, webhook.criteria, question);
    if (version === undefined) return undefined;
    const { response, shown } = (await this.#ask(webhook, question, version)) ?? {};
    const { object } = question;
    const patch = response?.patch;
    if (patch === undefined || (Array.isArray(patch) && patch.length === 0)) return { object };
    if (object === undefined || shown === undefined) {
      const name = JSON.stringify(webhook.name);
      throw internalError(
        `admission webhook ${name} attempted to modify the object, which is not supported for this operation`,
      );
    }
    const patched = asApiObject(applied(shown, patch));
    if (typeof patched === 'string') throw internalError(patched);
    if (question.kind !== undefined) return { object: patched };
    version.schema.prune(patched);
    version.schema.applyDefaults(patched);
    const back = await inVersion(patched, version, question.version);
    return { object: jsonEqual(back, object) ? object : back };
  }

  /** @returns undefined when the webhook failed and that does not matter, or does not want to be asked */
  async #ask(
    webhook: Webhook,
    question: AdmissionQuestion,
    version: ResourceVersion,
  ): Promise<{ readonly response: AdmissionResponse; readonly shown: ApiObject | undefined } | undefined> {
    const [object, old] = await Promise.all([
      inVersion(question.object, question.version, version),
      inVersion(question.old, question.version, version),
    ]);
    const request = admissionRequest(question, version, { object, old });
    try {
      if (webhook.conditions.length > 0) {
        const { object: _object, oldObject: _old, ...rest } = request;
        const values = [object ?? null, old ?? null, rest].map((json) => valueFrom(json, DYN));
        if (!conditionsHold(webhook.conditions, values)) return undefined;
      }
      const review = admissionReview(request, webhook.reviewVersion);
      const answer = await this.#client.post(webhook.client, review, webhook.timeoutSeconds).catch((error: unknown) => {
        if (!(error instanceof WebhookError)) throw error;
        throw new WebhookError(`failed to call webhook: ${error.message}`, { cause: error });
      });
      const { mutating, reviewVersion } = webhook;
      const response = admissionResponse(answer, { uid: textAt(request, 'uid'), reviewVersion, mutating });
      question.warnings.push(...response.warnings);
      if (!response.allowed) throw rejection(webhook.name, response.result);
      return { response, shown: object };
    } catch (error) {
      if (!(error instanceof WebhookError || error instanceof MatchConditionError)) throw error;
      const failed = `failed calling webhook ${JSON.stringify(webhook.name)}: ${error.message}`;
      if (!webhook.ignoresFailure) throw internalError(failed, error);
      this.#log.warn({ webhook: webhook.name, err: error }, 'a webhook failed, and its policy is to ignore that');
      return undefined;
    }
  }

  #current(): Webhooks {
    this.#webhooks ??= {
      mutating: this.#readAll('mutatingwebhookconfigurations', true),
      validating: this.#readAll('validatingwebhookconfigurations', false),
    };
    return this.#webhooks;
  }

  /** By the names of their configurations, which is the order in which they are asked. */
  #readAll(plural: string, mutating: boolean): readonly Webhook[] {
    return collectionOf(this.#store, GROUP, plural)
      .range('')
      .flatMap((entry) => objectsAt(objectOf(entry), 'webhooks').map((webhook) => webhookOf(webhook, mutating)));
  }
}

function webhookOf(webhook: JsonObject, mutating: boolean): Webhook {
  const versions = listAt(webhook, 'admissionReviewVersions').map(String);
  return {
    name: textAt(webhook, 'name'),
    mutating,
    client: webhookClientConfig(objectAt(webhook, 'clientConfig') ?? {}),
    criteria: matchCriteria(webhook, 'rules'),
    conditions: matchConditions(webhook),
    ignoresFailure: textAt(webhook, 'failurePolicy') === 'Ignore',
    timeoutSeconds: numberAt(webhook, 'timeoutSeconds') ?? 10,
    reinvoked: textAt(webhook, 'reinvocationPolicy') === 'IfNeeded',
    reviewVersion: versions.find((version) => REVIEW_VERSIONS.includes(version)) ?? 'v1',
  };
}

function applied(object: ApiObject, patch: JsonValue): JsonValue {
  try {
    return applyJsonPatch(object, patch);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    throw internalError(error.message, error);
  }
}
