import { X509Certificate } from 'node:crypto';
import { request as httpsRequest } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Authorizer } from '../access/authorizer.ts';
import { RoleIndex } from '../access/role-index.ts';
import type { Core } from '../core.ts';
import { Registry } from '../registry/registry.ts';
import { loadBuiltInSchemas } from '../schema/built-in.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from '../schema/json.ts';
import { Store } from '../storage/store.ts';
import { type KeyKind, type MadeRequest, makeRequest, signingRequest } from '../testing/certificate-requests.ts';
import {
  type Answer,
  silentLog,
  startTestServer,
  type TestClient,
  type TestServer,
  temporaryDirectory,
} from '../testing/server.ts';
import { WebhookClient } from '../webhook/webhook-client.ts';
import { CertificateSigning } from './certificate-signing.ts';

const REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

let running: TestServer;
let admin: TestClient;

beforeAll(async () => {
  running = await startTestServer({ controllers: 'all' });
  admin = running.client;
});

afterAll(() => running.stop());

async function decide(name: string, type: 'Approved' | 'Denied'): Promise<Answer> {
  const { body } = await admin.get(`${REQUESTS}/${name}`);
  body['status'] = { conditions: [{ type, status: 'True', reason: 'Test', message: 'by hand' }] };
  return admin.put(`${REQUESTS}/${name}/approval`, body);
}

function certificateIn(body: JsonObject): string {
  return Buffer.from(textAt(objectAt(body, 'status'), 'certificate'), 'base64').toString();
}

/** Asked for, approved and signed. */
async function signed(name: string, made: MadeRequest, spec: JsonObject = {}): Promise<string> {
  const answer = await admin.post(REQUESTS, signingRequest(name, made.request, spec));
  expect(answer.code, answer.text).toBe(201);
  expect((await decide(name, 'Approved')).code).toBe(200);
  const { body } = await admin.until(`${REQUESTS}/${name}`, ({ body }) => certificateIn(body) !== '');
  return certificateIn(body);
}

function lifeMs(certificate: string): number {
  const { validFrom, validTo } = new X509Certificate(certificate);
  return Date.parse(validTo) - Date.parse(validFrom);
}

/** As whom the server knows a client with this certificate. */
function identityOf(cert: string, key: string): Promise<JsonObject | undefined> {
  const { hostname, port } = new URL(admin.origin);
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const options = { hostname, port, path, method: 'POST', ca: admin.ca, agent: false, cert, key } as const;
  return new Promise((resolve, reject) => {
    const sent = httpsRequest({ ...options, headers: { 'content-type': 'application/json' } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve(objectAt(objectAt(JSON.parse(text), 'status'), 'userInfo')));
    });
    sent.on('error', reject).end(JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }));
  });
}

describe('an approved request', () => {
  test.each<KeyKind>(['ec', 'rsa'])('of a key of kind %s becomes a certificate of a client', async (kind) => {
    const made = await makeRequest('CN=alice,O=dev,O=ops', { kind, host: 'alice.example.com' });
    const certificate = await signed(`alice-${kind}`, made, { expirationSeconds: 3_600 });
    const { ca, subjectAltName } = new X509Certificate(certificate);
    expect({ ca, subjectAltName }).toEqual({ ca: false, subjectAltName: 'DNS:alice.example.com' });
    // Five minutes before, an hour after.
    expect(lifeMs(certificate)).toBe(3_900_000);
    expect(await identityOf(certificate, made.key)).toEqual({
      username: 'alice',
      groups: ['dev', 'ops', 'system:authenticated'],
    });
  });

  test('holds for a year at most', async () => {
    const certificate = await signed('long', await makeRequest('CN=alice'), { expirationSeconds: 100_000_000 });
    expect(lifeMs(certificate)).toBe(365 * 86_400_000);
  });

  test('with marks in its name is of that name', async () => {
    const made = await makeRequest('CN=a\\+b\\, c,O=x\\=y');
    expect(await identityOf(await signed('marks', made), made.key)).toEqual({
      username: 'a+b, c',
      groups: ['x=y', 'system:authenticated'],
    });
  });

  test('for uses that are not those of a client fails', async () => {
    const { request } = await makeRequest('CN=alice');
    await admin.post(REQUESTS, signingRequest('uses', request, { usages: ['client auth', 'server auth'] }));
    await decide('uses', 'Approved');
    const failed = ({ body }: Answer): JsonObject | undefined =>
      objectsAt(objectAt(body, 'status'), 'conditions').find(({ type }) => type === 'Failed');
    const answer = await admin.until(`${REQUESTS}/uses`, (each) => failed(each) !== undefined);
    expect(failed(answer)).toMatchObject({
      reason: 'SignerValidationFailure',
      message: 'invalid usage for client certificate: server auth',
    });
  });
});

