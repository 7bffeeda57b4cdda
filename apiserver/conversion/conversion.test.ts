import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject, objectAt, objectsAt, textAt } from '../schema/json.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { startWebhookServer, type WebhookAnswer, type WebhookServer } from '../testing/webhook-server.ts';

/*
 * A kind `Host`: in v1 `spec.address` is `host:port`, in v2 they are two fields. Stored as v1.
 */

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const V1 = '/apis/example.org/v1/namespaces/default/hosts';
const V2 = '/apis/example.org/v2/namespaces/default/hosts';

let hook: WebhookServer;
let server: TestServer;

beforeAll(async () => {
  hook = await startWebhookServer(convert);
  server = await startTestServer();
  const made = await server.client.post(CRDS, definition({ url: `${hook.url}/convert`, caBundle: hook.caBundle }));
  expect(made.code).toBe(201);
});

beforeEach(() => {
  hook.answer = convert;
  hook.requests.length = 0;
});

afterAll(async () => {
  await server.stop();
  await hook.close();
});

function schema(properties: JsonObject): JsonObject {
  const status: JsonObject = { type: 'object', properties: { ready: { type: 'boolean' } } };
  return {
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties }, status } },
  };
}

function definition(clientConfig: JsonObject): JsonObject {
  const parts: JsonObject = {
    host: { type: 'string' },
    port: { type: 'integer', minimum: 1 },
    protocol: { type: 'string', default: 'tcp' },
    replicas: { type: 'integer' },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'hosts.example.org' },
    spec: {
      group: 'example.org',
      scope: 'Namespaced',
      names: { kind: 'Host', plural: 'hosts' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: schema({ address: { type: 'string' }, protocol: { type: 'string' }, replicas: { type: 'integer' } }),
          subresources: { status: {} },
          additionalPrinterColumns: [{ name: 'Address', type: 'string', jsonPath: '.spec.address' }],
        },
        {
          name: 'v2',
          served: true,
          storage: false,
          schema: schema(parts),
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
          },
          selectableFields: [{ jsonPath: '.spec.host' }],
          additionalPrinterColumns: [
            { name: 'Host', type: 'string', jsonPath: '.spec.host' },
            { name: 'Port', type: 'integer', jsonPath: '.spec.port' },
          ],
        },
      ],
      conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v2', 'v1'] } },
    },
  };
}

function convert(review: JsonObject): WebhookAnswer {
  const request = objectAt(review, 'request') ?? {};
  const wanted = textAt(request, 'desiredAPIVersion');
  const convertedObjects = objectsAt(request, 'objects').map((object) => {
    const { address, host, port, ...rest } = objectAt(object, 'spec') ?? {};
    const colon = String(address).lastIndexOf(':');
    const spec: JsonObject =
      wanted === 'example.org/v1'
        ? { ...rest, ...(host === undefined ? {} : { address: `${String(host)}:${String(port)}` }) }
        : { ...rest, host: String(address).slice(0, colon), port: Number(String(address).slice(colon + 1)) };
    return { ...object, apiVersion: wanted, spec };
  });
  return answered(review, { convertedObjects, result: { status: 'Success' } });
}

function answered(review: JsonObject, response: JsonObject): WebhookAnswer {
  const uid = objectAt(review, 'request')?.uid ?? '';
  return { body: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response: { uid, ...response } } };
}

function host(version: string, name: string, spec: JsonObject): JsonObject {
  return { apiVersion: `example.org/${version}`, kind: 'Host', metadata: { name }, spec };
}

