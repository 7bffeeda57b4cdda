import { createHash } from 'node:crypto';
import { type Definitions, schemasOf } from './component.ts';
import { documentProtobuf } from './document-protobuf.ts';
import { pathsOf, type ServedKind } from './path.ts';

export type { ServedKind } from './path.ts';

/** One answer, ready to send. */
export interface Document {
  readonly contentType: string;
  readonly body: Buffer;
  /** Quoted hash of the body, for ETag and If-None-Match. */
  readonly etag: string;
}

export interface OpenApiOptions {
  /** Of the built-in kinds, references unresolved (`BuiltInSchemas.definitions`). */
  readonly definitions: Definitions;
  /** Every kind in every version that is served at the time of the call. */
  readonly servedKinds: () => readonly ServedKind[];
}

/** As a real server names it, and kubectl up to 1.28 accepts nothing else. */
const PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

const INFO = { title: 'Kubernetes', version: 'v1.30.0' };

/**
 * The OpenAPI documents: kubectl explains kinds from them, finds merge keys for `apply` and sees that the server validates fields.
 * They are built when first asked for and kept until `invalidate()`.
 *
 * Source: Kubernetes, "The Kubernetes API: OpenAPI interface definition"; KEP-2896.
 */
export class OpenApiDocuments {
  readonly #definitions: Definitions;
  readonly #servedKinds: () => readonly ServedKind[];
  readonly #documents = new Map<string, Document>();
  #kindsByPath: ReadonlyMap<string, readonly ServedKind[]> | undefined;

  constructor({ definitions, servedKinds }: OpenApiOptions) {
    this.#definitions = definitions;
    this.#servedKinds = servedKinds;
  }

  /** Call it when a CRD was added, changed or removed. */
  invalidate(): void {
    this.#documents.clear();
    this.#kindsByPath = undefined;
  }

  /** GET /openapi/v3: where the document of each group and version is. Its hash in the URL lets clients keep it for ever. */
  index(): Document {
    return this.#kept('index', () => {
      const paths: Record<string, object> = {};
      for (const path of this.#byPath().keys()) {
        const hash = this.groupVersion(path)?.etag.slice(1, -1) ?? '';
        paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
      }
      return json({ paths });
    });
  }

  /** GET /openapi/v3/<path>; `path` is `api/v1` or `apis/<group>/<version>`. */
  groupVersion(path: string): Document | undefined {
    const kinds = this.#byPath().get(path);
    if (kinds === undefined) return undefined;
    return this.#kept(path, () =>
      json({
        openapi: '3.0.0',
        info: INFO,
        paths: pathsOf(kinds, 'v3'),
        components: { schemas: schemasOf(kinds, this.#definitions, 'v3') },
      }),
    );
  }

  /** GET /openapi/v2, as JSON or, for who asks for it in Accept, as protobuf. Undefined when `accept` allows neither: answer 406. */
  v2(accept: string): Document | undefined {
    if (accept.includes('openapi.spec.v2') && accept.includes('protobuf')) {
      return this.#kept('v2 protobuf', () => ({ contentType: PROTOBUF, body: documentProtobuf(this.#version2()) }));
    }
    if (accept !== '' && !/application\/(json|\*)|\*\/\*/.test(accept)) return undefined;
    return this.#kept('v2', () => json(this.#version2()));
  }

  #version2(): Readonly<Record<string, unknown>> {
    const kinds = this.#servedKinds();
    return {
      swagger: '2.0',
      info: INFO,
      paths: pathsOf(kinds, 'v2'),
      definitions: schemasOf(kinds, this.#definitions, 'v2'),
    };
  }

  #byPath(): ReadonlyMap<string, readonly ServedKind[]> {
    if (this.#kindsByPath !== undefined) return this.#kindsByPath;
    const kindsByPath = new Map<string, ServedKind[]>();
    for (const kind of this.#servedKinds()) {
      const { group, version } = kind.names;
      const path = group === '' ? `api/${version}` : `apis/${group}/${version}`;
      const kinds = kindsByPath.get(path);
      if (kinds === undefined) kindsByPath.set(path, [kind]);
      else kinds.push(kind);
    }
    this.#kindsByPath = kindsByPath;
    return kindsByPath;
  }

  #kept(key: string, build: () => Pick<Document, 'contentType' | 'body'>): Document {
    let document = this.#documents.get(key);
    if (document === undefined) {
      const built = build();
      const hash = createHash('sha512').update(built.body).digest('hex').slice(0, 64).toUpperCase();
      document = { ...built, etag: `"${hash}"` };
      this.#documents.set(key, document);
    }
    return document;
  }
}

function json(value: object): Pick<Document, 'contentType' | 'body'> {
  return { contentType: 'application/json', body: Buffer.from(JSON.stringify(value)) };
}
