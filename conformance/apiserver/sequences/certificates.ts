import type { JsonObject, JsonValue } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../sequence.ts';
import { APPLY, get, MERGE_PATCH, object, patch, post, put, remove, sequence, TABLE } from './steps.ts';

const VERSION = 'certificates.k8s.io/v1';
const REQUESTS = `/apis/${VERSION}/certificatesigningrequests`;
const CLIENT = 'kubernetes.io/kube-apiserver-client';

const pem = (label: string, ...lines: readonly string[]): string =>
  `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Of `alice` in the group `dev`. Nobody has the key any more. */
const ALICE = pem(
  'CERTIFICATE REQUEST',
  'MIHZMIGAAgEAMB4xDDAKBgNVBAoMA2RldjEOMAwGA1UEAwwFYWxpY2UwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARdv58U',
  'VBn2tOVjkJr7kUaeNC/Tpi4uWq/CeMFC9WRG5ZcxUqvgFYczvtUu3x7SoWqONTWi++qdEbzcBlCQr4WpoAAwCgYIKoZIzj0E',
  'AwIDSAAwRQIhAKa++r5LIm7JF98p6Jz0ZF+OGNmMBlx5NeVw1ZaFOrshAiAKPxtj71GM4ZL32V6Ghf7NAP+FPnsKxX7P32AY',
  'bLj6SQ==',
);
/** The same in the group `system:masters`. */
const MASTER = pem(
  'CERTIFICATE REQUEST',
  'MIHkMIGLAgEAMCkxFzAVBgNVBAoMDnN5c3RlbTptYXN0ZXJzMQ4wDAYDVQQDDAVhbGljZTBZMBMGByqGSM49AgEGCCqGSM49',
  'AwEHA0IABF2/nxRUGfa05WOQmvuRRp40L9OmLi5ar8J4wUL1ZEbllzFSq+AVhzO+1S7fHtKhao41NaL76p0RvNwGUJCvhamg',
  'ADAKBggqhkjOPQQDAgNIADBFAiEAhU6etweGXRjTg7Ivz1/LVeQAITXwCkP7FoE4RsvZNokCIHKS+KIxMv8d2IHrAmDdb8Nf',
  '5+PK0PHQCrjfgecZfJ63',
);
const CERTIFICATE = base64(
  pem(
    'CERTIFICATE',
    'MIIBdjCCAR2gAwIBAgIUETN/TD4IXUDXkXDJfWGMvXShbREwCgYIKoZIzj0EAwIwEDEOMAwGA1UEAwwFYWxpY2UwIBcNMjYx',
    'MTIyMDg1NDI1WhgPMjEyNjEwMjkwODU0MjVaMBAxDjAMBgNVBAMMBWFsaWNlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE',
    'Xb+fFFQZ9rTlY5Ca+5FGnjQv06YuLlqvwnjBQvVkRuWXMVKr4BWHM77VLt8e0qFqjjU1ovvqnRG83AZQkK+FqaNTMFEwHQYD',
    'VR0OBBYEFLJO0zUq16cRURtVdlIF0g3KGByhMB8GA1UdIwQYMBaAFLJO0zUq16cRURtVdlIF0g3KGByhMA8GA1UdEwEB/wQF',
    'MAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgcNDb43qD9S5Fz5hgJcgA4r/7lArPqOcpbki/Wv4il/ICIFxnpNLeq16dz9lM+52y',
    'NzWA9gXo2Yv5ru0cr7HYj3y5',
  ),
);

const SPEC: JsonObject = { request: base64(ALICE), signerName: CLIENT, usages: ['client auth'] };
const named = (name: string, spec: JsonObject = {}, rest: JsonObject = {}): JsonObject =>
  object(VERSION, 'CertificateSigningRequest', name, { spec: { ...SPEC, ...spec }, ...rest });
const condition = (type: string, rest: JsonObject = {}): JsonObject => ({
  type,
  status: 'True',
  reason: 'Test',
  message: 'm',
  ...rest,
});
const conditions = (...given: JsonValue[]): JsonObject => ({ status: { conditions: given } });
const at = (name: string, part = ''): string => `${REQUESTS}/${name}${part}`;
const asUser = (name: string) => ({ as: { name, groups: ['dev', 'system:authenticated'] } });
const as = asUser('alice');
/** Sequences run at the same time: who may more in one of them is nobody of another. */
const asApprover = asUser('anton');

const roleOf = (name: string, ...rules: JsonObject[]): JsonObject =>
  object('rbac.authorization.k8s.io/v1', 'ClusterRole', name, { rules });
const bindingOf = (name: string, user: string): JsonObject =>
  object('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', name, {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'User', name: user }],
  });
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const granted = (name: string, { as: { name: user } }: typeof as, ...rules: JsonObject[]) =>
  [
    post(`${RBAC}/clusterroles`, roleOf(name, ...rules), { unseen: true }),
    post(`${RBAC}/clusterrolebindings`, bindingOf(name, user), { unseen: true }),
  ] as const;
const rule = (resources: string[], verbs: string[], rest: JsonObject = {}): JsonObject => ({
  apiGroups: ['certificates.k8s.io'],
  resources,
  verbs,
  ...rest,
});
const ALL = rule(
  ['certificatesigningrequests', 'certificatesigningrequests/approval', 'certificatesigningrequests/status'],
  ['*'],
);

/** CertificateSigningRequests: what of them whom belongs. Signing is no work of kube-apiserver. */
export const CERTIFICATES: readonly Sequence[] = [
  sequence(
    'csr/created',
    post(
      REQUESTS,
      named(
        'csr-created',
        { username: 'eve', groups: ['system:masters'], extra: { a: ['b'] } },
        conditions(condition('Approved')),
      ),
    ),
    get(at('csr-created')),
    get(at('csr-created', '/approval')),
    get(at('csr-created', '/status')),
    get(at('csr-created'), { accept: TABLE }),
    get(`${REQUESTS}?fieldSelector=spec.signerName%3D${encodeURIComponent(CLIENT)}%2Cmetadata.name%3Dcsr-created`),
    get(at('csr-created', '/other')),
    remove(at('csr-created')),
  ),
  sequence(
    'csr/no shape',
    post(REQUESTS, object(VERSION, 'CertificateSigningRequest', 'csr-empty', { spec: {} })),
    post(REQUESTS, object(VERSION, 'CertificateSigningRequest', 'csr-empty')),
  ),
  sequence(
    'csr/invalid',
    post(REQUESTS, named('csr-invalid', { request: base64('nothing') })),
    post(REQUESTS, named('csr-invalid', { request: CERTIFICATE })),
    post(REQUESTS, named('csr-invalid', { usages: [] })),
    post(REQUESTS, named('csr-invalid', { usages: ['client auth', 'other', 'client auth'] })),
    post(REQUESTS, named('csr-invalid', { signerName: '' })),
    post(REQUESTS, named('csr-invalid', { signerName: 'kubernetes.io/legacy-unknown' })),
    post(REQUESTS, named('csr-invalid', { signerName: 'client' })),
    post(REQUESTS, named('csr-invalid', { signerName: 'local/client' })),
    post(REQUESTS, named('csr-invalid', { signerName: 'Example.com/Client' })),
    post(REQUESTS, named('csr-invalid', { signerName: 'example.com/' })),
    post(REQUESTS, named('csr-invalid', { expirationSeconds: 599 })),
    post(REQUESTS, named('csr-invalid', { request: base64(MASTER) })),
  ),
  sequence(
    'csr/other signers may have masters',
    post(
      REQUESTS,
      named('csr-other', { request: base64(MASTER), signerName: 'example.com/other', expirationSeconds: 600 }),
    ),
  ),
  sequence(
    'csr/changed',
    post(REQUESTS, { ...named('csr-changed'), metadata: { name: 'csr-changed', labels: { z: '1' } } }),
    put(at('csr-changed'), {
      ...named('csr-changed', { signerName: 'example.com/other' }, conditions(condition('Approved'))),
      metadata: { name: 'csr-changed', labels: { z: '2' } },
    }),
    patch(at('csr-changed'), MERGE_PATCH, { metadata: { labels: { a: 'b' } }, spec: { usages: ['server auth'] } }),
    patch(`${at('csr-changed')}?fieldManager=m`, APPLY, {
      ...named('csr-changed'),
      metadata: { name: 'csr-changed', labels: { c: 'd' } },
    }),
  ),
  sequence(
    'csr/approved',
    post(REQUESTS, named('csr-approved'), { unseen: true }),
    put(
      at('csr-approved', '/approval'),
      named(
        'csr-approved',
        { signerName: 'example.com/other' },
        { status: { conditions: [condition('Approved')], certificate: CERTIFICATE } },
      ),
    ),
    get(at('csr-approved'), { accept: TABLE }),
    put(at('csr-approved', '/approval'), named('csr-approved', {}, conditions(condition('Denied')))),
    put(
      at('csr-approved', '/approval'),
      named('csr-approved', {}, conditions(condition('Approved'), condition('Denied'))),
    ),
    put(
      at('csr-approved', '/approval'),
      named('csr-approved', {}, conditions(condition('Approved', { message: 'other' }))),
    ),
    put(at('csr-approved', '/status'), named('csr-approved', {}, { status: { certificate: CERTIFICATE } })),
    put(
      at('csr-approved', '/status'),
      named(
        'csr-approved',
        {},
        { status: { conditions: [condition('Approved', { message: 'mine' })], certificate: base64('nothing') } },
      ),
    ),
    put(
      at('csr-approved', '/status'),
      named(
        'csr-approved',
        {},
        { status: { conditions: [condition('Approved', { message: 'mine' })], certificate: CERTIFICATE } },
      ),
    ),
    get(at('csr-approved'), { accept: TABLE }),
    put(at('csr-approved', '/status'), named('csr-approved', {}, conditions(condition('Approved')))),
    remove(at('csr-approved', '/approval')),
  ),
  sequence(
    'csr/denied and failed',
    post(REQUESTS, named('csr-denied'), { unseen: true }),
    patch(at('csr-denied', '/approval'), MERGE_PATCH, conditions(condition('Denied'))),
    put(
      at('csr-denied', '/status'),
      named(
        'csr-denied',
        {},
        conditions(condition('Denied'), condition('Failed'), condition('Own', { status: 'False' })),
      ),
    ),
    put(at('csr-denied', '/status'), named('csr-denied', {}, conditions(condition('Denied')))),
    get(at('csr-denied'), { accept: TABLE }),
  ),
  sequence(
    'csr/wrong conditions',
    post(REQUESTS, named('csr-wrong'), { unseen: true }),
    put(at('csr-wrong', '/approval'), named('csr-wrong', {}, conditions(condition('Approved', { status: 'False' })))),
    put(at('csr-wrong', '/approval'), named('csr-wrong', {}, conditions({ type: 'Approved' }))),
    put(at('csr-wrong', '/approval'), named('csr-wrong', {}, conditions({ status: 'True' }))),
    put(at('csr-wrong', '/approval'), named('csr-wrong', {}, conditions(condition('Own', { status: 'Perhaps' })))),
    put(at('csr-wrong', '/approval'), named('csr-wrong', {}, conditions(condition('Approved'), condition('Approved')))),
    put(at('csr-wrong', '/status'), named('csr-wrong', {}, conditions(condition('Approved')))),
  ),
  sequence(
    'csr/rights of a requester',
    ...granted('csr-requester', as, ALL),
    get(REQUESTS, { ...as, until: 200, unseen: true }),
    post(REQUESTS, named('csr-mine'), as),
    put(at('csr-mine', '/approval'), named('csr-mine', {}, conditions(condition('Approved'))), as),
    put(at('csr-mine', '/status'), named('csr-mine', {}, { status: { certificate: CERTIFICATE } }), as),
    put(at('csr-mine', '/status'), named('csr-mine'), as),
    remove(`${RBAC}/clusterrolebindings/csr-requester`, undefined, { unseen: true }),
  ),
  sequence(
    'csr/rights for a signer',
    ...granted(
      'csr-approver',
      asApprover,
      ALL,
      rule(['signers'], ['approve'], { resourceNames: [CLIENT] }),
      rule(['signers'], ['sign'], { resourceNames: ['kubernetes.io/*'] }),
    ),
    post(REQUESTS, named('csr-theirs'), { unseen: true }),
    put(at('csr-theirs', '/approval'), named('csr-theirs', {}, conditions(condition('Approved'))), {
      ...asApprover,
      until: 200,
    }),
    put(
      at('csr-theirs', '/status'),
      named('csr-theirs', {}, { status: { conditions: [condition('Approved')], certificate: CERTIFICATE } }),
      asApprover,
    ),
    remove(`${RBAC}/clusterrolebindings/csr-approver`, undefined, { unseen: true }),
  ),
];
