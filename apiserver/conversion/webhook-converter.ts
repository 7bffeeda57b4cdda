import { randomUUID } from 'node:crypto';
import { type ApiObject, asApiObject } from '../object.ts';
import { fieldErrorText } from '../schema/field-error.ts';
import { isJsonObject, type JsonObject, jsonEqual, listAt, objectAt, textAt } from '../schema/json.ts';
import { validateObjectMeta } from '../schema/object-meta.ts';
import { StatusError } from '../status-error.ts';
import type { WebhookClientConfig } from '../webhook/client-config.ts';
import { type WebhookClient, WebhookError } from '../webhook/webhook-client.ts';
import type { Converter } from './converter.ts';

const REVIEW_GROUP = 'apiextensions.k8s.io';
const REVIEW_VERSIONS: readonly string[] = ['v1', 'v1beta1'];
const TIMEOUT_SECONDS = 30;
/** Objects in one question: a webhook has to answer in time. */
const BATCH_MAX = 128;

export interface WebhookConverterOptions {
  readonly client: WebhookClient;
  readonly config: WebhookClientConfig;
  /** Versions of ConversionReview that the webhook understands, the preferred one first. */
  readonly reviewVersions: readonly string[];
}

/**
 * Asks a webhook to convert objects. It may change everything but what an object is called: of metadata only labels and annotations.
 *
 * Source: Kubernetes, "Webhook conversion"; apiextensions-apiserver pkg/apiserver/conversion/webhook_converter.go.
 */
export class WebhookConverter implements Converter {
  readonly #options: WebhookConverterOptions;

  constructor(options: WebhookConverterOptions) {
    this.#options = options;
  }

  async convert(objects: readonly ApiObject[], apiVersion: string): Promise<readonly ApiObject[]> {
    const foreign = objects.filter((object) => object.apiVersion !== apiVersion);
    const [first] = foreign;
    if (first === undefined) return objects;
    const converted: ApiObject[] = [];
    try {
      for (let start = 0; start < foreign.length; start += BATCH_MAX) {
        converted.push(...(await this.#ask(foreign.slice(start, start + BATCH_MAX), apiVersion)));
      }
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      throw new StatusError(500, '', `conversion webhook for ${kindText(first)} ${error.message}`, { cause: error });
    }
    const byOriginal = new Map(foreign.map((object, index) => [object, converted[index]]));
    return objects.map((object) => byOriginal.get(object) ?? object);
  }

  /** @throws WebhookError with what follows `conversion webhook for <kind> ` */
  async #ask(objects: readonly ApiObject[], apiVersion: string): Promise<readonly ApiObject[]> {
    const { client, config, reviewVersions } = this.#options;
    const version = reviewVersions.find((each) => REVIEW_VERSIONS.includes(each));
    if (version === undefined) throw new WebhookError('failed: no supported conversion review versions');
    const uid = randomUUID();
    const reviewVersion = `${REVIEW_GROUP}/${version}`;
    const request = { uid, desiredAPIVersion: apiVersion, objects };
    let answers: readonly unknown[];
    try {
      const review = { kind: 'ConversionReview', apiVersion: reviewVersion, request };
      answers = convertedObjects(await client.post(config, review, TIMEOUT_SECONDS), reviewVersion, uid);
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      throw new WebhookError(`failed: ${error.message}`, { cause: error });
    }
    if (answers.length !== objects.length) {
      throw new WebhookError(`returned ${answers.length} objects, expected ${objects.length}`);
    }
    return objects.map((object, index) => checkedObject(object, answers[index], apiVersion, index));
  }
}

/** `example.org/v1, Kind=Widget` */
function kindText({ apiVersion, kind }: ApiObject): string {
  return `${apiVersion}, Kind=${kind}`;
}

/** @throws WebhookError */
function convertedObjects(review: JsonObject, reviewVersion: string, uid: string): readonly unknown[] {
  if (review.apiVersion !== reviewVersion || review.kind !== 'ConversionReview') {
    throw new WebhookError(
      `expected webhook response of ${reviewVersion}, Kind=ConversionReview, got ` +
        `${textAt(review, 'apiVersion')}, Kind=${textAt(review, 'kind')}`,
    );
  }
  const response = objectAt(review, 'response');
  if (response === undefined) throw new WebhookError('no response provided');
  // Version v1beta1 did not have to say it.
  const given = textAt(response, 'uid') || (reviewVersion.endsWith('v1beta1') ? uid : '');
  if (given !== uid)
    throw new WebhookError(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(given)}`);
  const result = objectAt(response, 'result');
  const status = textAt(result, 'status');
  if (status !== 'Success') {
    throw new WebhookError(textAt(result, 'message') || `response.result.status was '${status}', not 'Success'`);
  }
  return listAt(response, 'convertedObjects');
}

/** @throws WebhookError */
function checkedObject(original: ApiObject, answer: unknown, apiVersion: string, index: number): ApiObject {
  const invalidObject = (why: string): WebhookError =>
    new WebhookError(`returned invalid object at index ${index}: ${why}`);
  if (!isJsonObject(answer)) throw invalidObject('it is no object');
  if (!isJsonObject(answer.metadata)) {
    throw invalidMetadata('missing metadata in converted object');
  }
  const { labels, annotations } = answer.metadata;
  const identity = pickIdentity(answer.metadata);
  const converted = asApiObject({ ...answer, metadata: structuredClone(original.metadata) });
  if (typeof converted === 'string') throw invalidObject(converted);
  if (converted.apiVersion !== apiVersion) {
    throw invalidObject(`invalid groupVersion (expected ${apiVersion}, received ${converted.apiVersion})`);
  }
  if (converted.kind !== original.kind) {
    throw invalidObject(`invalid kind (expected ${kindText(original)}, received ${kindText(converted)})`);
  }
  for (const [field, word] of IDENTITY) {
    const wanted = textAt(original.metadata, field);
    const got = textAt(identity, field);
    if (got !== wanted)
      throw new WebhookError(`returned invalid object: must have the same ${word}: ${wanted} != ${got}`);
  }
  restore(converted, original, 'labels', labels);
  restore(converted, original, 'annotations', annotations);
  return converted;
}

const IDENTITY = [
  ['name', 'name'],
  ['namespace', 'namespace'],
  ['uid', 'UID'],
] as const;

function pickIdentity(metadata: JsonObject): JsonObject {
  return Object.fromEntries(IDENTITY.map(([field]) => [field, metadata[field] ?? '']));
}

/** Labels and annotations are the webhook's, all other metadata the server's. @throws WebhookError */
function restore(converted: ApiObject, original: ApiObject, field: 'labels' | 'annotations', given: unknown): void {
  delete converted.metadata[field];
  if (given === undefined || given === null) return;
  if (!isJsonObject(given))
    throw invalidMetadata(`invalid metadata.${field} of type ${typeof given} in converted object`);
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(given)) {
    if (typeof value !== 'string') {
      throw invalidMetadata(`metadata.${field}[${key}] must be a string, but is ${typeof value} in converted object`);
    }
    texts[key] = value;
  }
  converted.metadata[field] = texts;
  if (jsonEqual(texts, original.metadata[field])) return;
  const errors = validateObjectMeta({ metadata: { name: 'x', [field]: texts } }, () => undefined, undefined);
  if (errors.length > 0) throw invalidMetadata(errors.map(fieldErrorText).join(', '));
}

function invalidMetadata(why: string): WebhookError {
  return new WebhookError(`returned invalid metadata: ${why}`);
}
