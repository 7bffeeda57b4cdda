import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../server.ts';

export const silentLog: ApiServerOptions['log'] = { info() {}, warn() {}, error() {} };

/** A directory for one test, and what removes it. */
export function temporaryDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'causeway-apiserver-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Answer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed when it is JSON. */
  readonly body: JsonObject;
  readonly text: string;
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly contentType?: string;
}

const CONNECT_MS = 120_000;

/** Speaks to an API server as its kubeconfig says, over HTTP/1.1. */
export class TestClient {
  readonly origin: string;
  readonly token: string;
  readonly ca: string;
  readonly agent: Agent;

  constructor(kubeconfig: string) {
    const config = parse(readFileSync(kubeconfig, 'utf8'));
    const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster;
    this.origin = server;
    this.ca = Buffer.from(ca, 'base64').toString();
    this.token = config.users[0].user.token;
    // A handshake waits for the processor like everything else on a machine that has none to spare.
    this.agent = new Agent({ connect: { ca: this.ca, timeout: CONNECT_MS }, connections: 64 });
    // A kubeconfig with a CA that is none would make every test fail in an unclear way.
    if (!new X509Certificate(this.ca).ca) throw new Error('not a CA');
  }

  get(path: string, options: CallOptions = {}): Promise<Answer> {
    return this.call('GET', path, undefined, options);
  }

  post(path: string, body: JsonValue, options: CallOptions = {}): Promise<Answer> {
    return this.call('POST', path, body, options);
  }

  put(path: string, body: JsonValue, options: CallOptions = {}): Promise<Answer> {
    return this.call('PUT', path, body, options);
  }

  patch(path: string, body: JsonValue, contentType = 'application/merge-patch+json'): Promise<Answer> {
    return this.call('PATCH', path, body, { contentType });
  }

  delete(path: string, body?: JsonValue): Promise<Answer> {
    return this.call('DELETE', path, body);
  }

  async call(method: string, path: string, body?: JsonValue, options: CallOptions = {}): Promise<Answer> {
    const answer = await request(`${this.origin}${path}`, {
      method: method as 'GET',
      dispatcher: this.agent,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
        ...options.headers,
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await answer.body.text();
    const json = String(answer.headers['content-type']).startsWith('application/json');
    return { code: answer.statusCode, headers: answer.headers, body: json ? JSON.parse(text) : {}, text };
  }

  /** The events of a watch, until the server or `signal` ends it. */
  async *watch(
    path: string,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ): AsyncGenerator<WatchedEvent> {
    const answer = await request(`${this.origin}${path}`, {
      dispatcher: this.agent,
      headers: { authorization: `Bearer ${this.token}`, ...headers },
      signal,
      bodyTimeout: 0,
    });
    if (answer.statusCode !== 200) throw new Error(`watch: ${answer.statusCode} ${await answer.body.text()}`);
    let text = '';
    for await (const chunk of answer.body.setEncoding('utf8')) {
      text += chunk;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line);
    }
  }

  /** Repeats a GET until `done` says so; the test's own time limit ends it otherwise. */
  async until(path: string, done: (answer: Answer) => boolean): Promise<Answer> {
    for (;;) {
      const answer = await this.get(path);
      if (done(answer)) return answer;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}

export interface WatchedEvent {
  readonly type: string;
  readonly object: {
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly resourceVersion: string };
  };
}

export interface TestServer {
  readonly server: ApiServer;
  readonly client: TestClient;
  readonly directory: string;
  /** Stops the server; with `keep`, the data directory stays for another start. */
  stop(options?: { readonly keep?: boolean }): Promise<void>;
}

/** A real API server on a free port, in this process; without most controllers, so that only what a test writes is there. */
export async function startTestServer(options: Partial<ApiServerOptions> = {}): Promise<TestServer> {
  const directory = options.dataDirectory ?? temporaryDirectory().path;
  const server = await startApiServer({
    dataDirectory: directory,
    port: 0,
    bind: '127.0.0.1',
    log: silentLog,
    controllers: 'deletion',
    ...options,
  });
  const client = new TestClient(server.kubeconfig);
  return {
    server,
    client,
    directory,
    async stop({ keep = false } = {}) {
      await client.close();
      await server.close();
      if (!keep) rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function configMap(name: string, data: Record<string, string> = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

/** A namespaced kind `Widget` in group `example.org`, versions v1 (stored) and v1beta1, with status. */
export function widgetDefinition(): JsonObject {
  const schema: JsonObject = {
    openAPIV3Schema: {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: {
            size: { type: 'integer', minimum: 1, default: 3 },
            color: { type: 'string', enum: ['red', 'green'] },
          },
        },
        status: { type: 'object', properties: { phase: { type: 'string' } } },
      },
    },
  };
  const version = { served: true, schema, subresources: { status: {} } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.org' },
    spec: {
      group: 'example.org',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets', singular: 'widget', shortNames: ['wi'] },
      versions: [
        { ...version, name: 'v1', storage: true },
        { ...version, name: 'v1beta1', storage: false },
      ],
    },
  };
}
