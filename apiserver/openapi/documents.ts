import type { KindNames } from '@causeway/apis/meta/kind';
import type { StructuralSchema } from '../schema/structural.ts';

/** One kind in one version, as the server serves it now. */
export interface ServedKind {
  readonly names: KindNames;
  readonly schema: StructuralSchema;
  readonly origin: 'built-in' | 'custom';
  readonly scaleSubresource?: boolean;
}

export interface Document {
  readonly contentType: string;
  readonly body: Buffer;
  /** Quoted hash of the body, for ETag and If-None-Match. */
  readonly etag: string;
}

/** The OpenAPI documents, built when first asked for and kept until `invalidate()`. */
export class OpenApiDocuments {
  constructor(_servedKinds: () => readonly ServedKind[]) {
    throw new Error('not written yet');
  }
  /** Call it when a CRD was added, changed or removed. */
  invalidate(): void {}
  /** GET /openapi/v3 */
  index(): Document {
    throw new Error('not written yet');
  }
  /** GET /openapi/v3/<path>; `path` is `api/v1` or `apis/<group>/<version>`. */
  groupVersion(_path: string): Document | undefined {
    throw new Error('not written yet');
  }
  /** GET /openapi/v2; undefined: answer 406. */
  v2(_accept: string): Document | undefined {
    throw new Error('not written yet');
  }
}
