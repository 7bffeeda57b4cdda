import type { JsonObject } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../sequence.ts';
import {
  CONFIG_MAPS,
  configMap,
  core,
  get,
  grouped,
  MERGE_PATCH,
  object,
  patch,
  post,
  put,
  remove,
  sequence,
} from './steps.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';
const ROLES = grouped(RBAC, 'roles');
const BINDINGS = grouped(RBAC, 'rolebindings');
const A = `${CONFIG_MAPS}/a`;
const ALICE = { name: 'alice', groups: ['team', 'system:authenticated'] };

const role = (name: string, ...rules: readonly JsonObject[]) => object(RBAC, 'Role', name, { rules: [...rules] });
const binding = (
  name: string,
  roleName: string,
  subject: JsonObject = { kind: 'User', name: 'alice' },
  kind = 'Role',
) =>
  object(RBAC, 'RoleBinding', name, {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: roleName },
    subjects: [subject],
  });
const rule = (verbs: string[], resources: string[], rest: JsonObject = {}): JsonObject => ({
  verbs,
  resources,
  apiGroups: [''],
  ...rest,
});
const granted = (...rules: readonly JsonObject[]) =>
  [post(ROLES, role('r', ...rules), { unseen: true }), post(BINDINGS, binding('b', 'r'), { unseen: true })] as const;
const made = post(CONFIG_MAPS, configMap('a'), { unseen: true });
const as = { as: ALICE };
const allowed = get(A, { as: ALICE, until: 200 });
const AUTHORIZATION = '/apis/authorization.k8s.io/v1';
const review = (spec: JsonObject) => ({ apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec });
const may = (resourceAttributes: JsonObject, options = {}) =>
  post(`${AUTHORIZATION}/selfsubjectaccessreviews`, review({ resourceAttributes }), options);

