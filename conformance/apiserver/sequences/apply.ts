import type { JsonValue } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../sequence.ts';
import {
  APPLY,
  CONFIG_MAPS,
  configMap,
  DEPLOYMENTS,
  deployment,
  get,
  JSON_PATCH,
  MERGE_PATCH,
  object,
  patch,
  post,
  put,
  SERVICES,
  sequence,
} from './steps.ts';

const A = `${CONFIG_MAPS}/a`;
const D = `${DEPLOYMENTS}/d`;
const S = `${SERVICES}/s`;
const by = (manager: string, more = ''): string => `${A}?fieldManager=${manager}${more}`;
const apply = (manager: string, data: JsonValue, more = '') =>
  patch(by(manager, more), APPLY, object('v1', 'ConfigMap', 'a', { data }));
const container = (name: string, rest = {}) => ({ name, image: `example.org/${name}:1`, ...rest });
const applyDeployment = (manager: string, containers: JsonValue, spec = {}, more = '') =>
  patch(`${D}?fieldManager=${manager}${more}`, APPLY, deployment('d', spec, containers));
const applyService = (manager: string, ports: JsonValue, spec = {}) =>
  patch(`${S}?fieldManager=${manager}`, APPLY, object('v1', 'Service', 's', { spec: { ports, ...spec } }));

