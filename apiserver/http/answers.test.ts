import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeObject, PROTOBUF_TYPE } from '../protobuf/decode.ts';
import { bytesOf } from '../protobuf/reader.ts';
import { builtInDefinitions } from '../schema/built-in.ts';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import { configMap, startTestServer, type TestServer, widgetDefinition } from '../testing/server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const PARTIAL = 'as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const PARTIAL_LIST = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await server.client.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition());
});

afterAll(() => server.stop());

interface BinaryAnswer {
  readonly code: number;
  readonly type: string;
  readonly bytes: Buffer;
}

async function call(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  accept: string,
  body?: JsonValue,
): Promise<BinaryAnswer> {
  const { client } = server;
  const answer = await request(`${client.origin}${path}`, {
    method,
    dispatcher: client.agent,
    headers: { authorization: `Bearer ${client.token}`, accept, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  return { code: answer.statusCode, type: String(answer.headers['content-type']), bytes };
}

function decoded(bytes: Buffer): JsonObject {
  return decodeObject(bytes, builtInDefinitions());
}

test('objects are as they are in JSON', async () => {
  const { client } = server;
  const secret: JsonObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', labels: { a: '1' }, annotations: { b: '' }, finalizers: ['x.org/a', 'x.org/b'] },
    data: { key: Buffer.from([0, 255, 7]).toString('base64') },
    immutable: false,
  };
  const service: JsonObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'p' },
    spec: {
      type: 'NodePort',
      selector: { a: 'b' },
      ports: [
        { name: 'a', port: 80, targetPort: 'http' },
        { name: 'b', port: 81 },
      ],
    },
  };
  const pod: JsonObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', managedFields: [] },
    spec: {
      volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Gi' } }],
      containers: [
        {
          name: 'c',
          image: 'i',
          resources: { requests: { cpu: '100m', memory: '1Mi' } },
          livenessProbe: { httpGet: { path: '/', port: 80 } },
          env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
        },
      ],
    },
  };
  for (const [path, object] of [
    ['/api/v1/namespaces/default/secrets', secret],
    ['/api/v1/namespaces/default/services', service],
    ['/api/v1/namespaces/default/pods', pod],
  ] as const) {
    const made = await call('POST', path, `${PROTOBUF_TYPE}, application/json`, object);
    expect([made.code, made.type]).toEqual([201, PROTOBUF_TYPE]);
    const inJson = (await client.get(`${path}/${made.bytes.length > 0 ? (object.metadata as JsonObject).name : ''}`))
      .body;
    expect(withoutEmpty(decoded(made.bytes))).toEqual(withoutEmpty(inJson));
  }
});

/** What protobuf does not tell from absence. */
function withoutEmpty(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).flatMap(([key, each]): [string, JsonValue][] => {
    const inner = withoutEmpty(each);
    const isEmpty = inner === '' || inner === null || (typeof inner === 'object' && Object.keys(inner).length === 0);
    return isEmpty && key !== 'f:metadata' ? [] : [[key, inner]];
  });
  return Object.fromEntries(kept);
}

test('lists, metadata and Statuses', async () => {
  const { client } = server;
  for (const name of ['a', 'b']) await client.post(MAPS, configMap(name, { k: name }));
  const list = await call('GET', `${MAPS}?limit=1`, PROTOBUF_TYPE);
  expect(list.type).toBe(PROTOBUF_TYPE);
  const unknown = list.bytes.subarray(4);
  expect(bytesOf(bytesOf(unknown, 1), 2).toString()).toBe('ConfigMapList');
  const item = bytesOf(bytesOf(unknown, 2), 2);
  expect(bytesOf(bytesOf(item, 1), 1).toString()).toBe('a');
  // continue
  expect(bytesOf(bytesOf(bytesOf(unknown, 2), 1), 3).length).toBeGreaterThan(0);

  const missing = await call('GET', `${MAPS}/nothing`, `${PROTOBUF_TYPE},application/json`);
  expect(missing.code).toBe(404);
  expect(decoded(missing.bytes)).toMatchObject({
    kind: 'Status',
    status: 'Failure',
    reason: 'NotFound',
    message: 'configmaps "nothing" not found',
    details: { name: 'nothing', kind: 'configmaps' },
    code: 404,
  });
  const gone = await call('DELETE', `${MAPS}/b`, PROTOBUF_TYPE);
  expect(decoded(gone.bytes)).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'b' } });

  const metadata = await call('GET', `${MAPS}/a`, `${PROTOBUF_TYPE};${PARTIAL},application/json;${PARTIAL}`);
  const partial = metadata.bytes.subarray(4);
  expect(bytesOf(bytesOf(partial, 1), 2).toString()).toBe('PartialObjectMetadata');
  expect(bytesOf(bytesOf(bytesOf(partial, 2), 1), 1).toString()).toBe('a');
});