/** Roles, bindings, reviews, impersonation, tokens. */
export const ACCESS: readonly Sequence[] = [
  sequence(
    'rbac/nothing is allowed',
    made,
    get(A, as),
    get(CONFIG_MAPS, as),
    post(CONFIG_MAPS, configMap('b'), as),
    put(A, configMap('a'), as),
    patch(A, MERGE_PATCH, {}, as),
    remove(A, undefined, as),
    remove(CONFIG_MAPS, undefined, as),
    get('/api/v1/nodes', as),
    get('/apis/apps/v1/deployments', as),
    get('/metrics', as),
    get(`${CONFIG_MAPS}?watch=true`, as),
  ),
  sequence(
    'rbac/discovery is allowed',
    get('/version', { ...as, until: 200, unseen: true }),
    get('/apis/rbac.authorization.k8s.io', as),
  ),
  sequence(
    'rbac/get alone',
    made,
    ...granted(rule(['get'], ['configmaps'])),
    allowed,
    get(CONFIG_MAPS, as),
    remove(A, undefined, as),
  ),
  sequence(
    'rbac/one name',
    made,
    ...granted(rule(['get', 'list', 'delete'], ['configmaps'], { resourceNames: ['a'] })),
    allowed,
    get(`${CONFIG_MAPS}/b`, as),
    get(CONFIG_MAPS, as),
    get(`${CONFIG_MAPS}?fieldSelector=metadata.name%3Da`, as),
  ),
  sequence(
    'rbac/all verbs',
    made,
    ...granted(rule(['*'], ['configmaps'])),
    allowed,
    patch(A, MERGE_PATCH, { data: { z: '1' } }, as),
    get(core('secrets'), as),
  ),
  sequence(
    'rbac/subresource',
    ...granted(rule(['get'], ['configmaps', 'pods/log', 'serviceaccounts/token'])),
    made,
    allowed,
    get(core('pods', '/p'), as),
    post(
      core('serviceaccounts', '/default/token'),
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
      as,
    ),
  ),
  sequence(
    'rbac/group',
    made,
    post(ROLES, role('r', rule(['get'], ['configmaps'])), { unseen: true }),
    post(BINDINGS, binding('b', 'r', { kind: 'Group', name: 'team' }), { unseen: true }),
    allowed,
  ),
  sequence(
    'rbac/service account',
    made,
    post(ROLES, role('r', rule(['get'], ['configmaps'])), { unseen: true }),
    post(BINDINGS, binding('b', 'r', { kind: 'ServiceAccount', name: 'default', namespace: '<<ns>>' }), {
      unseen: true,
    }),
    get(A, { as: { name: 'system:serviceaccount:<<ns>>:default' }, until: 200 }),
    get(A, { as: { name: 'system:serviceaccount:<<ns>>:other' } }),
  ),
  sequence(
    'rbac/cluster role in a namespace',
    made,
    post(BINDINGS, binding('b', 'system:aggregate-to-view', undefined, 'ClusterRole'), { unseen: true }),
    allowed,
    get(core('secrets'), as),
    get('/api/v1/configmaps', as),
  ),
  sequence(
    'rbac/edit',
    made,
    post(BINDINGS, binding('b', 'system:aggregate-to-edit', undefined, 'ClusterRole'), { unseen: true }),
    patch(A, MERGE_PATCH, {}, { as: ALICE, until: 200 }),
    post(core('secrets'), object('v1', 'Secret', 's'), as),
    get(ROLES, as),
  ),
  sequence(
    'rbac/admin',
    made,
    post(BINDINGS, binding('b', 'system:aggregate-to-admin', undefined, 'ClusterRole'), { unseen: true }),
    get(ROLES, { as: ALICE, until: 200 }),
    post(ROLES, role('mine', rule(['get'], ['configmaps'])), as),
    post(ROLES, role('more', rule(['get'], ['nodes'])), as),
    post(BINDINGS, binding('c', 'cluster-admin', undefined, 'ClusterRole'), as),
  ),
  sequence(
    'rbac/escalation',
    made,
    ...granted(rule(['get'], ['configmaps']), {
      apiGroups: ['rbac.authorization.k8s.io'],
      resources: ['roles', 'rolebindings'],
      verbs: ['*'],
    }),
    allowed,
    post(ROLES, role('x', rule(['get', 'list'], ['configmaps', 'secrets'])), as),
    post(ROLES, role('y', rule(['get'], ['configmaps'])), as),
    post(BINDINGS, binding('z', 'y'), as),
    post(BINDINGS, binding('none', 'none'), as),
  ),
  sequence(
    'rbac/invalid role',
    post(ROLES, role('a', { verbs: [], resources: ['x'], apiGroups: [''] })),
    post(ROLES, role('b', { verbs: ['get'] })),
    post(ROLES, role('c', { verbs: ['get'], nonResourceURLs: ['/x'] })),
    post(ROLES, role('d', { verbs: ['get'], resources: ['x'] })),
    post(ROLES, role('a:b', rule(['get'], ['x']))),
    post(ROLES, role('a%b', rule(['get'], ['x']))),
  ),
  sequence(
    'rbac/invalid cluster role',
    post(
      `/apis/${RBAC}/clusterroles`,
      object(RBAC, 'ClusterRole', '<<ns>>', {
        rules: [{ verbs: ['get'], nonResourceURLs: ['/x'], resources: ['x'], apiGroups: [''] }],
      }),
    ),
    post(
      `/apis/${RBAC}/clusterroles`,
      object(RBAC, 'ClusterRole', '<<ns>>', { aggregationRule: { clusterRoleSelectors: [] } }),
    ),
    post(
      `/apis/${RBAC}/clusterroles`,
      object(RBAC, 'ClusterRole', '<<ns>>', {
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'a b': 'x' } }] },
      }),
    ),
  ),
  sequence(
    'rbac/invalid binding',
    post(BINDINGS, object(RBAC, 'RoleBinding', 'b', {})),
    post(BINDINGS, binding('b', 'r', { kind: 'Robot', name: 'x' })),
    post(BINDINGS, binding('b', 'r', { kind: 'ServiceAccount', name: 'x' })),
    post(BINDINGS, binding('b', '')),
    post(BINDINGS, binding('b', 'r', { kind: 'User' })),
    post(BINDINGS, binding('b', 'r', { kind: 'User', name: 'x', apiGroup: 'wrong' })),
    post(BINDINGS, binding('b', 'r', undefined, 'Deployment')),
  ),
  sequence(
    'rbac/roleRef is immutable',
    post(BINDINGS, binding('b', 'r')),
    patch(`${BINDINGS}/b`, MERGE_PATCH, { roleRef: { name: 'other' } }),
    patch(`${BINDINGS}/b`, MERGE_PATCH, { subjects: [] }),
  ),
  sequence('rbac/defaults', post(BINDINGS, binding('b', 'r', { kind: 'ServiceAccount', name: 'x', namespace: 'y' }))),
  ...['cluster-admin', 'system:basic-user', 'system:discovery', 'system:public-info-viewer'].map((name) =>
    sequence(
      `rbac/default role ${name}`,
      get(`/apis/${RBAC}/clusterroles/${name}`),
      get(`/apis/${RBAC}/clusterrolebindings/${name}`),
    ),
  ),
  sequence(
    'reviews/myself',
    may({ verb: 'get', resource: 'configmaps', namespace: '<<ns>>' }),
    may({ verb: 'get', resource: 'configmaps', namespace: '<<ns>>' }, as),
  ),
  sequence(
    'reviews/by a role',
    ...granted(rule(['get'], ['configmaps'])),
    made,
    allowed,
    may({ verb: 'get', resource: 'configmaps', namespace: '<<ns>>' }, as),
    may({ verb: 'list', resource: 'configmaps', namespace: '<<ns>>' }, as),
    may({ verb: '*', resource: '*', namespace: '<<ns>>' }, as),
  ),
  sequence(
    'reviews/paths',
    post(
      `${AUTHORIZATION}/selfsubjectaccessreviews`,
      review({ nonResourceAttributes: { path: '/healthz', verb: 'get' } }),
      as,
    ),
    post(
      `${AUTHORIZATION}/selfsubjectaccessreviews`,
      review({ nonResourceAttributes: { path: '/x', verb: 'get' } }),
      as,
    ),
  ),
  sequence(
    'reviews/invalid',
    post(`${AUTHORIZATION}/selfsubjectaccessreviews`, review({})),
    post(
      `${AUTHORIZATION}/selfsubjectaccessreviews`,
      review({ resourceAttributes: { verb: 'get' }, nonResourceAttributes: { path: '/' } }),
    ),
    get(`${AUTHORIZATION}/selfsubjectaccessreviews`),
  ),
  sequence(
    'reviews/others',
    post(`${AUTHORIZATION}/subjectaccessreviews`, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: 'root', groups: ['system:masters'], resourceAttributes: { verb: 'get', resource: 'nodes' } },
    }),
    post(`${AUTHORIZATION}/subjectaccessreviews`, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { resourceAttributes: { verb: 'get', resource: 'nodes' } },
    }),
    post(`${AUTHORIZATION}/subjectaccessreviews`, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: 'nobody', resourceAttributes: { verb: 'get', resource: 'nodes' } },
    }),
  ),
  sequence(
    'reviews/local',
    post(`${AUTHORIZATION}/namespaces/<<ns>>/localsubjectaccessreviews`, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'LocalSubjectAccessReview',
      spec: { user: 'nobody', resourceAttributes: { verb: 'get', resource: 'pods', namespace: '<<ns>>' } },
    }),
    post(`${AUTHORIZATION}/namespaces/<<ns>>/localsubjectaccessreviews`, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'LocalSubjectAccessReview',
      metadata: { namespace: '<<ns>>' },
      spec: { user: 'nobody', resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'other' } },
    }),
  ),
  sequence(
    'reviews/rules',
    ...granted(rule(['get'], ['configmaps'])),
    made,
    allowed,
    post(
      `${AUTHORIZATION}/selfsubjectrulesreviews`,
      { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: {} },
      as,
    ),
  ),
  sequence(
    'reviews/who am I',
    post(
      '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      as,
    ),
    post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
    }),
  ),
  sequence(
    'impersonation/not allowed to everybody',
    get(A, { as: { name: 'system:anonymous' } }),
    post(
      '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      { as: { name: 'system:serviceaccount:<<ns>>:default' } },
    ),
  ),
  sequence(
    'tokens/request',
    post(core('serviceaccounts', '/default/token'), {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {},
    }),
  ),
  sequence(
    'tokens/audiences',
    post(core('serviceaccounts', '/default/token'), {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: ['x'], expirationSeconds: 700 },
    }),
  ),
  sequence(
    'tokens/too short',
    post(core('serviceaccounts', '/default/token'), {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 5 },
    }),
  ),
  sequence(
    'tokens/no account',
    post(core('serviceaccounts', '/none/token'), {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {},
    }),
  ),
  sequence(
    'tokens/bound to what is not there',
    post(core('serviceaccounts', '/default/token'), {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'p' } },
    }),
    post(core('serviceaccounts', '/default/token'), {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { boundObjectRef: { apiVersion: 'v1', kind: 'ConfigMap', name: 'p' } },
    }),
  ),
  sequence(
    'tokens/review',
    post(
      core('serviceaccounts', '/default/token'),
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
      { name: 'made', unseen: true },
    ),
    post('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: '<<made.status.token>>' },
    }),
    post('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: 'nonsense' },
    }),
    post('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: {},
    }),
  ),
  sequence('tokens/get', get(core('serviceaccounts', '/default/token'))),
];
