import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import type { AccountTokens } from '../access/account-tokens.ts';
import { ISSUER } from '../access/account-tokens.ts';
import { type Attributes, attributesOf } from '../access/attributes.ts';
import { accessDenied } from '../access/authorizer.ts';
import type { Identity } from '../access/identity.ts';
import { impersonated } from '../access/impersonation.ts';
import type { Core } from '../core.ts';
import type { Document, OpenApiDocuments } from '../openapi/documents.ts';
import type { Resource } from '../registry/resource.ts';
import { internalError, methodNotAllowed, noSuchResource, pageNotFound, StatusError } from '../status-error.ts';
import { StorageError } from '../storage/store-error.ts';
import type { Target } from '../verbs/target.ts';
import type { WatchDispatcher } from '../verbs/watch.ts';
import type { AuditLog } from './audit.ts';
import type { Authenticator } from './authentication.ts';
import { readObject } from './body.ts';
import { Discovery } from './discovery.ts';
import { Exchange, type HttpRequest, type HttpResponse } from './exchange.ts';
import { FairQueue } from './fair-queue.ts';
import { healthText } from './health.ts';
import { ResourceHandler } from './resource-handler.ts';
import { REVIEW_KINDS, type ReviewKind, Reviews, reviewKind } from './reviews.ts';

/** The Kubernetes release whose API this is. Clients use it to choose features and to warn about their own age. */
const VERSION = {
  major: '1',
  minor: '33',
  emulationMajor: '1',
  emulationMinor: '33',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '32',
  gitVersion: 'v1.33.0+causeway',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: 'node',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
};

export interface RouterOptions {
  readonly core: Core;
  readonly dispatcher: WatchDispatcher;
  readonly authenticator: Authenticator;
  readonly accountTokens: AccountTokens;
  readonly documents: OpenApiDocuments;
  readonly audit: AuditLog;
}

/** From a request to who answers it. Every failure becomes a Status here, once. */
export class Router {
  readonly #core: Core;
  readonly #authenticator: Authenticator;
  readonly #documents: OpenApiDocuments;
  readonly #discovery: Discovery;
  readonly #resources: ResourceHandler;
  readonly #reviews: Reviews;
  readonly #accountTokens: AccountTokens;
  readonly #audit: AuditLog;
  readonly #queue = new FairQueue();

  constructor({ core, dispatcher, authenticator, accountTokens, documents, audit }: RouterOptions) {
    this.#core = core;
    this.#authenticator = authenticator;
    this.#documents = documents;
    this.#discovery = new Discovery(core.registry);
    this.#resources = new ResourceHandler({ core, dispatcher, accountTokens });
    this.#reviews = new Reviews(authenticator, core.authorizer);
    this.#accountTokens = accountTokens;
    this.#audit = audit;
  }

  /** Never throws. */
  async serve(request: HttpRequest, response: HttpResponse): Promise<void> {
    // A client that goes away is no error of ours.
    request.on('error', () => {});
    response.on('error', () => {});
    let exchange: Exchange;
    try {
      exchange = new Exchange(request, response);
    } catch {
      response.statusCode = 400;
      response.end();
      return;
    }
    const received = this.#core.now();
    let user: Identity | undefined;
    let reason: string | undefined;
    try {
      user = await this.#authenticator.identify(request);
      exchange.identity = impersonated(user, request.headers, this.#core.authorizer);
      const attributes = attributesOf(exchange);
      reason = this.#allow(exchange.identity, attributes);
      await this.#inTurn(exchange, attributes);
    } catch (error) {
      try {
        this.#fail(exchange, error);
      } catch {
        // The client went away before it could be told.
        response.destroy();
      }
    }
    const as = user === exchange.identity ? undefined : exchange.identity;
    const impersonating = user === undefined ? undefined : as;
    this.#audit.note(exchange, { user, impersonated: impersonating, reason, received, completed: this.#core.now() });
  }

  /** @returns why it is allowed @throws StatusError 403 */
  #allow(identity: Identity, attributes: Attributes): string {
    const decision = this.#core.authorizer.decide(identity, attributes);
    if (!decision.allowed) throw accessDenied(identity, attributes);
    return decision.reason;
  }

