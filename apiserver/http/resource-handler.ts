import { apiVersionOf } from '@causeway/apis/meta/kind';
import type { AccountTokens } from '../access/account-tokens.ts';
import type { Core } from '../core.ts';
import { notRunning } from '../home/no-container-runtime.ts';
import { sendPodLog } from '../home/pod-log.ts';
import { type ApiObject, asApiObject } from '../object.ts';
import { invalid, notSupported } from '../schema/field-error.ts';
import { isJsonObject, type JsonObject, type JsonValue, listAt, objectAt, textAt } from '../schema/json.ts';
import {
  badRequest,
  methodNotAllowed,
  methodNotSupported,
  noSuchResource,
  notFound,
  pageNotFound,
  success,
  terminatingKind,
} from '../status-error.ts';
import { applyObject } from '../verbs/apply.ts';
import { bindPod } from '../verbs/bind.ts';
import { createObject } from '../verbs/create.ts';
import { type DeleteOptions, deleteObject, type PropagationPolicy } from '../verbs/delete.ts';
import { evictPod } from '../verbs/evict.ts';
import { type ListOptions, listObjects, parseRevision } from '../verbs/list.ts';
import { checkListQuery } from '../verbs/list-options.ts';
import { APPLY_PATCH, JSON_PATCH, patchObject } from '../verbs/patch.ts';
import { isPresented, presented, presentedText } from '../verbs/presented.ts';
import { readScale, writeScale } from '../verbs/scale.ts';
import { inSlices } from '../verbs/slice.ts';
import { committedEntry, type Target } from '../verbs/target.ts';
import { updateObject } from '../verbs/update.ts';
import { Watch, type WatchDispatcher } from '../verbs/watch.ts';
import type { WriteOptions, WriteResult } from '../verbs/write.ts';
import {
  contentTypeOf,
  NOTHING_REPEATED,
  parseBody,
  type RepeatedFields,
  readBody,
  readObject,
  readStrictly,
} from './body.ts';
import type { Exchange } from './exchange.ts';
import { representationFor, sendList, sendObject } from './objects-response.ts';
import { createToken } from './token-request.ts';
import { WatchResponse } from './watch-response.ts';
import { checkPatchOptions, invalidOptions, requestWriter } from './writer.ts';

export interface ResourceHandlerOptions {
  readonly core: Core;
  readonly dispatcher: WatchDispatcher;
  readonly accountTokens: AccountTokens;
}

/** Serves the objects of every kind: the verbs of the API in terms of HTTP. */
export class ResourceHandler {
  readonly #core: Core;
  readonly #dispatcher: WatchDispatcher;
  readonly #accountTokens: AccountTokens;

  constructor({ core, dispatcher, accountTokens }: ResourceHandlerOptions) {
    this.#core = core;
    this.#dispatcher = dispatcher;
    this.#accountTokens = accountTokens;
  }

  /**
   * @param subresource `''`, or what follows the name in the path
   * @throws StatusError
   */
  handle(exchange: Exchange, target: Target, subresource: string): Promise<void> {
    // What cannot be answered is not written either.
    if (exchange.method !== 'GET') representationFor(exchange, target);
    if (target.version.deprecation !== undefined) exchange.warnings.push(target.version.deprecation);
    if (target.name === '') return this.#collection(exchange, target);
    switch (subresource) {
      case '':
        return this.#object(exchange, target, '');
      case 'status':
        if (!target.version.names.statusSubresource) throw noSubresource(target);
        return this.#object(exchange, target, 'status');
      case 'approval':
        if (target.resource.kind !== 'CertificateSigningRequest' || target.resource.origin !== 'built-in') {
          throw noSubresource(target);
        }
        return this.#object(exchange, target, 'approval');
      case 'scale':
        return this.#scale(exchange, target);
      case 'token':
        if (target.resource.kind !== 'ServiceAccount' || target.resource.group !== '') throw noSubresource(target);
        return this.#token(exchange, target);
      case 'log':
        if (target.resource.kind !== 'Pod' || target.resource.group !== '') throw noSubresource(target);
        if (exchange.method !== 'GET') throw methodNotAllowed();
        return sendPodLog(this.#core, exchange, target);
      case 'finalize':
        if (target.resource.kind !== 'Namespace' || target.resource.group !== '') throw noSubresource(target);
        return this.#write(exchange, target, 'finalize');
      case 'binding':
        if (!isPod(target)) throw noSubresource(target);
        return this.#bind(exchange, target);
      case 'eviction':
        if (!isPod(target)) throw noSubresource(target);
        return this.#evict(exchange, target);
      case 'exec':
      case 'attach':
      case 'portforward':
        if (!isPod(target)) throw noSubresource(target);
        throw notRunning(committedEntry(target).name);
      default:
        throw noSubresource(target);
    }
  }

  #collection(exchange: Exchange, target: Target): Promise<void> {
    switch (exchange.method) {
      case 'GET':
      case 'HEAD':
        return exchange.flag('watch') ? this.#watch(exchange, target) : this.#list(exchange, target);
      case 'POST':
        if (target.resource.namespaced && target.namespace === '') {
          throw target.resource.origin === 'custom' ? pageNotFound() : methodNotAllowed();
        }
        if (target.resource.terminating) throw terminatingKind(target.resource);
        return this.#create(exchange, target);
      case 'DELETE':
        if (target.resource.strategy.deletesSingly === true) throw methodNotAllowed();
        return this.#deleteCollection(exchange, target);
      default:
        throw methodNotAllowed();
    }
  }

