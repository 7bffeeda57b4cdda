/** What somebody who may do everything in the namespace of one project can see and take of another's. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import path from 'node:path';
import { KIND_REFS } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ALB_NAMESPACE, Installation } from '../acceptance/installation.ts';
import { base64, frontend, rule } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort, get } from '../e2e/traffic.ts';
import { repository, run } from '../launcher/up-process.ts';
import { eventsOf } from './events.ts';

/** In everything of the other project: an answer that holds it has told too much. */
const MARK = 'only-for-team-2';
const CORE = '/api/v1/namespaces/team-2';
const RULES = `/apis/crd.alauda.io/v1/namespaces/${ALB_NAMESPACE}/rules`;
const PORTS = `/apis/crd.alauda.io/v1/namespaces/${ALB_NAMESPACE}/frontends`;
const INSTANCE = `/apis/crd.alauda.io/v2beta1/namespaces/${ALB_NAMESPACE}/alaudaloadbalancer2`;
const INGRESSES = '/apis/networking.k8s.io/v1/namespaces/team-2/ingresses';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

interface Answer {
  readonly code: number;
  readonly text: string;
}

let home: Installation;
let alice: (method: string, url: string, body?: object, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
let ports: { readonly http: number };

beforeAll(async () => {
  home = await Installation.join();
  for (const team of ['team-1', 'team-2']) {
    await home.apply({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: team, labels: { 'cpaas.io/project': team } },
    });
  }
  await home.kubectl(['create', 'rolebinding', 'alice', '-n', 'team-1', '--clusterrole=admin', '--group=team-1']);
  ports = await home.addAlb('shared', { projects: ['team-1', 'team-2'] });
  const metadata = { namespace: 'team-2', labels: { mark: MARK } };
  await home.apply(
    {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { ...metadata, name: 'cert' } },
      data: { auth: base64(MARK) },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, name: 'map' }, data: { 'X-Mark': MARK } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...metadata, name: 'robot' } },
    {
      ...{ apiVersion: 'v1', kind: 'Service', metadata: { ...metadata, name: 'app' } },
      spec: { ports: [{ name: 'http', port: 80 }] },
    },
    {
      ...{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { ...metadata, name: 'site' } },
      spec: {
        ingressClassName: 'shared',
        defaultBackend: { service: { name: 'app', port: { number: 80 } } },
      },
    },
  );
  await home.apply(frontend('shared', 'team-2-port', ports.http));
  await home.apply(
    rule(
      { alb: 'shared', frontend: 'team-2-port', name: 'team-2-rule' },
      { description: MARK, dslx: [{ type: 'URL', values: [['STARTS_WITH', '/team-2']] }] },
    ),
  );
  alice = await userOf('alice', ['team-1']);
});
afterAll(() => home.stop());

/** Credentials as `causeway user` gives them out. */
async function userOf(name: string, groups: readonly string[]): Promise<typeof alice> {
  const file = path.join(home.dataDirectory, `${name}.kubeconfig`);
  const { code, stderr } = await run(path.join(repository, 'causeway'), [
    ...['user', name, '--data-dir', home.dataDirectory, '--output', file],
    ...groups.flatMap((group) => ['--group', group]),
  ]);
  expect(code, stderr).toBe(0);
  const config = parse(readFileSync(file, 'utf8'));
  const decoded = (text: string): string => Buffer.from(text, 'base64').toString();
  const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster;
  const { 'client-certificate-data': cert, 'client-key-data': key } = config.users[0].user;
  const { hostname, port } = new URL(server);
  const tls = { ca: decoded(ca), cert: decoded(cert), key: decoded(key), host: hostname, port };
  return async (method, url, body, headers = {}) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    return await new Promise<Answer>((resolve, reject) => {
      const sent = request({ ...tls, method, path: url, agent: false, headers: { 'content-type': type, ...headers } });
      sent.on('error', reject);
      sent.on(
        'response',
        (answer) => void textOf(answer).then((told) => resolve({ code: answer.statusCode ?? 0, text: told })),
      );
      sent.end(text);
    });
  };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += String(chunk);
  return text;
}