  /** Watches last as long as they like, and so take no place. */
  async #inTurn(exchange: Exchange, attributes: Attributes): Promise<void> {
    if (attributes.verb === 'watch') return this.#route(exchange);
    const leave = await this.#queue.enter(exchange.identity.username);
    try {
      await this.#route(exchange);
    } finally {
      leave();
    }
  }

  async #route(exchange: Exchange): Promise<void> {
    const [first = '', second = '', third = '', ...rest] = exchange.path;
    switch (first) {
      case '':
        return this.#sendPaths(exchange);
      case 'healthz':
      case 'livez':
      case 'readyz':
        return exchange.send(200, 'text/plain; charset=utf-8', healthText(exchange.path, exchange.query));
      case 'version':
        return exchange.sendJson(200, VERSION);
      case '.well-known':
        if (second !== 'openid-configuration') throw noSuchResource();
        return exchange.sendJson(200, this.#issuerMetadata(exchange));
      case 'openid':
        if (second !== 'v1' || third !== 'jwks') throw noSuchResource();
        return exchange.send(200, 'application/jwk-set+json', JSON.stringify({ keys: [this.#accountTokens.jwk] }));
      case 'openapi':
        return this.#sendDocument(exchange, second, [third, ...rest].filter((part) => part !== '').join('/'));
      case 'api':
        if (second === '') return this.#discovery.sendCore(exchange);
        return this.#groupVersion(exchange, '', second, exchange.path.slice(2));
      case 'apis':
        if (second === '') return this.#discovery.sendGroups(exchange);
        if (third === '') {
          if (!this.#discovery.sendGroup(exchange, second)) throw pageNotFound();
          return;
        }
        return this.#groupVersion(exchange, second, third, rest);
      default:
        throw pageNotFound();
    }
  }

  /** `path` is what follows the version: `[namespaces, ns,] plural [, name [, subresource]]`. */
  async #groupVersion(exchange: Exchange, group: string, version: string, path: readonly string[]): Promise<void> {
    if (path.length === 0) {
      if (!this.#discovery.sendVersion(exchange, group, version)) throw this.#nothingAt(group, undefined);
      return;
    }
    const namespaced = path[0] === 'namespaces' && path.length > 2 && !isNamespaceSubresource(path);
    const [plural = '', name = '', ...subresource] = namespaced ? path.slice(2) : path;
    const review = reviewKind(group, version, plural);
    if (review !== undefined) return this.#review(exchange, review, namespaced ? (path[1] ?? '') : '');
    const resource = this.#core.registry.find(group, plural);
    const served = resource?.versions.get(version);
    if (resource === undefined || served === undefined) throw this.#nothingAt(group, resource);
    const namespace = namespaced ? (path[1] ?? '') : '';
    if (namespaced !== resource.namespaced && (namespaced || name !== '')) throw this.#nothingAt(group, resource);
    const target: Target = { resource, version: served, namespace, name };
    await this.#resources.handle(exchange, target, subresource.join('/'));
  }

  /** Built-in groups say what they do not have; those of custom kinds are unknown paths without them. */
  #nothingAt(group: string, resource: Resource | undefined): StatusError {
    if (resource?.origin === 'custom') return pageNotFound();
    const isBuiltIn =
      BUILT_IN_KINDS.some((kind) => kind.group === group) || REVIEW_KINDS.some((kind) => kind.group === group);
    return isBuiltIn ? noSuchResource() : pageNotFound();
  }

  async #review(exchange: Exchange, kind: ReviewKind, namespace: string): Promise<void> {
    if (kind.namespaced !== (namespace !== '')) throw noSuchResource();
    if (exchange.method !== 'POST') throw methodNotAllowed();
    const body = await readObject(exchange.request);
    const question = { kind, namespace, body, identity: exchange.identity, now: this.#core.now() };
    exchange.sendJson(201, await this.#reviews.answer(question));
  }

  /** For those who verify tokens of ServiceAccounts themselves. Source: OpenID Connect Discovery 1.0. */
  #issuerMetadata({ host }: Exchange): object {
    return {
      issuer: ISSUER,
      jwks_uri: `https://${host}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [this.#accountTokens.jwk.alg],
    };
  }

  #sendPaths(exchange: Exchange): void {
    const groups = new Set(this.#core.registry.resources().map(({ group }) => group));
    const versions = this.#core.registry
      .resources()
      .flatMap(({ group, versions }) =>
        group === '' ? [] : [...versions.keys()].map((version) => `/apis/${group}/${version}`),
      );
    const apis = [...groups].filter((group) => group !== '').map((group) => `/apis/${group}`);
    const others = [
      '/.well-known/openid-configuration',
      '/api',
      '/api/v1',
      '/apis',
      '/healthz',
      '/livez',
      '/openapi/v2',
      '/openapi/v3',
      '/openid/v1/jwks',
      '/readyz',
      '/version',
    ];
    exchange.sendJson(200, { paths: [...new Set([...others, ...apis, ...versions])].sort() });
  }

  #sendDocument(exchange: Exchange, version: string, path: string): void {
    if (exchange.method !== 'GET' && exchange.method !== 'HEAD') throw methodNotAllowed();
    const document = this.#document(exchange, version, path);
    exchange.response.setHeader('etag', document.etag);
    if (exchange.request.headers['if-none-match'] === document.etag) {
      exchange.response.statusCode = 304;
      exchange.response.end();
      return;
    }
    exchange.send(200, document.contentType, document.body);
  }

  #document(exchange: Exchange, version: string, path: string): Document {
    if (version === 'v2' && path === '') {
      const document = this.#documents.v2(exchange.accept);
      if (document === undefined) {
        throw new StatusError(406, 'NotAcceptable', 'only the following media types are accepted: application/json');
      }
      return document;
    }
    if (version !== 'v3') throw noSuchResource();
    const document = path === '' ? this.#documents.index() : this.#documents.groupVersion(path);
    if (document === undefined) throw noSuchResource();
    return document;
  }

  #fail(exchange: Exchange, error: unknown): void {
    if (exchange.response.headersSent) {
      exchange.response.destroy();
      return;
    }
    if (error instanceof StatusError) {
      exchange.sendError(error);
      return;
    }
    const { method, path } = exchange;
    this.#core.log.error({ err: error, method, path: `/${path.join('/')}` }, 'request failed');
    const message = error instanceof StorageError ? error.message : 'see the log of the API server';
    exchange.sendError(internalError(message, error));
  }
}

/** `/api/v1/namespaces/<name>/status` is about the Namespace, everything longer about what is in it. */
function isNamespaceSubresource(path: readonly string[]): boolean {
  return path.length === 3 && (path[2] === 'status' || path[2] === 'finalize');
}