  async #object(exchange: Exchange, target: Target, subresource: '' | 'status' | 'approval'): Promise<void> {
    switch (exchange.method) {
      case 'GET':
      case 'HEAD':
        if (exchange.flag('watch')) return this.#watch(exchange, target);
        return this.#get(exchange, target);
      case 'PUT':
      case 'PATCH':
        return this.#write(exchange, target, subresource);
      case 'DELETE':
        if (subresource !== '' && target.resource.origin === 'custom')
          throw methodNotSupported(target.resource, 'delete');
        if (subresource !== '') throw methodNotAllowed();
        return this.#delete(exchange, target);
      default:
        throw methodNotAllowed();
    }
  }

  async #get(exchange: Exchange, target: Target): Promise<void> {
    const revision = parseRevision(exchange.param('resourceVersion') ?? '0');
    if (typeof revision === 'string') throw badRequest(revision);
    const entry = committedEntry(target);
    const shown = isPresented(target, entry) ? entry : await presented(target, entry);
    sendObject(exchange, target, shown.json, 200, this.#core.now());
  }

  /** Answers with what was written. */
  async #sendWritten(exchange: Exchange, target: Target, json: string, code: number): Promise<void> {
    sendObject(exchange, target, await presentedText(target, json), code, this.#core.now());
  }

  async #list(exchange: Exchange, target: Target): Promise<void> {
    const page = await listObjects(this.#core.store, target, listOptions(exchange));
    await sendList(exchange, target, page, this.#core.now());
  }

  async #watch(exchange: Exchange, target: Target): Promise<void> {
    const sink = new WatchResponse(exchange, target, this.#core.now);
    listOptions(exchange);
    const timeout = integerParam(exchange, 'timeoutSeconds');
    const options = {
      ...selectorOptions(exchange),
      resourceVersion: exchange.param('resourceVersion'),
      allowBookmarks: exchange.flag('allowWatchBookmarks'),
      sendInitialEvents: initialEvents(exchange),
      timeoutSeconds: timeout > 0 ? timeout : undefined,
      user: exchange.identity.username,
    };
    const watch = new Watch({ core: this.#core, dispatcher: this.#dispatcher, target, options, sink });
    exchange.response.on('close', () => watch.end());
  }

  async #create(exchange: Exchange, target: Target): Promise<void> {
    const options = writeOptions(exchange, '');
    const { object, repeated } = await this.#readObject(exchange, target);
    const result = await createObject(this.#core, target, object, { ...options, lost: lostInBody(repeated, options) });
    await this.#sendWritten(exchange, target, result.json, 201);
  }

  async #write(exchange: Exchange, target: Target, subresource: WriteOptions['subresource']): Promise<void> {
    const options = writeOptions(exchange, subresource);
    const result = await (exchange.method === 'PATCH'
      ? this.#patch(exchange, target, options)
      : this.#update(exchange, target, options));
    await this.#sendWritten(exchange, target, result.json, result.created ? 201 : 200);
  }

  async #update(exchange: Exchange, target: Target, options: WriteOptions): Promise<WriteResult> {
    const { object, repeated } = await this.#readObject(exchange, target);
    return updateObject(this.#core, target, object, { ...options, lost: lostInBody(repeated, options) });
  }

  async #patch(exchange: Exchange, target: Target, options: WriteOptions): Promise<WriteResult> {
    const type = contentTypeOf(exchange.request);
    const { value, repeated } = parseBody(await readBody(exchange.request), type.endsWith('yaml'));
    checkPatchOptions(exchange, type);
    if (type === APPLY_PATCH) {
      const lost = lostInBody(repeated, options);
      return applyObject(this.#core, target, value, { ...options, lost, force: exchange.flag('force') });
    }
    const prefix = type === JSON_PATCH ? 'json patch ' : '';
    const lost = lostInBody(repeated, options).map((message) => prefix + message);
    return patchObject(this.#core, target, type, value, { ...options, lost });
  }

  async #delete(exchange: Exchange, target: Target): Promise<void> {
    const body = await readObject(exchange.request);
    const options = deleteOptions(exchange, body);
    const result = await deleteObject(this.#core, target, options);
    const { answersDeleted = false } = target.resource.strategy;
    if (answersDeleted || !result.removed) return this.#sendWritten(exchange, target, result.json, 200);
    return exchange.sendStatus(200, success(target.resource, target.name, result.uid));
  }

  async #deleteCollection(exchange: Exchange, target: Target): Promise<void> {
    const body = await readObject(exchange.request);
    const options = deleteOptions(exchange, body);
    const page = await listObjects(this.#core.store, target, listOptions(exchange));
    const { collection } = target.resource;
    const results = await inSlices(page.entries, async (entry) => {
      if (collection.head(entry.key)?.uid !== entry.uid) return undefined;
      return deleteObject(this.#core, { ...target, namespace: entry.namespace, name: entry.name }, options);
    });
    // As they were before: that is what Kubernetes answers.
    const deleted = page.entries.filter((_, index) => results[index] !== undefined);
    const texts = await Promise.all(deleted.map((entry) => presentedText(target, entry.json)));
    const gone = { revision: this.#core.store.revision, continue: undefined, remaining: undefined };
    await sendList(exchange, target, { ...gone, entries: texts.map((json) => ({ json })) }, this.#core.now());
  }

  async #scale(exchange: Exchange, target: Target): Promise<void> {
    if (target.version.scale === undefined) throw noSubresource(target);
    if (exchange.method === 'GET') return exchange.sendJson(200, await readScale(target, target.version.scale));
    const options = writeOptions(exchange, 'scale');
    if (exchange.method !== 'PUT' && exchange.method !== 'PATCH') throw methodNotAllowed();
    const type = exchange.method === 'PUT' ? 'put' : contentTypeOf(exchange.request);
    const body =
      exchange.method === 'PUT'
        ? await readObject(exchange.request)
        : parseBody(await readBody(exchange.request), false).value;
    if (!isJsonObject(body)) throw badRequest('the body is not a JSON object');
    exchange.sendJson(200, await writeScale(this.#core, target, target.version.scale, type, body, options));
  }

  /** What a scheduler does. */
  async #bind(exchange: Exchange, target: Target): Promise<void> {
    if (exchange.method !== 'POST') throw methodNotAllowed();
    const options = writeOptions(exchange, '');
    const body = await readObject(exchange.request);
    await bindPod(this.#core, target, body, options);
    exchange.sendStatus(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
  }

  async #evict(exchange: Exchange, target: Target): Promise<void> {
    if (exchange.method !== 'POST') throw methodNotAllowed();
    await evictPod(this.#core, target, await readObject(exchange.request), {
      ...writeOptions(exchange, ''),
      deletion: (options) => deleteOptions(exchange, options),
    });
    exchange.sendStatus(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
  }

  async #token(exchange: Exchange, target: Target): Promise<void> {
    if (exchange.method !== 'POST') throw methodNotAllowed();
    const body = await readObject(exchange.request);
    exchange.sendJson(201, await createToken(this.#core, this.#accountTokens, target, body, exchange.audited));
  }

  /** An empty apiVersion or kind in the body is taken from the URL. */
  async #readObject(exchange: Exchange, { version }: Target): Promise<ObjectBody> {
    const { value: body, repeated } = (await readStrictly(exchange.request)) ?? {
      value: null,
      repeated: NOTHING_REPEATED,
    };
    if (isJsonObject(body)) {
      body.apiVersion ??= apiVersionOf(version.names);
      body.kind ??= version.names.kind;
    }
    const object = asApiObject(body);
    if (typeof object === 'string') throw badRequest(object);
    const { name, uid, resourceVersion } = object.metadata;
    // A copy: what is written gets its own.
    exchange.sent = { name, uid, resourceVersion };
    return { object, repeated };
  }
}

function isPod({ resource }: Target): boolean {
  return resource.kind === 'Pod' && resource.group === '';
}

/** Of custom resources Kubernetes says that the object is not there. */
function noSubresource({ resource, name }: Target): Error {
  return resource.origin === 'custom' ? notFound(resource, name) : noSuchResource();
}

interface ObjectBody {
  readonly object: ApiObject;
  readonly repeated: RepeatedFields;
}

/** What to tell of repeated fields: the YAML decoder of Kubernetes tells all in one when that is an error. */
function lostInBody({ format, messages }: RepeatedFields, { fieldValidation }: WriteOptions): readonly string[] {
  if (format === 'json' || messages.length === 0 || fieldValidation !== 'Strict') return messages;
  return [`yaml: unmarshal errors:\n${messages.map((message) => `  ${message}`).join('\n')}`];
}

function selectorOptions(exchange: Exchange): Pick<ListOptions, 'labelSelector' | 'fieldSelector'> {
  return { labelSelector: exchange.param('labelSelector'), fieldSelector: exchange.param('fieldSelector') };
}

/** @throws StatusError 400, 422 */
function listOptions(exchange: Exchange): ListOptions {
  const limit = integerParam(exchange, 'limit');
  integerParam(exchange, 'timeoutSeconds');
  const query = {
    continue: exchange.param('continue'),
    resourceVersion: exchange.param('resourceVersion'),
    resourceVersionMatch: exchange.param('resourceVersionMatch'),
  };
  const watch = exchange.flag('watch');
  checkListQuery({ ...query, watch, sendInitialEvents: initialEvents(exchange) });
  return { ...selectorOptions(exchange), ...query, limit: Math.max(0, limit), user: exchange.identity.username };
}

function initialEvents(exchange: Exchange): boolean | undefined {
  return exchange.param('sendInitialEvents') === undefined ? undefined : exchange.flag('sendInitialEvents');
}

/** 0 when it is absent. @throws StatusError 400 */
function integerParam(exchange: Exchange, name: string): number {
  const text = exchange.param(name);
  if (text === undefined) return 0;
  if (/^[-+]?\d{1,15}$/.test(text)) return Number(text);
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}

/** @throws StatusError 422 */
function writeOptions(exchange: Exchange, subresource: WriteOptions['subresource']): WriteOptions {
  const fieldValidation = exchange.param('fieldValidation') ?? 'Warn';
  if (fieldValidation !== 'Ignore' && fieldValidation !== 'Warn' && fieldValidation !== 'Strict') {
    throw invalidOptions(exchange, notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']));
  }
  return {
    dryRun: isDryRun(exchange, exchange.query.getAll('dryRun')),
    fieldValidation,
    subresource,
    writer: requestWriter(exchange, subresource),
    warnings: exchange.warnings,
    audited: exchange.audited,
    identity: exchange.identity,
  };
}

/** DeleteOptions from the body, or from the query as a plain client sends them. @throws StatusError 422 */
function deleteOptions(exchange: Exchange, body: JsonValue | undefined): DeleteOptions {
  const options: JsonObject = isJsonObject(body) ? body : {};
  const kind = textAt(options, 'kind');
  if (kind !== '' && kind !== 'DeleteOptions') {
    throw badRequest(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(textAt(options, 'apiVersion'))}`,
    );
  }
  const preconditions = objectAt(options, 'preconditions');
  const inBody = listAt(options, 'dryRun').map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
  const policy = textAt(options, 'propagationPolicy') || exchange.param('propagationPolicy');
  const orphan = options.orphanDependents ?? exchange.param('orphanDependents');
  return {
    dryRun: isDryRun(exchange, [...exchange.query.getAll('dryRun'), ...inBody]),
    propagationPolicy: policyOf(exchange, policy, orphan),
    uid: textAt(preconditions, 'uid') || undefined,
    resourceVersion: textAt(preconditions, 'resourceVersion') || undefined,
    warnings: exchange.warnings,
    audited: exchange.audited,
    identity: exchange.identity,
  };
}

const POLICIES: readonly PropagationPolicy[] = ['Foreground', 'Background', 'Orphan'];

function policyOf(
  exchange: Exchange,
  given: string | undefined,
  orphan: JsonValue | undefined,
): PropagationPolicy | undefined {
  const field = 'propagationPolicy';
  if (given === undefined) {
    if (orphan === undefined) return undefined;
    return orphan === true || orphan === 'true' ? 'Orphan' : 'Background';
  }
  if (orphan !== undefined && orphan !== null) {
    throw invalidOptions(
      exchange,
      invalid(field, given, 'orphanDependents and deletionPropagation cannot be both set'),
    );
  }
  const policy = POLICIES.find((each) => each === given);
  if (policy === undefined) throw invalidOptions(exchange, notSupported(field, given, [...POLICIES, 'nil']));
  return policy;
}

function isDryRun(exchange: Exchange, values: readonly string[]): boolean {
  if (values.some((value) => value !== 'All')) {
    const error = notSupported('dryRun', null, ['All']);
    const shown = `[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}`;
    throw invalidOptions(exchange, { ...error, message: error.message.replace('null', shown) });
  }
  return values.length > 0;
}
