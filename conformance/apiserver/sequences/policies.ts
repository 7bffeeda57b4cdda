import type { JsonObject } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../sequence.ts';
import { CONFIG_MAPS, configMap, get, MERGE_PATCH, object, PODS, patch, pod, post, remove, sequence } from './steps.ts';

const VERSION = 'admissionregistration.k8s.io/v1';
const POLICIES = `/apis/${VERSION}/validatingadmissionpolicies`;
const BINDINGS = `/apis/${VERSION}/validatingadmissionpolicybindings`;
const RULE = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] };
const HERE = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '<<ns>>' } } };

const policy = (spec: JsonObject): JsonObject =>
  object(VERSION, 'ValidatingAdmissionPolicy', '<<ns>>', {
    spec: { matchConstraints: { resourceRules: [RULE], ...HERE }, ...spec },
  });
const binding = (spec: JsonObject): JsonObject =>
  object(VERSION, 'ValidatingAdmissionPolicyBinding', '<<ns>>', {
    spec: { policyName: '<<ns>>', validationActions: ['Deny'], ...spec },
  });

/** A policy takes a moment; when it refuses what is called `never`, it is there. */
const inForce = (name: string, spec: JsonObject, bound: JsonObject, ...bodies: readonly JsonObject[]): Sequence =>
  sequence(
    name,
    post(POLICIES, policy(spec), { unseen: true }),
    post(BINDINGS, binding(bound), { unseen: true }),
    post(CONFIG_MAPS, configMap('never'), { until: 422, unseen: true }),
    ...bodies.map((body) => post(CONFIG_MAPS, body)),
    remove(`${BINDINGS}/<<ns>>`, undefined, { unseen: true }),
    remove(`${POLICIES}/<<ns>>`, undefined, { unseen: true }),
  );

const NEVER = { expression: 'object.metadata.name != "never"' };

const REFUSED: readonly (readonly [string, JsonObject])[] = [
  ['nothing', { validations: [] }],
  ['no rules', { matchConstraints: {}, validations: [NEVER] }],
  ['no constraints', { matchConstraints: null, validations: [NEVER] }],
  ['no expression', { validations: [{ expression: ' ' }] }],
  ['no bool', { validations: [{ expression: '1' }] }],
  ['unknown function', { validations: [{ expression: 'object.foo().bar() || nothing' }] }],
  ['message with lines', { validations: [{ ...NEVER, message: 'a\nb' }] }],
  ['no text as a message', { validations: [{ ...NEVER, messageExpression: '1' }] }],
  ['unknown reason', { validations: [{ ...NEVER, reason: 'Because' }] }],
  [
    'variables',
    {
      variables: [
        { name: 'a b', expression: '1' },
        { name: '', expression: '' },
      ],
      validations: [NEVER],
    },
  ],
  ['unknown variable', { validations: [{ expression: 'variables.a' }] }],
  [
    'types of variables',
    {
      variables: [
        { name: 'a', expression: 'variables.b' },
        { name: 'c', expression: '1' },
        { name: 'd', expression: 'variables.c == 1' },
      ],
      validations: [
        { expression: 'variables.d' },
        { expression: 'variables.c' },
        { expression: 'variables.e' },
        { expression: 'request.dryRun && request.nothing' },
        { expression: 'object.data.a' },
      ],
      auditAnnotations: [{ key: 'a', valueExpression: 'variables.c' }],
    },
  ],
  ['condition', { matchConditions: [{ name: '', expression: '' }], validations: [NEVER] }],
  ['parameter', { paramKind: { apiVersion: '', kind: '' }, validations: [NEVER] }],
];

const POD_RULES = [
  { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods/binding', 'pods/eviction'] },
  { apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['pods'] },
];
const bindTo = (node: string): JsonObject => object('v1', 'Binding', 'p', { target: { kind: 'Node', name: node } });
const evict = (name: string): JsonObject => object('policy/v1', 'Eviction', name);

/** ValidatingAdmissionPolicies. */
export const POLICY_SEQUENCES: readonly Sequence[] = [
  ...REFUSED.map(([what, spec]) => sequence(`policies/${what}`, post(POLICIES, policy(spec)))),
  sequence(
    'policies/life',
    post(POLICIES, policy({ validations: [{ expression: 'object.metadata.name != "a"', message: 'no a' }] })),
    post(BINDINGS, binding({})),
    get(`${BINDINGS}/<<ns>>`),
    patch(`${BINDINGS}/<<ns>>`, MERGE_PATCH, { spec: { validationActions: ['Deny', 'Warn'] } }),
    patch(`${BINDINGS}/<<ns>>`, MERGE_PATCH, { spec: { validationActions: [] } }),
    patch(`${BINDINGS}/<<ns>>`, MERGE_PATCH, { spec: { paramRef: { name: 'a', selector: {} } } }),
    patch(`${BINDINGS}/<<ns>>`, MERGE_PATCH, { spec: { policyName: '' } }),
    remove(`${BINDINGS}/<<ns>>`),
    remove(`${POLICIES}/<<ns>>`),
  ),
  sequence(
    'policies/bindings and evictions',
    post(
      POLICIES,
      policy({
        matchConstraints: { resourceRules: POD_RULES, ...HERE },
        validations: [
          {
            expression: 'request.operation == "DELETE" || object.kind != "Binding" || object.target.name != "never"',
            message: 'not there',
          },
          {
            expression: 'request.operation == "DELETE" || object.kind != "Eviction" || object.metadata.name == "p"',
            messageExpression:
              '"no " + request.kind.kind + " of " + object.metadata.name + " by " + request.subResource',
          },
          { expression: 'request.operation != "DELETE"', message: 'it stays' },
        ],
      }),
      { unseen: true },
    ),
    post(BINDINGS, binding({}), { unseen: true }),
    post(PODS, pod('p')),
    post(PODS, pod('q'), { unseen: true }),
    post(`${PODS}/p/binding?dryRun=All`, bindTo('never'), { until: 422 }),
    post(`${PODS}/p/binding`, bindTo('never')),
    post(`${PODS}/p/binding?dryRun=All`, bindTo('n')),
    post(`${PODS}/q/eviction`, evict('q')),
    remove(`${PODS}/q`),
    post(`${PODS}/p/eviction`, evict('p')),
    get(`${PODS}/p`),
    remove(`${BINDINGS}/<<ns>>`, undefined, { unseen: true }),
    remove(`${POLICIES}/<<ns>>`, undefined, { unseen: true }),
  ),
  inForce(
    'policies/in force',
    {
      variables: [{ name: 'count', expression: 'has(object.data) ? size(object.data) : 0' }],
      validations: [
        NEVER,
        { expression: 'variables.count < 2', messageExpression: '"too many: " + string(variables.count)' },
        { expression: '!has(object.data.b)', message: 'no b', reason: 'Forbidden' },
        { expression: '!has(object.data.c)' },
      ],
    },
    {},
    configMap('a'),
    configMap('b', { a: '1', b: '2' }),
    configMap('b', { b: '2' }),
    configMap('b', { c: '2' }),
  ),
  inForce(
    'policies/without a result',
    { validations: [NEVER, { expression: 'object.data.a == "1"' }] },
    {},
    configMap('a'),
    configMap('b', { b: '1' }),
  ),
  inForce(
    'policies/without parameters',
    { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, validations: [NEVER] },
    { paramRef: { name: 'none', parameterNotFoundAction: 'Deny' } },
    configMap('a'),
  ),
];
