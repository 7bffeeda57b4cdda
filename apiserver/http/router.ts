import type { Core } from '../core.ts';
import type { Document, OpenApiDocuments } from '../openapi/documents.ts';
import { internalError, methodNotAllowed, noSuchResource, StatusError, unauthorized } from '../status-error.ts';
import { StorageError } from '../storage/store.ts';
import type { Target } from '../verbs/target.ts';
import type { WatchDispatcher } from '../verbs/watch.ts';
import type { Authenticator } from './authentication.ts';
import { readObject } from './body.ts';
import { Discovery } from './discovery.ts';
import { Exchange, type HttpRequest, type HttpResponse } from './exchange.ts';
import { ResourceHandler } from './resource-handler.ts';
import { answerReview, reviewKind } from './reviews.ts';

/** What anybody may ask. */
const PUBLIC: ReadonlySet<string> = new Set(['healthz', 'livez', 'readyz', 'version']);

/** The Kubernetes release whose API this is. Clients use it to choose features and to warn about their own age. */
const VERSION = {
  major: '1',
  minor: '33',
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
  readonly documents: OpenApiDocuments;
}

/** From a request to who answers it. Every failure becomes a Status here, once. */
export class Router {
  readonly #core: Core;
  readonly #authenticator: Authenticator;
  readonly #documents: OpenApiDocuments;
  readonly #discovery: Discovery;
  readonly #resources: ResourceHandler;

  constructor({ core, dispatcher, authenticator, documents }: RouterOptions) {
    this.#core = core;
    this.#authenticator = authenticator;
    this.#documents = documents;
    this.#discovery = new Discovery(core.registry);
    this.#resources = new ResourceHandler(core, dispatcher);
  }

  /** Never throws. */
  async serve(request: HttpRequest, response: HttpResponse): Promise<void> {
    // A client that goes away is no error of ours.
    request.on('error', () => {});
    response.on('error', () => {});
    let exchange: Exchange;
    try {
      exchange = new Exchange(request, response, this.#authenticator.identify(request.headers.authorization));
    } catch {
      response.statusCode = 400;
      response.end();
      return;
    }
    try {
      await this.#route(exchange);
    } catch (error) {
      try {
        this.#fail(exchange, error);
      } catch {
        // The client went away before it could be told.
        response.destroy();
      }
    }
  }

  async #route(exchange: Exchange): Promise<void> {
    const [first = '', second = '', third = '', ...rest] = exchange.path;
    if (exchange.identity === undefined && !PUBLIC.has(first)) throw unauthorized();
    switch (first) {
      case '':
        return this.#sendPaths(exchange);
      case 'healthz':
      case 'livez':
      case 'readyz':
        return exchange.send(200, 'text/plain; charset=utf-8', 'ok');
      case 'version':
        return exchange.sendJson(200, VERSION);
      case 'openapi':
        return this.#sendDocument(exchange, second, [third, ...rest].filter((part) => part !== '').join('/'));
      case 'api':
        if (second === '') return this.#discovery.sendCore(exchange);
        return this.#groupVersion(exchange, '', second, exchange.path.slice(2));
      case 'apis':
        if (second === '') return this.#discovery.sendGroups(exchange);
        if (third === '') {
          if (!this.#discovery.sendGroup(exchange, second)) throw noSuchResource();
          return;
        }
        return this.#groupVersion(exchange, second, third, rest);
      default:
        throw noSuchResource();
    }
  }

  /** `path` is what follows the version: `[namespaces, ns,] plural [, name [, subresource]]`. */
  async #groupVersion(exchange: Exchange, group: string, version: string, path: readonly string[]): Promise<void> {
    if (path.length === 0) {
      if (!this.#discovery.sendVersion(exchange, group, version)) throw noSuchResource();
      return;
    }
    const namespaced = path[0] === 'namespaces' && path.length > 2 && !isNamespaceSubresource(path);
    const [plural = '', name = '', ...subresource] = namespaced ? path.slice(2) : path;
    const review = reviewKind(group, version, plural);
    if (review !== undefined) return this.#review(exchange, review);
    const resource = this.#core.registry.find(group, plural);
    const served = resource?.versions.get(version);
    if (resource === undefined || served === undefined) throw noSuchResource();
    const namespace = namespaced ? (path[1] ?? '') : '';
    if (namespaced !== resource.namespaced && (namespaced || name !== '')) throw noSuchResource();
    const target: Target = { resource, version: served, namespace, name };
    await this.#resources.handle(exchange, target, subresource.join('/'));
  }

  async #review(exchange: Exchange, kind: NonNullable<ReturnType<typeof reviewKind>>): Promise<void> {
    if (exchange.method !== 'POST') throw methodNotAllowed();
    const body = await readObject(exchange.request);
    if (exchange.identity === undefined) throw unauthorized();
    exchange.sendJson(201, answerReview(kind, body, exchange.identity, this.#authenticator));
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
      '/api',
      '/api/v1',
      '/apis',
      '/healthz',
      '/livez',
      '/openapi/v2',
      '/openapi/v3',
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