test('what is denied, of another signer or undecided is not signed', async () => {
  const { request } = await makeRequest('CN=alice');
  await admin.post(REQUESTS, signingRequest('denied', request));
  await admin.post(REQUESTS, signingRequest('undecided', request));
  await admin.post(REQUESTS, signingRequest('others', request, { signerName: 'example.com/own' }));
  await decide('denied', 'Denied');
  await decide('others', 'Approved');
  // The signer takes them in order.
  await signed('last', await makeRequest('CN=alice'));
  for (const name of ['denied', 'undecided', 'others']) {
    expect(certificateIn((await admin.get(`${REQUESTS}/${name}`)).body), name).toBe('');
  }
});

test('the requester is who the server knows', async () => {
  const { request } = await makeRequest('CN=alice');
  const forged = signingRequest('forged', request, { username: 'eve', groups: ['system:masters'] });
  const { body } = await admin.post(REQUESTS, forged);
  expect(body['spec']).toMatchObject({ username: 'admin', groups: ['system:masters', 'system:authenticated'] });
});

test('old ones go', async () => {
  const directory = temporaryDirectory();
  const store = new Store(directory.path);
  let now = new Date('2026-01-01T00:59:00Z');
  const core: Core = {
    store,
    registry: new Registry(store, loadBuiltInSchemas(), new WebhookClient({ addressOf: () => 'nowhere' })),
    authorizer: new Authorizer(new RoleIndex(store)),
    admit: undefined,
    log: silentLog,
    now: () => now,
  };
  const requests = core.registry.find('certificates.k8s.io', 'certificatesigningrequests');
  if (requests === undefined) throw new Error('no CertificateSigningRequests');
  const at = '2026-01-01T00:00:00Z';
  const condition = (type: string): JsonObject => ({ type, status: 'True', lastUpdateTime: at });
  const statuses: Record<string, JsonObject> = {
    approved: { conditions: [condition('Approved')] },
    denied: { conditions: [condition('Denied')] },
    issued: { conditions: [condition('Approved')], certificate: 'eA==' },
    undecided: {},
  };
  for (const [name, status] of Object.entries(statuses)) {
    const { apiVersion, kind } = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest' };
    const spec = { signerName: 'example.com/own' };
    await store.put(requests.collection, {
      ...{ apiVersion, kind, spec, status },
      metadata: { name, uid: name, creationTimestamp: at },
    });
  }
  const names = (): string[] => requests.collection.range('').map(({ name }) => name);
  const signing = new CertificateSigning(core, { requests, sign: () => Promise.reject(new Error('not asked')) });
  await signing.sweep();
  expect(names()).toEqual(['approved', 'denied', 'issued', 'undecided']);
  now = new Date('2026-01-01T01:01:00Z');
  await signing.sweep();
  expect(names()).toEqual(['approved', 'undecided']);
  now = new Date('2026-01-02T00:01:00Z');
  await signing.sweep();
  expect(names()).toEqual(['approved']);
  signing.stop();
  await store.close();
  directory.remove();
});