/** All that must stay as it is: who changes it changes a revision. */
async function others(): Promise<readonly string[]> {
  const kinds = ['Secret', 'ConfigMap', 'Service', 'Ingress', 'Frontend', 'Rule', 'ALB2', 'Namespace'] as const;
  const lists = await Promise.all(kinds.map(async (kind) => (await home.api.list(KIND_REFS[kind])).items));
  return lists
    .flat()
    .filter(({ metadata }) => metadata.namespace !== 'team-1' && metadata.namespace !== 'default')
    .map(
      ({ kind, metadata }) =>
        `${kind} ${metadata.namespace}/${metadata.name} ${metadata.uid} ${metadata.generation ?? ''}`,
    )
    .sort();
}

const binding = (role: string) => ({
  metadata: { name: 'mine' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'alice' }],
});
const forged = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: 0, start: 'team-2/a' })).toString('base64url');

type Attempt = readonly [
  what: string,
  code: number,
  method: string,
  url: string,
  body?: object | undefined,
  headers?: Readonly<Record<string, string>>,
];

const ATTEMPTS: readonly Attempt[] = [
  ['read a certificate', 403, 'GET', `${CORE}/secrets/cert`],
  ['only its head', 403, 'HEAD', `${CORE}/secrets/cert`],
  ['list certificates', 403, 'GET', `${CORE}/secrets`],
  ['list those of all', 403, 'GET', '/api/v1/secrets'],
  ['list those of all, selected', 403, 'GET', '/api/v1/secrets?fieldSelector=metadata.namespace%3Dteam-1'],
  ['list one by name', 403, 'GET', '/api/v1/secrets?fieldSelector=metadata.name%3Dcert'],
  ['watch certificates', 403, 'GET', `${CORE}/secrets?watch=true&timeoutSeconds=1`],
  ['watch one', 403, 'GET', `${CORE}/secrets/cert?watch=true&timeoutSeconds=1`],
  [
    'watch those of all',
    403,
    'GET',
    '/api/v1/secrets?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&timeoutSeconds=1',
  ],
  ['the old way to watch', 403, 'GET', '/api/v1/watch/namespaces/team-2/secrets'],
  ['as a table', 403, 'GET', '/api/v1/secrets', undefined, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' }],
  [
    'as metadata',
    403,
    'GET',
    `${CORE}/secrets`,
    undefined,
    { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' },
  ],
  ['change a certificate', 403, 'PATCH', `${CORE}/secrets/cert`, { data: {} }],
  [
    'apply one',
    403,
    'PATCH',
    `${CORE}/secrets/cert?fieldManager=a&force=true`,
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cert' } },
    { 'content-type': 'application/apply-patch+yaml' },
  ],
  ['replace one', 403, 'PUT', `${CORE}/secrets/cert`, { metadata: { name: 'cert' } }],
  ['delete one', 403, 'DELETE', `${CORE}/secrets/cert`],
  ['delete all', 403, 'DELETE', `${CORE}/secrets`],
  ['delete, and only try', 403, 'DELETE', `${CORE}/secrets/cert?dryRun=All`],
  ['create there', 403, 'POST', `${CORE}/secrets`, { metadata: { name: 'mine' } }],
  [
    'create there by way of here',
    400,
    'POST',
    '/api/v1/namespaces/team-1/secrets',
    { metadata: { name: 'mine', namespace: 'team-2' } },
  ],
  ['move there', 404, 'PATCH', '/api/v1/namespaces/team-1/secrets/cert', { metadata: { namespace: 'team-2' } }],
  ['climb in the path', 403, 'GET', '/api/v1/namespaces/team-1/../team-2/secrets/cert'],
  ['climb in an element', 404, 'GET', '/api/v1/namespaces/team-1/secrets/..%2F..%2Fteam-2%2Fsecrets%2Fcert'],
  ['climb in the namespace', 403, 'GET', '/api/v1/namespaces/team-1%2F..%2Fteam-2/secrets/cert'],
  ['without namespace', 403, 'GET', '/api/v1/secrets/cert'],
  ['read the rules of all', 403, 'GET', '/apis/crd.alauda.io/v1/rules'],
  ['read rules', 403, 'GET', RULES],
  ['read a rule', 403, 'GET', `${RULES}/team-2-rule`],
  ['change a rule', 403, 'PATCH', `${RULES}/team-2-rule`, { spec: { url: '/' } }],
  ['add a rule', 403, 'POST', RULES, { metadata: { name: 'mine' }, spec: { priority: 1 } }],
  ['delete the rules', 403, 'DELETE', RULES],
  ['read ports', 403, 'GET', PORTS],
  [
    'take a port',
    403,
    'PATCH',
    `${PORTS}/team-2-port`,
    { metadata: { labels: { 'project.cpaas.io/team-1': 'true' } } },
  ],
  ["take a port's status", 403, 'PATCH', `${PORTS}/team-2-port/status`, { status: {} }],
  ['open a port', 403, 'POST', PORTS, { metadata: { name: 'mine' }, spec: { port: 8_443, protocol: 'tcp' } }],
  ['give ports to oneself', 403, 'PATCH', `${INSTANCE}/shared`, { spec: { config: { portProjects: '[]' } } }],
  [
    'have an instance of its own',
    403,
    'POST',
    '/apis/crd.alauda.io/v2beta1/namespaces/team-1/alaudaloadbalancer2',
    { metadata: { name: 'mine' }, spec: { config: { networkMode: 'host' } } },
  ],
  [
    'have the Ingresses of all served by an instance of its own',
    403,
    'POST',
    '/apis/ingress-nginx.alauda.io/v1/namespaces/team-1/ingressnginxes',
    { metadata: { name: 'mine' }, spec: {} },
  ],
  [
    'say what a data plane does',
    403,
    'POST',
    '/apis/causeway.dev/v1alpha1/namespaces/team-1/instances',
    { metadata: { name: 'mine' }, spec: {} },
  ],
  ['read an Ingress', 403, 'GET', `${INGRESSES}/site`],
  ['change an Ingress', 403, 'PATCH', `${INGRESSES}/site`, { spec: { ingressClassName: 'mine' } }],
  ["change an Ingress' status", 403, 'PATCH', `${INGRESSES}/site/status`, { status: {} }],
  ['read a ConfigMap', 403, 'GET', `${CORE}/configmaps/map`],
  ['read events', 403, 'GET', `${CORE}/events`],
  ['read events of all', 403, 'GET', '/apis/events.k8s.io/v1/events'],
  ['read endpoints', 403, 'GET', '/apis/discovery.k8s.io/v1/namespaces/team-2/endpointslices'],
  ['a token of a ServiceAccount', 403, 'POST', `${CORE}/serviceaccounts/robot/token`, { spec: {} }],
  ['be the administrator', 403, 'GET', `${CORE}/secrets`, undefined, { 'impersonate-user': 'admin' }],
  [
    'be in a group',
    403,
    'GET',
    `${CORE}/secrets`,
    undefined,
    { 'impersonate-user': 'alice', 'impersonate-group': 'system:masters' },
  ],
  [
    'be their ServiceAccount',
    403,
    'GET',
    `${CORE}/secrets`,
    undefined,
    { 'impersonate-user': 'system:serviceaccount:team-2:robot' },
  ],
  ['bind oneself there', 403, 'POST', `${RBAC}/namespaces/team-2/rolebindings`, binding('admin')],
  ['bind oneself everywhere', 403, 'POST', `${RBAC}/clusterrolebindings`, binding('cluster-admin')],
  ['bind more than one has', 403, 'POST', `${RBAC}/namespaces/team-1/rolebindings`, binding('cluster-admin')],
  [
    'a role with more than one has',
    403,
    'POST',
    `${RBAC}/namespaces/team-1/roles`,
    { metadata: { name: 'mine' }, rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] },
  ],
  [
    'aggregate into a role',
    403,
    'POST',
    `${RBAC}/clusterroles`,
    { metadata: { name: 'mine', labels: { 'rbac.authorization.k8s.io/aggregate-to-admin': 'true' } }, rules: [] },
  ],
  [
    'consent in their name',
    403,
    'POST',
    '/apis/gateway.networking.k8s.io/v1beta1/namespaces/team-2/referencegrants',
    { metadata: { name: 'mine' } },
  ],
  [
    'a webhook that is told everything',
    403,
    'POST',
    '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    { metadata: { name: 'mine' }, webhooks: [] },
  ],
  ['change a kind', 403, 'PATCH', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/rules.crd.alauda.io', {}],
  ['make its project ours', 403, 'PATCH', CORE, { metadata: { labels: { 'cpaas.io/project': 'team-1' } } }],
  [
    'make us of its project',
    403,
    'PATCH',
    '/api/v1/namespaces/team-1',
    { metadata: { labels: { 'cpaas.io/project': 'team-2' } } },
  ],
  ['delete its namespace', 403, 'DELETE', CORE],
  [
    'ask what others may do',
    403,
    'POST',
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    { spec: { user: 'admin', resourceAttributes: { verb: 'get', resource: 'secrets' } } },
  ],
  ['ask whose a token is', 403, 'POST', '/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'a' } }],
  ['read leases', 403, 'GET', `/apis/coordination.k8s.io/v1/namespaces/${ALB_NAMESPACE}/leases`],
  // What is allowed tells nothing of others either.
  ['go on with a forged list', 410, 'GET', `/api/v1/namespaces/team-1/secrets?continue=${forged}`],
  [
    'select in the own namespace',
    200,
    'GET',
    '/api/v1/namespaces/team-1/secrets?fieldSelector=metadata.namespace%3Dteam-2',
  ],
  ['read the documents', 200, 'GET', '/openapi/v3'],
];

describe('LIM-33 ALB-126 a user of one project', () => {
  test('has what the role gives in the own namespace', async () => {
    const url = '/api/v1/namespaces/team-1/secrets';
    expect((await alice('POST', url, { metadata: { name: 'own' }, stringData: { a: 'b' } })).code).toBe(201);
    expect((await alice('GET', `${url}/own`)).code).toBe(200);
    expect((await alice('DELETE', `${url}/own`)).code).toBe(200);
    const who = await alice('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
    expect(JSON.parse(who.text).status.userInfo).toMatchObject({
      username: 'alice',
      groups: ['team-1', 'system:authenticated'],
    });
  });

  for (const [what, code, method, url, body, headers] of ATTEMPTS) {
    test(`cannot: ${what}`, async () => {
      const answer = await alice(method, url, body, headers);
      expect(answer.code, answer.text).toBe(code);
      expect(answer.text).not.toContain(MARK);
      expect(answer.text).not.toContain(base64(MARK));
    });
  }

  test('changed nothing of what others have', async () => {
    const before = await others();
    for (const [, , method, url, body, headers] of ATTEMPTS) await alice(method, url, body, headers);
    expect(await others()).toEqual(before);
  });

  test('gets nothing by references either: a certificate, a map, a port', async () => {
    const ingress = (name: string, annotations: object) => ({
      metadata: { name, annotations },
      spec: {
        ingressClassName: 'shared',
        rules: [
          {
            http: {
              paths: [
                { path: `/${name}`, pathType: 'Prefix', backend: { service: { name: 'own', port: { number: 80 } } } },
              ],
            },
          },
        ],
      },
    });
    const own = '/apis/networking.k8s.io/v1/namespaces/team-1/ingresses';
    const prefix = 'nginx.ingress.kubernetes.io';
    const secret = { [`${prefix}/auth-type`]: 'basic', [`${prefix}/auth-secret`]: 'team-2/cert' };
    expect((await alice('POST', own, ingress('steals', secret))).code).toBe(201);
    await eventually(async () => {
      const found = (await home.list('Rule')).find(({ spec }) => spec.source?.name === 'steals');
      expect((await eventsOf(home, 'Rule', found?.metadata.name ?? '')).join('\n')).toContain('RefNotPermitted');
    });

    const port = await freePort();
    const stolen = frontend('shared', 'mine', port);
    const created = await alice('POST', '/apis/crd.alauda.io/v1/namespaces/team-1/frontends', {
      ...stolen,
      metadata: { name: 'mine', labels: stolen.metadata.labels },
    });
    expect([201, 422]).toContain(created.code);
    expect((await alice('POST', own, ingress('later', {}))).code).toBe(201);
    await eventually(async () => {
      const taken = (await home.list('Rule')).some(({ spec }) => spec.source?.name === 'later');
      expect(taken).toBe(true);
    });
    await expect(get(port)).rejects.toThrow('ECONNREFUSED');
  });
});