describe('conversion by a webhook', () => {
  test('objects are written and read in each version', async () => {
    const { client } = server;
    const made = await client.post(V2, host('v2', 'a', { host: 'x', port: 80 }));
    expect(made.code, made.text).toBe(201);
    expect(made.body).toMatchObject({ apiVersion: 'example.org/v2', spec: { host: 'x', port: 80, protocol: 'tcp' } });
    expect((await client.get(`${V1}/a`)).body).toMatchObject({
      apiVersion: 'example.org/v1',
      spec: { address: 'x:80', protocol: 'tcp' },
    });
    const [asked] = hook.requests;
    expect(asked?.path).toBe('/convert?timeout=30s');
    expect(asked?.body).toMatchObject({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'ConversionReview',
      request: { desiredAPIVersion: 'example.org/v1', objects: [{ apiVersion: 'example.org/v2', kind: 'Host' }] },
    });
    const patched = await client.patch(`${V2}/a`, { spec: { port: 81 } });
    expect(patched.body).toMatchObject({ metadata: { generation: 2 }, spec: { host: 'x', port: 81 } });
    const replaced = await client.put(`${V1}/a`, {
      ...(await client.get(`${V1}/a`)).body,
      spec: { address: 'y:1', protocol: 'tcp' },
    });
    expect(replaced.body).toMatchObject({ apiVersion: 'example.org/v1', spec: { address: 'y:1' } });
    expect((await client.get(`${V2}/a`)).body).toMatchObject({ spec: { host: 'y', port: 1 } });
    const status = await client.call('PATCH', `${V2}/a/status`, { status: { ready: true } }, MERGE);
    expect(status.body).toMatchObject({ apiVersion: 'example.org/v2', spec: { host: 'y' }, status: { ready: true } });
    const wrong = await client.patch(`${V2}/a`, { spec: { port: 0 } });
    expect(wrong.code).toBe(422);
    expect((await client.delete(`${V2}/a`)).code).toBe(200);
  });

  test('lists, tables, selectors and watches are in the version of the request; a stored object is converted once', async () => {
    const { client } = server;
    const { metadata } = (await client.get(V2)).body;
    for (const name of ['a', 'b', 'c']) {
      await client.post(V1, {
        ...host('v1', name, { address: `${name}.example:8` }),
        metadata: { name, labels: { name } },
      });
    }
    hook.requests.length = 0;
    const list = await client.get(V2);
    expect(objectsAt(list.body, 'items').map((item) => objectAt(item, 'spec')?.host)).toEqual([
      'a.example',
      'b.example',
      'c.example',
    ]);
    expect(hook.requests.length).toBe(1);
    const selected = await client.get(`${V2}?fieldSelector=spec.host%3Db.example`);
    expect(objectsAt(selected.body, 'items').map((item) => objectAt(item, 'metadata')?.name)).toEqual(['b']);
    const table = await client.get(`${V2}?labelSelector=name%3Dc`, {
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    });
    expect(objectsAt(table.body, 'rows').map(({ cells }) => cells)).toEqual([['c', 'c.example', 8]]);
    const end = new AbortController();
    const version = isJsonObject(metadata) ? textAt(metadata, 'resourceVersion') : '';
    const seen: unknown[] = [];
    const watch = `${V2}?watch=1&resourceVersion=${version}&fieldSelector=spec.host!%3Db.example`;
    for await (const event of client.watch(watch, end.signal)) {
      seen.push([event.type, event.object.metadata.name, Reflect.get(event.object, 'spec').host]);
      if (seen.length === 2) await client.patch(`${V1}/a`, { spec: { address: 'b.example:8' } });
      if (seen.length === 3) break;
    }
    end.abort();
    expect(seen).toEqual([
      ['ADDED', 'a', 'a.example'],
      ['ADDED', 'c', 'c.example'],
      ['DELETED', 'a', 'a.example'],
    ]);
    expect(hook.requests.length).toBeLessThanOrEqual(3);
    await client.delete(V2);
  });

  test('scale and apply', async () => {
    const { client } = server;
    const apply = (version: string, path: string, manager: string, spec: JsonObject) =>
      client.call('PATCH', `${path}/s?fieldManager=${manager}`, JSON.stringify(host(version, 's', spec)), APPLY);
    expect((await apply('v2', V2, 'one', { host: 'h', port: 1, replicas: 2 })).code).toBe(201);
    expect((await client.get(`${V2}/s/scale`)).body).toMatchObject({ spec: { replicas: 2 } });
    const scaled = await client.call('PATCH', `${V2}/s/scale`, { spec: { replicas: 3 } }, MERGE);
    expect(scaled.body).toMatchObject({ spec: { replicas: 3 } });
    const conflict = await apply('v2', V2, 'two', { host: 'other' });
    expect(conflict.code).toBe(409);
    // The field is called otherwise in v1, but it is the same one.
    const indirect = await client.patch(`${V1}/s`, { spec: { address: 'new:1' } });
    const owners = objectsAt(objectAt(indirect.body, 'metadata'), 'managedFields');
    const first = owners.find(({ manager }) => manager === 'one');
    expect(JSON.stringify(first?.fieldsV1)).not.toContain('f:host');
    expect(JSON.stringify(first?.fieldsV1)).toContain('f:port');
    await client.delete(`${V1}/s`);
  });

  test('simultaneous changes are not lost', async () => {
    const { client } = server;
    await client.post(V1, host('v1', 'p', { address: 'p:1' }));
    const add = (key: string) => client.patch(`${V2}/p`, { metadata: { labels: { [key]: 'x' } } });
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map(add));
    expect(answers.map(({ code }) => code)).toEqual([200, 200, 200, 200]);
    const { body } = await client.get(`${V1}/p`);
    expect(body).toHaveProperty('metadata.labels', { a: 'x', b: 'x', c: 'x', d: 'x' });
    const both = await Promise.all([1, 2].map((port) => client.post(V2, host('v2', 'q', { host: 'q', port }))));
    expect(new Set(both.map(({ code }) => code))).toEqual(new Set([201, 409]));
    await client.delete(V1);
  });

  const kind = 'example.org/v1, Kind=Host';
  const failures: readonly { name: string; answer: WebhookServer['answer']; message: string }[] = [
    {
      name: 'failure',
      answer: (review) => answered(review, { result: { status: 'Failure', message: 'no such port' } }),
      message: `conversion webhook for ${kind} failed: no such port`,
    },
    {
      name: 'without status',
      answer: (review) => answered(review, { convertedObjects: [] }),
      message: `conversion webhook for ${kind} failed: response.result.status was '', not 'Success'`,
    },
    {
      name: 'nothing converted',
      answer: (review) => answered(review, { convertedObjects: [], result: { status: 'Success' } }),
      message: `conversion webhook for ${kind} returned 0 objects, expected 1`,
    },
    {
      name: 'no response',
      answer: () => ({ body: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview' } }),
      message: `conversion webhook for ${kind} failed: no response provided`,
    },
    {
      name: 'other version',
      answer: (review) => {
        const objects = objectAt(review, 'request')?.objects ?? [];
        return answered(review, { convertedObjects: objects, result: { status: 'Success' } });
      },
      message:
        `conversion webhook for ${kind} returned invalid object at index 0: ` +
        'invalid groupVersion (expected example.org/v2, received example.org/v1)',
    },
    {
      name: 'server error',
      answer: () => ({ code: 500, body: 'boom' }),
      message: `conversion webhook for ${kind} failed: an error on the server ("boom") has prevented the request from succeeding`,
    },
  ];
  test.each(failures)('what is wrong is told: $name', async ({ name, answer, message }) => {
    const { client } = server;
    const object = name.replaceAll(' ', '-');
    await client.post(V1, host('v1', object, { address: 'f:1' }));
    hook.answer = answer;
    const got = await client.get(`${V2}/${object}`);
    expect([got.code, got.body.message]).toEqual([500, message]);
    expect(got.body).not.toHaveProperty('reason');
    hook.answer = convert;
    expect((await client.get(`${V2}/${object}`)).code).toBe(200);
    await client.delete(`${V1}/${object}`);
  });

  test('a Service, a wrong authority, and nobody there', async () => {
    const { client } = server;
    const make = (path: string, body: JsonObject) => client.post(`/api/v1/namespaces/default/${path}`, body);
    await make('services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'hook' },
      spec: { ports: [{ name: 'https', port: 443 }] },
    });
    await client.post(V1, host('v1', 's', { address: 's:1' }));
    const reach = async (clientConfig: JsonObject): Promise<unknown> => {
      const conversion = { webhook: { clientConfig, conversionReviewVersions: ['v1'] } };
      const changed = await client.patch(`${CRDS}/hosts.example.org`, { spec: { conversion } });
      expect(changed.code, changed.text).toBe(200);
      const { code, body } = await client.get(`${V2}/s`);
      return code === 200 ? code : body.message;
    };
    const service = { namespace: 'default', name: 'hook', path: '/convert' };
    const failed = `conversion webhook for ${kind} failed: Post`;
    const there = 'https://hook.default.svc:443/convert?timeout=30s';
    expect(await reach({ url: null, service, caBundle: hook.caBundle })).toBe(
      `${failed} "${there}": no endpoints available for service "hook"`,
    );
    await make('endpoints', {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'hook' },
      subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ name: 'https', port: hook.port }] }],
    });
    expect((await client.get(`${V2}/s`)).code).toBe(200);
    expect(hook.requests.at(-1)?.path).toBe('/convert?timeout=30s');
    expect(await reach({ service, caBundle: null })).toBe(
      `${failed} "${there}": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    );
    expect(await reach({ service: null, url: 'https://127.0.0.1:1/x', caBundle: null })).toBe(
      `${failed} "https://127.0.0.1:1/x?timeout=30s": dial tcp 127.0.0.1:1: connect: connection refused`,
    );
    expect(await reach({ url: `${hook.url}/convert`, caBundle: hook.caBundle })).toBe(200);
  });
});

const MERGE = { contentType: 'application/merge-patch+json' };
const APPLY = { contentType: 'application/apply-patch+yaml' };
