import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import { expect, test } from 'vitest';
import { loadBuiltInSchemas } from '../schema/built-in.ts';
import { OpenApiDocuments, type ServedKind } from './documents.ts';

const schemas = loadBuiltInSchemas();
const builtIn: readonly ServedKind[] = BUILT_IN_KINDS.map((names) => ({
  names,
  schema: schemas.schemaOf(names).structural,
  origin: 'built-in',
}));
const widget: ServedKind = {
  names: {
    group: 'example.com',
    version: 'v1',
    kind: 'Widget',
    plural: 'widgets',
    singular: 'widget',
    shortNames: [],
    categories: [],
    namespaced: true,
    statusSubresource: true,
  },
  schema: { type: 'object', properties: { spec: { type: 'object' }, metadata: schemas.objectMeta } },
  origin: 'custom',
};

function parsed(document: { readonly body: Buffer } | undefined): Record<string, unknown> {
  const value: Record<string, unknown> = JSON.parse(document?.body.toString() ?? 'null');
  return value;
}

test('every reference in every document leads somewhere', () => {
  const documents = new OpenApiDocuments({ definitions: schemas.definitions, servedKinds: () => [...builtIn, widget] });
  const { paths } = parsed(documents.index());
  const groupVersions = Object.keys(paths as object);
  expect(groupVersions).toEqual(expect.arrayContaining(['api/v1', 'apis/networking.k8s.io/v1', 'apis/example.com/v1']));
  for (const path of groupVersions) {
    const text = documents.groupVersion(path)?.body.toString() ?? '';
    const { components } = JSON.parse(text) as { readonly components: { readonly schemas: object } };
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(references.length).toBeGreaterThan(0);
    for (const reference of references) expect(components.schemas, `${path}: ${reference}`).toHaveProperty([reference]);
    expect(text).not.toContain('#/definitions/');
  }
  const v2 = documents.v2('application/json');
  const { definitions } = parsed(v2);
  for (const match of v2?.body.toString().matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g) ?? []) {
    expect(definitions).toHaveProperty([match[1] ?? '']);
  }
});

test('only built-in kinds announce strategic merge patches, which decides how kubectl applies', () => {
  const documents = new OpenApiDocuments({ definitions: schemas.definitions, servedKinds: () => [...builtIn, widget] });
  const strategic = 'application/strategic-merge-patch+json';
  const patchOf = (group: string, path: string): unknown =>
    (parsed(documents.groupVersion(group))['paths'] as Record<string, { patch?: unknown }>)[path]?.patch;
  expect(patchOf('api/v1', '/api/v1/namespaces/{namespace}/services/{name}')).toHaveProperty([
    'requestBody',
    'content',
    strategic,
  ]);
  const custom = patchOf('apis/example.com/v1', '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}');
  expect(custom).not.toHaveProperty(['requestBody', 'content', strategic]);
  expect(custom).toHaveProperty(
    'parameters',
    expect.arrayContaining([expect.objectContaining({ name: 'fieldValidation' })]),
  );
});

test('documents are kept until kinds change, and their hashes tell', () => {
  let kinds: readonly ServedKind[] = [widget];
  const documents = new OpenApiDocuments({ definitions: schemas.definitions, servedKinds: () => kinds });
  const first = documents.groupVersion('apis/example.com/v1');
  kinds = [{ ...widget, schema: { ...widget.schema, description: 'changed' } }];
  expect(documents.groupVersion('apis/example.com/v1')).toBe(first);
  documents.invalidate();
  const second = documents.groupVersion('apis/example.com/v1');
  expect(second?.etag).not.toBe(first?.etag);
  expect(documents.index().body.toString()).toContain(second?.etag.slice(1, -1));
  kinds = [];
  documents.invalidate();
  expect(documents.groupVersion('apis/example.com/v1')).toBeUndefined();
});

test('version 2 answers in what is accepted', () => {
  const documents = new OpenApiDocuments({ definitions: schemas.definitions, servedKinds: () => builtIn });
  expect(documents.v2('application/com.github.proto-openapi.spec.v2@v1.0+protobuf')?.contentType).toContain('protobuf');
  expect(documents.v2('application/json, */*')?.contentType).toBe('application/json');
  expect(documents.v2('text/html')).toBeUndefined();
});