/** Server-side apply: ownership, conflicts, force, list-map keys, sets, transfers, and `managedFields` of all other writes. */
export const APPLIES: readonly Sequence[] = [
  sequence('apply/create', apply('one', { a: '1' }), get(A)),
  sequence('apply/twice', apply('one', { a: '1' }), apply('one', { a: '1' })),
  sequence('apply/drop a field', apply('one', { a: '1', b: '2' }), apply('one', { b: '2' })),
  sequence('apply/conflict', apply('one', { a: '1' }), apply('two', { a: '2' }), get(A)),
  sequence(
    'apply/several conflicts',
    apply('one', { a: '1', b: '2' }),
    apply('two', { a: '3' }, '&force=true'),
    apply('three', { a: '4', b: '5' }),
  ),
  sequence(
    'apply/conflict with an update',
    post(`${CONFIG_MAPS}?fieldManager=other`, configMap('a')),
    apply('one', { a: '2' }),
  ),
  sequence(
    'apply/force',
    apply('one', { a: '1', b: '1' }),
    apply('two', { a: '2' }, '&force=true'),
    apply('one', { b: '1' }),
  ),
  sequence(
    'apply/same value shares',
    apply('one', { a: '1' }),
    apply('two', { a: '1' }),
    apply('one', {}),
    get(A),
    apply('two', {}),
  ),
  sequence('apply/no manager', patch(A, APPLY, configMap('a'))),
  sequence('apply/empty manager', apply('', { a: '1' })),
  sequence('apply/manager too long', apply('m'.repeat(129), { a: '1' })),
  sequence('apply/manager unprintable', apply('a%01', { a: '1' })),
  sequence(
    'apply/with managedFields',
    patch(
      by('one'),
      APPLY,
      configMap('a', {}, { managedFields: [{ manager: 'x', operation: 'Apply', apiVersion: 'v1' }] }),
    ),
  ),
  sequence('apply/empty managedFields', patch(by('one'), APPLY, configMap('a', {}, { managedFields: [] }))),
  sequence('apply/another name', patch(by('one'), APPLY, configMap('b'))),
  sequence('apply/no name', patch(by('one'), APPLY, { apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } })),
  sequence('apply/no kind', patch(by('one'), APPLY, { metadata: { name: 'a' } })),
  sequence('apply/another kind', patch(by('one'), APPLY, object('v1', 'Secret', 'a'))),
  sequence('apply/another version', patch(by('one'), APPLY, object('v2', 'ConfigMap', 'a'))),
  sequence(
    'apply/with an old version',
    apply('one', { a: '1' }),
    patch(by('one'), APPLY, configMap('a', { a: '2' }, { resourceVersion: '1' })),
  ),
  sequence(
    'apply/what is not there, with a version',
    patch(by('one'), APPLY, configMap('a', {}, { resourceVersion: '1' })),
  ),
  sequence(
    'apply/with a uid',
    patch(by('one'), APPLY, configMap('a', {}, { uid: '11111111-1111-1111-1111-111111111111' })),
  ),
  sequence(
    'apply/YAML',
    patch(by('one'), APPLY, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: "1"\n'),
  ),
  sequence('apply/bad YAML', patch(by('one'), APPLY, 'a: b: c')),
  sequence('apply/empty', patch(by('one'), APPLY, '')),
  sequence('apply/a list', patch(by('one'), APPLY, '[]')),
  sequence(
    'apply/duplicate keys',
    patch(by('one'), APPLY, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: "1"\n  a: "2"\n'),
  ),
  sequence('apply/wrong type', apply('one', { a: 1 })),
  sequence('apply/invalid', patch(by('one'), APPLY, configMap('a', { 'a b': '1' }))),
  sequence('apply/unknown field', patch(by('one'), APPLY, { ...configMap('a'), foo: 1 })),
  ...['Strict', 'Warn', 'Ignore'].map((value) =>
    sequence(
      `apply/unknown field, ${value}`,
      patch(by('one', `&fieldValidation=${value}`), APPLY, { ...configMap('a'), foo: 1 }),
    ),
  ),
  sequence('apply/dry run', apply('one', { a: '1' }, '&dryRun=All'), get(A)),
  sequence('apply/dry run of a change', apply('one', { a: '1' }), apply('one', { b: '1' }, '&dryRun=All'), get(A)),
  sequence('apply/null value', apply('one', { a: null })),
  sequence(
    'apply/empty map',
    patch(by('one'), APPLY, object('v1', 'ConfigMap', 'a', { data: {} })),
    patch(by('one'), APPLY, object('v1', 'ConfigMap', 'a')),
  ),
  sequence(
    'apply/labels',
    patch(by('one'), APPLY, configMap('a', {}, { labels: { x: '1' } })),
    patch(by('two'), APPLY, configMap('a', {}, { labels: { y: '1' } })),
    patch(by('one'), APPLY, configMap('a', {}, {})),
  ),
  sequence(
    'apply/finalizers are a set',
    patch(by('one'), APPLY, configMap('a', {}, { finalizers: ['example.org/a'] })),
    patch(by('two'), APPLY, configMap('a', {}, { finalizers: ['example.org/b'] })),
    patch(by('one'), APPLY, configMap('a')),
    patch(by('two'), APPLY, configMap('a')),
  ),
  sequence(
    'apply/owner references',
    post(CONFIG_MAPS, configMap('o'), { name: 'o' }),
    post(CONFIG_MAPS, configMap('p'), { name: 'p' }),
    patch(
      by('one'),
      APPLY,
      configMap(
        'a',
        {},
        { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '<<o.metadata.uid>>' }] },
      ),
    ),
    patch(
      by('two'),
      APPLY,
      configMap(
        'a',
        {},
        { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'p', uid: '<<p.metadata.uid>>' }] },
      ),
    ),
  ),
  sequence(
    'apply/then update takes over',
    apply('one', { a: '1', b: '1' }),
    put(`${A}?fieldManager=two`, configMap('a', { a: '2', b: '1' })),
    apply('one', { a: '1', b: '1' }),
    apply('one', { a: '1', b: '1' }, '&force=true'),
  ),
  sequence(
    'apply/then update removes',
    apply('one', { a: '1', b: '1' }),
    put(`${A}?fieldManager=two`, configMap('a', { b: '1' })),
    apply('one', { a: '1', b: '1' }),
  ),
  sequence(
    'apply/then patch',
    apply('one', { a: '1' }),
    patch(`${A}?fieldManager=two`, MERGE_PATCH, { data: { b: '2' } }),
    patch(`${A}?fieldManager=two`, MERGE_PATCH, { data: { a: '3' } }),
    patch(`${A}?fieldManager=one`, MERGE_PATCH, { data: { a: '4' } }),
  ),
  sequence(
    'apply/update of the same manager',
    apply('one', { a: '1' }),
    put(`${A}?fieldManager=one`, configMap('a', { a: '2' })),
    apply('one', { a: '3' }),
  ),
  sequence(
    'apply/containers',
    applyDeployment('one', [container('main'), container('side')]),
    applyDeployment('one', [container('main')]),
  ),
  sequence(
    'apply/containers of two managers',
    applyDeployment('one', [container('main')]),
    applyDeployment('two', [container('side')]),
    applyDeployment('one', [container('new'), container('main', { env: [{ name: 'A', value: '1' }] })]),
    applyDeployment('two', []),
  ),
  sequence(
    'apply/replicas are given away',
    applyDeployment('one', [container('main')], { replicas: 3 }),
    patch(`${D}?fieldManager=scaler`, MERGE_PATCH, { spec: { replicas: 5 } }),
    applyDeployment('one', [container('main')]),
  ),
  sequence(
    'apply/env conflict',
    applyDeployment('one', [container('main', { env: [{ name: 'A', value: '1' }] })]),
    applyDeployment('two', [container('main', { env: [{ name: 'A', value: '2' }] })]),
  ),
  sequence('apply/duplicate containers', applyDeployment('one', [container('main'), container('main')])),
  sequence('apply/container without a name', applyDeployment('one', [{ image: 'x' }])),
  sequence(
    'apply/ports',
    applyService('one', [{ port: 80 }]),
    applyService('two', [{ port: 81, name: 'b' }]),
    applyService('two', [
      { port: 80, name: 'a' },
      { port: 81, name: 'b' },
    ]),
  ),
  sequence(
    'apply/ports with protocols',
    applyService('one', [
      { port: 53, protocol: 'TCP', name: 't' },
      { port: 53, protocol: 'UDP', name: 'u' },
    ]),
    applyService('one', [{ port: 53, protocol: 'UDP', name: 'u' }]),
  ),
  sequence('apply/ports without defaults of keys', applyService('one', [{ port: 80 }, { port: 80 }])),
  sequence(
    'apply/atomic selector',
    applyService('one', [{ port: 80 }], { selector: { a: 'b' } }),
    applyService('two', [{ port: 80 }], { selector: { c: 'd' } }),
  ),
  sequence(
    'apply/what is terminating',
    patch(by('one'), APPLY, configMap('a', {}, { finalizers: ['example.org/hold'] })),
    { method: 'DELETE', path: A },
    apply('one', { a: '1' }),
  ),
  sequence(
    'managedFields/of create and update',
    post(CONFIG_MAPS, configMap('a')),
    put(A, configMap('a', { b: '2' })),
    patch(A, MERGE_PATCH, { metadata: { labels: { x: 'y' } } }),
    get(A),
  ),
  sequence(
    'managedFields/of two updaters',
    post(`${CONFIG_MAPS}?fieldManager=one`, configMap('a')),
    patch(`${A}?fieldManager=two`, JSON_PATCH, [{ op: 'add', path: '/data/b', value: '2' }]),
    put(`${A}?fieldManager=three`, configMap('a', { a: '1', b: '3' })),
    put(`${A}?fieldManager=one`, configMap('a', {})),
  ),
  sequence(
    'managedFields/emptied',
    post(`${CONFIG_MAPS}?fieldManager=one`, configMap('a')),
    put(`${A}?fieldManager=two`, configMap('a', { a: '1' }, { managedFields: [{}] })),
    patch(`${A}?fieldManager=two`, MERGE_PATCH, { data: { b: '1' } }),
  ),
  sequence(
    'managedFields/sent by a client',
    post(
      `${CONFIG_MAPS}?fieldManager=one`,
      configMap(
        'a',
        {},
        {
          managedFields: [
            { manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } },
          ],
        },
      ),
    ),
  ),
  sequence(
    'managedFields/bad ones',
    post(CONFIG_MAPS, configMap('a', {}, { managedFields: [{ manager: 'x', operation: 'Explode' }] })),
    post(
      CONFIG_MAPS,
      configMap(
        'b',
        {},
        { managedFields: [{ manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV2' }] },
      ),
    ),
  ),
  sequence(
    'managedFields/of status',
    post(DEPLOYMENTS, deployment('d')),
    put(`${D}/status`, { ...deployment('d'), status: { observedGeneration: 1, replicas: 2 } }),
    patch(`${D}/status?fieldManager=st`, APPLY, object('apps/v1', 'Deployment', 'd', { status: { readyReplicas: 1 } })),
    get(D),
  ),
  sequence(
    'managedFields/of scale',
    post(DEPLOYMENTS, deployment('d')),
    patch(`${D}/scale`, MERGE_PATCH, { spec: { replicas: 4 } }),
    get(D),
  ),
];