test('watches are frames with their length in front', async () => {
  const { client } = server;
  const answer = await request(
    `${client.origin}${MAPS}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Da&allowWatchBookmarks=1`,
    {
      dispatcher: client.agent,
      headers: { authorization: `Bearer ${client.token}`, accept: `${PROTOBUF_TYPE},application/json` },
    },
  );
  expect(answer.headers['content-type']).toBe(`${PROTOBUF_TYPE};stream=watch`);
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  const seen: unknown[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const frame = bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    const { kind, metadata } = decoded(bytesOf(bytesOf(frame, 2), 1));
    seen.push([bytesOf(frame, 1).toString(), kind, (metadata as JsonObject).name]);
  }
  expect(seen).toEqual([
    ['ADDED', 'ConfigMap', 'a'],
    ['BOOKMARK', 'ConfigMap', undefined],
  ]);
});

const WIDGETS = '/apis/example.org/v1/namespaces/default/widgets';
const TABLE = 'as=Table;g=meta.k8s.io;v=v1';
const NEGOTIATED: readonly (readonly [path: string, accept: string, code: number, type: string])[] = [
  [MAPS, '', 200, 'application/json'],
  [MAPS, '*/*', 200, 'application/json'],
  [MAPS, `application/json, ${PROTOBUF_TYPE}`, 200, 'application/json'],
  [MAPS, `application/json;q=0.5, ${PROTOBUF_TYPE}`, 200, PROTOBUF_TYPE],
  [MAPS, `*/*, ${PROTOBUF_TYPE}`, 200, PROTOBUF_TYPE],
  [MAPS, 'application/yaml', 200, 'application/yaml'],
  [MAPS, 'application/cbor', 406, 'application/json'],
  [MAPS, 'constructor', 406, 'application/json'],
  [MAPS, `${PROTOBUF_TYPE};${TABLE}`, 406, 'application/json'],
  [MAPS, `${PROTOBUF_TYPE};${TABLE}, application/json;${TABLE}`, 200, 'application/json'],
  [MAPS, `application/yaml;${TABLE}`, 200, 'application/yaml'],
  [WIDGETS, `${PROTOBUF_TYPE}, application/json`, 200, 'application/json'],
  [WIDGETS, PROTOBUF_TYPE, 406, PROTOBUF_TYPE],
  [WIDGETS, `${PROTOBUF_TYPE};${PARTIAL_LIST}`, 200, PROTOBUF_TYPE],
  [WIDGETS, `application/json;${PARTIAL}`, 406, 'application/json'],
  [`${MAPS}/a`, `application/json;${PARTIAL_LIST}`, 406, 'application/json'],
  [`${MAPS}/none`, 'application/yaml', 404, 'application/yaml'],
];
test.each(NEGOTIATED)('%s, %s: %i %s', async (path, accept, code, type) => {
  const answer = await call('GET', path, accept);
  expect([answer.code, answer.type]).toEqual([code, type]);
});

test('large answers are compressed for who accepts it', async () => {
  const { client } = server;
  for (const name of ['l', 'm', 'n']) await client.post(MAPS, configMap(name, { text: name.repeat(100_000) }));
  const plain = await client.get(MAPS);
  for (const path of [MAPS, `${MAPS}/l`]) {
    const headers = { authorization: `Bearer ${client.token}`, 'accept-encoding': 'deflate, gzip;q=0.8' };
    const answer = await request(`${client.origin}${path}`, { dispatcher: client.agent, headers });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    const isLarge = path === MAPS;
    expect(answer.headers['content-encoding']).toBe(isLarge ? 'gzip' : undefined);
    if (isLarge) expect(gunzipSync(bytes).toString()).toBe(plain.text);
  }
  const documents = await request(`${client.origin}/openapi/v2`, {
    dispatcher: client.agent,
    headers: { authorization: `Bearer ${client.token}`, 'accept-encoding': 'gzip' },
  });
  expect(documents.headers['content-encoding']).toBe('gzip');
  expect(JSON.parse(gunzipSync(Buffer.from(await documents.body.arrayBuffer())).toString())).toHaveProperty('swagger');
  const refused = await request(`${client.origin}${MAPS}`, {
    dispatcher: client.agent,
    headers: { authorization: `Bearer ${client.token}`, 'accept-encoding': 'gzip;q=0' },
  });
  expect(await refused.body.text()).toBe(plain.text);
});
