/** Requests that are wrong in one way or another. The seed and the number of a case determine it. */
import type { JsonObject, JsonValue } from '@causeway/apiserver/schema/json';
import { stringify } from 'yaml';
import { Random } from '../random.ts';
import type { InProcessRequest } from './in-process.ts';
import { BOMBS, damaged, mutated, oddText, oddValue } from './mutation.ts';
import { DEFINITION, SAMPLES, type Sample } from './samples.ts';

/** Where all that is written goes. */
export const FUZZ_NAMESPACE = 'fuzz';
/** Of the objects of each kind that are written again and again. */
export const FUZZ_NAMES: readonly string[] = ['fuzz-0', 'fuzz-1', 'fuzz-2'];

/** The `number`-th case. @param token of the administrator */
export function fuzzCase(seed: number, number: number, token: string): InProcessRequest {
  const random = new Random(seed, `case ${number}`);
  const request = requestOf(random);
  const headers = { authorization: `Bearer ${token}`, 'user-agent': 'fuzz/1.0', ...request.headers };
  return { ...request, headers };
}

function requestOf(random: Random): InProcessRequest {
  const choice = random.next();
  if (choice < 0.3) return write(random);
  if (choice < 0.65) return patch(random);
  if (choice < 0.8) return read(random);
  if (choice < 0.82) return remove(random);
  if (choice < 0.88) return question(random);
  if (choice < 0.91) return definition(random);
  if (choice < 0.999) return strayPath(random);
  return bomb(random);
}

function write(random: Random): InProcessRequest {
  const sample = random.pick(SAMPLES);
  const name = nameOf(random);
  const creates = random.next() < 0.5;
  const subresource = creates ? '' : subresourceOf(random);
  const object = objectOf(sample, random, name);
  const text = random.next() < 0.8 ? JSON.stringify(object) : yamlOf(object);
  const type = text.startsWith('{') ? 'application/json' : 'application/yaml';
  return {
    method: creates ? 'POST' : 'PUT',
    url: `${collectionPath(sample)}${creates ? '' : `/${name}${subresource}`}${writeQuery(random)}`,
    headers: { ...bodyType(random, type), accept: accepted(random) },
    body: bodyOf(text, random),
  };
}

function patch(random: Random): InProcessRequest {
  const sample = random.pick(SAMPLES);
  const name = nameOf(random);
  const { type, text } = patchOf(sample, name, random);
  return {
    method: 'PATCH',
    url: `${collectionPath(sample)}/${name}${subresourceOf(random)}${writeQuery(random, type)}`,
    headers: { ...bodyType(random, type), accept: accepted(random) },
    body: bodyOf(text, random),
  };
}

function patchOf(sample: Sample, name: string, random: Random): { readonly type: string; readonly text: string } {
  switch (random.below(4)) {
    case 0:
      return { type: 'application/json-patch+json', text: JSON.stringify(operations(sample, random)) };
    case 1:
      return { type: 'application/merge-patch+json', text: JSON.stringify(partOf(sample, random)) };
    case 2:
      return { type: 'application/strategic-merge-patch+json', text: JSON.stringify(strategic(sample, random)) };
    default: {
      const object = objectOf(sample, random, name);
      return {
        type: 'application/apply-patch+yaml',
        text: random.next() < 0.5 ? JSON.stringify(object) : yamlOf(object),
      };
    }
  }
}

/** RFC 6902, more or less. */
function operations(sample: Sample, random: Random): JsonValue {
  const list = Array.from({ length: 1 + random.below(4) }, (): JsonValue => {
    const op = random.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'add', 'replace', oddText(random)]);
    const operation: Record<string, JsonValue> = { op, path: pointer(sample, random) };
    if (op === 'move' || op === 'copy') operation['from'] = pointer(sample, random);
    else if (op !== 'remove') operation['value'] = oddValue(random);
    return random.next() < 0.1 ? mutated(operation, random) : operation;
  });
  return random.next() < 0.05 ? oddValue(random) : list;
}

/** RFC 6901: of something that is there, or not. */
function pointer(sample: Sample, random: Random): string {
  let value: JsonValue = { ...sample.object, metadata: { name: '', labels: {}, annotations: {}, finalizers: [] } };
  let path = '';
  while (typeof value === 'object' && value !== null && random.next() < 0.85) {
    const [key, next] = random.pick([...Object.entries(value), ['-', null], [oddText(random), null]] as const);
    path += `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    value = next as JsonValue;
  }
  return random.next() < 0.05 ? oddText(random) : path;
}

/** Some of the fields, changed. */
function partOf(sample: Sample, random: Random): JsonValue {
  const { apiVersion: _, kind: __, ...rest } = sample.object;
  const whole: JsonValue = { ...rest, metadata: metadataOf(random) };
  let changed: JsonValue = whole;
  for (let count = 1 + random.below(3); count > 0; count -= 1) changed = mutated(changed, random);
  return changed;
}

const DIRECTIVES = ['$patch', '$retainKeys', '$deleteFromPrimitiveList/finalizers', '$setElementOrder/ports'] as const;

function strategic(sample: Sample, random: Random): JsonValue {
  const value = partOf(sample, random);
  const objects: Record<string, JsonValue>[] = [];
  const collect = (each: JsonValue): void => {
    if (typeof each !== 'object' || each === null) return;
    if (!Array.isArray(each)) objects.push(each as Record<string, JsonValue>);
    for (const child of Object.values(each)) collect(child as JsonValue);
  };
  collect(value);
  if (objects.length > 0 && random.next() < 0.6) {
    const directive = random.next() < 0.8 ? random.pick(DIRECTIVES) : oddText(random);
    const argument = random.pick<JsonValue>(['delete', 'replace', 'merge', ['a'], [{ port: 80 }], oddValue(random)]);
    Object.defineProperty(random.pick(objects), directive, { value: argument, enumerable: true, configurable: true });
  }
  return value;
}

function read(random: Random): InProcessRequest {
  const sample = random.pick(SAMPLES);
  const everywhere = random.next() < 0.3 ? `${sample.groupVersion}/${sample.plural}` : collectionPath(sample);
  const path = random.next() < 0.3 ? `${collectionPath(sample)}/${nameOf(random)}${subresourceOf(random)}` : everywhere;
  const method = random.next() < 0.95 ? 'GET' : 'HEAD';
  return { method, url: path + readQuery(random), headers: { accept: accepted(random) }, body: undefined };
}

function remove(random: Random): InProcessRequest {
  const sample = random.pick(SAMPLES);
  const whole = sample.namespaced && random.next() < 0.1;
  const options = mutated(
    {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: random.pick(['Background', 'Foreground', 'Orphan', 'a']),
      preconditions: { uid: 'a', resourceVersion: '1' },
      gracePeriodSeconds: 0,
      dryRun: ['All'],
    },
    random,
  );
  return {
    method: 'DELETE',
    url: collectionPath(sample) + (whole ? readQuery(random) : `/${nameOf(random)}${writeQuery(random)}`),
    headers: { 'content-type': 'application/json', accept: accepted(random) },
    body: random.next() < 0.5 ? undefined : bodyOf(JSON.stringify(options), random),
  };
}

const QUESTIONS: readonly (readonly [string, JsonObject])[] = [
  ['/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { resourceAttributes: { verb: 'get', resource: 'pods' } }],
  [
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    { user: 'a', groups: ['b'], extra: { c: ['d'] }, nonResourceAttributes: { path: '/', verb: 'get' } },
  ],
  ['/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { namespace: FUZZ_NAMESPACE }],
  [
    `/apis/authorization.k8s.io/v1/namespaces/${FUZZ_NAMESPACE}/localsubjectaccessreviews`,
    { user: 'a', resourceAttributes: { namespace: FUZZ_NAMESPACE, verb: '*', resource: '*', name: 'a' } },
  ],
  ['/apis/authentication.k8s.io/v1/tokenreviews', { token: 'a.b.c', audiences: ['a'] }],
  ['/apis/authentication.k8s.io/v1/selfsubjectreviews', {}],
  [
    `/api/v1/namespaces/${FUZZ_NAMESPACE}/serviceaccounts/default/token`,
    {
      audiences: ['a'],
      expirationSeconds: 600,
      boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'a', uid: 'b' },
    },
  ],
];

function question(random: Random): InProcessRequest {
  const [url, spec] = random.pick(QUESTIONS);
  return {
    method: 'POST',
    url,
    headers: bodyType(random, 'application/json'),
    body: bodyOf(JSON.stringify(mutated({ spec }, random)), random),
  };
}

function definition(random: Random): InProcessRequest {
  let object: JsonValue = { ...DEFINITION.object, metadata: { name: 'fuzzes.fuzz.example.org' } };
  for (let count = random.below(4); count > 0; count -= 1) object = mutated(object, random);
  const apply = random.next() < 0.7;
  return {
    method: apply ? 'PATCH' : 'POST',
    url: `${collectionPath(DEFINITION)}${apply ? '/fuzzes.fuzz.example.org?fieldManager=fuzz&force=true' : ''}`,
    headers: { 'content-type': apply ? 'application/apply-patch+yaml' : 'application/json' },
    body: Buffer.from(JSON.stringify(object)),
  };
}

const PATHS = [
  '/',
  '/api',
  '/apis',
  '/apis/apps',
  '/apis/apps/v1',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/apis/apps/v1',
  '/version',
  '/healthz',
  '/readyz',
  '/metrics',
  '/logs/',
  '/openid/v1/jwks',
  '/.well-known/openid-configuration',
  `/api/v1/namespaces/${FUZZ_NAMESPACE}/configmaps/fuzz-1`,
  `/api/v1/namespaces/${FUZZ_NAMESPACE}/pods/fuzz-1/log`,
  `/api/v1/namespaces/${FUZZ_NAMESPACE}/pods/fuzz-1/exec`,
  `/api/v1/namespaces/${FUZZ_NAMESPACE}/pods/fuzz-1/eviction`,
  `/api/v1/namespaces/${FUZZ_NAMESPACE}/pods/fuzz-1/binding`,
  `/api/v1/namespaces/${FUZZ_NAMESPACE}/services/fuzz-1/proxy/a`,
  `/apis/fuzz.example.org/v1/namespaces/${FUZZ_NAMESPACE}/fuzzes/fuzz-1`,
  `/apis/fuzz.example.org/v1/namespaces/${FUZZ_NAMESPACE}/fuzzes/fuzz-1/scale`,
  `/apis/apps/v1/namespaces/${FUZZ_NAMESPACE}/deployments/fuzz-1/scale`,
] as const;
const ELEMENTS = [
  '',
  '.',
  '..',
  '%',
  '%zz',
  '%00',
  '%2f',
  '%2e%2e',
  '%ff',
  '%C3%28',
  ';',
  '*',
  'namespaces',
  'watch',
  'proxy',
];

function strayPath(random: Random): InProcessRequest {
  const elements = random.pick(PATHS).split('/');
  if (random.next() < 0.7) {
    const odd = random.next() < 0.6 ? random.pick(ELEMENTS) : encoded(oddText(random));
    elements.splice(random.below(elements.length + 1), random.below(2), odd);
  }
  const method = random.pick(['GET', 'GET', 'GET', 'POST', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PURGE']);
  const reads = method === 'GET' || method === 'HEAD';
  const headers: Record<string, string> = { accept: accepted(random) };
  if (random.next() < 0.2) headers['impersonate-user'] = headerText(random);
  if (random.next() < 0.1) headers['impersonate-group'] = headerText(random);
  if (random.next() < 0.1) headers['impersonate-extra-a%ff'] = headerText(random);
  if (random.next() < 0.1) headers['if-none-match'] = headerText(random);
  if (random.next() < 0.05)
    headers['authorization'] = random.pick(['Bearer', 'Bearer a.b.c', 'Basic x', 'Bearer  ', '']);
  if (!reads)
    headers['content-type'] = random.pick(['application/json', 'application/merge-patch+json', oddAscii(random)]);
  return {
    method,
    url: elements.join('/') + readQuery(random),
    headers,
    body: reads ? undefined : bodyOf(JSON.stringify(oddValue(random)), random),
  };
}

function bomb(random: Random): InProcessRequest {
  const { type, body, path = `/api/v1/namespaces/${FUZZ_NAMESPACE}/configmaps` } = random.pick(BOMBS);
  const patches = type.includes('patch');
  return {
    method: patches ? 'PATCH' : 'POST',
    url: patches ? `${path}/fuzz-1?fieldManager=fuzz` : path,
    headers: { 'content-type': type },
    body: Buffer.from(body()),
  };
}

function nameOf(random: Random): string {
  return random.pick(FUZZ_NAMES);
}

function collectionPath({ groupVersion, plural, namespaced }: Sample): string {
  return namespaced ? `${groupVersion}/namespaces/${FUZZ_NAMESPACE}/${plural}` : `${groupVersion}/${plural}`;
}

function subresourceOf(random: Random): string {
  if (random.next() < 0.8) return '';
  return `/${random.pick(['status', 'status', 'scale', 'finalize', 'token', 'approval', encoded(oddText(random))])}`;
}

function metadataOf(random: Random): JsonObject {
  const metadata: JsonObject = { labels: { app: 'a' }, annotations: { 'a/b': 'c' } };
  if (random.next() < 0.1) metadata['resourceVersion'] = String(random.below(10_000));
  if (random.next() < 0.05) metadata['finalizers'] = ['example.org/a'];
  if (random.next() < 0.05) {
    metadata['ownerReferences'] = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'fuzz-1', uid: oddText(random) }];
  }
  if (random.next() < 0.1) {
    const fields = mutated(
      { 'f:data': { '.': {}, 'f:a': {} }, 'f:spec': { 'k:{"port":80}': {}, 'v:"a"': {} } },
      random,
    );
    metadata['managedFields'] = [
      mutated(
        {
          manager: 'a',
          operation: 'Apply',
          apiVersion: 'v1',
          time: '2026-01-01T00:00:00Z',
          fieldsType: 'FieldsV1',
          fieldsV1: fields,
        },
        random,
      ),
    ];
  }
  return metadata;
}

/** Half of them are as they should be, so that there is something to damage. */
function objectOf(sample: Sample, random: Random, name: string): JsonValue {
  let object: JsonValue = { ...sample.object, metadata: { ...metadataOf(random), name } };
  for (let count = Math.max(0, random.below(6) - 2); count > 0; count -= 1) object = mutated(object, random);
  return object;
}

function yamlOf(value: JsonValue): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

function bodyOf(text: string, random: Random): Buffer {
  return random.next() < 0.25 ? damaged(text, random) : Buffer.from(text);
}

function bodyType(random: Random, type: string): Record<string, string> {
  const choice = random.next();
  if (choice < 0.9) return { 'content-type': type };
  if (choice < 0.92) return {};
  const others = [
    'application/vnd.kubernetes.protobuf',
    'application/yaml',
    'application/json',
    'application/cbor',
    'application/json; charset=utf-16',
    'application/json-patch+json',
    'application/apply-patch+cbor',
    'text/plain',
    oddAscii(random),
  ];
  return { 'content-type': random.pick(others) };
}

const ACCEPTED = [
  'application/json',
  'application/json;as=Table;g=meta.k8s.io;v=v1,application/json',
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
  'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  'application/json;as=APIGroupDiscoveryList;g=apidiscovery.k8s.io;v=v2',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1, application/json',
  '*/*',
  'text/html',
  'application/json;q=x',
  ';;;,,,==',
];

function accepted(random: Random): string {
  if (random.next() < 0.8) return 'application/json';
  return random.next() < 0.9 ? random.pick(ACCEPTED) : oddAscii(random);
}

function writeQuery(random: Random, type = ''): string {
  const query: string[] = [];
  const maybe = (share: number, name: string, values: readonly string[]): void => {
    if (random.next() < share)
      query.push(`${name}=${encoded(random.next() < 0.7 ? random.pick(values) : oddText(random))}`);
  };
  if (type.startsWith('application/apply') && random.next() < 0.95) query.push('fieldManager=fuzz');
  else maybe(0.1, 'fieldManager', ['fuzz', 'a'.repeat(129), '\u0007']);
  maybe(0.1, 'dryRun', ['All', 'None']);
  maybe(0.2, 'fieldValidation', ['Strict', 'Warn', 'Ignore']);
  maybe(type.startsWith('application/apply') ? 0.7 : 0.05, 'force', ['true', 'false']);
  maybe(0.03, 'pretty', ['true']);
  maybe(0.05, 'propagationPolicy', ['Foreground', 'Background', 'Orphan']);
  maybe(0.03, 'gracePeriodSeconds', ['0', '-1']);
  return query.length === 0 ? '' : `?${query.join('&')}`;
}

const LABELS = [
  'app=a',
  'app in (a,b)',
  '!app',
  'app notin (',
  'a,,b',
  'app==a=b',
  '=a',
  'in in in',
  'a in ()',
  'x>1',
  '(((',
  'app!=a',
];
const FIELDS = [
  'metadata.name=fuzz-1',
  'metadata.namespace!=a',
  'status.phase=Running',
  'spec.color=red',
  'metadata.name=a,metadata.name=b',
  'a=\\,',
  'type=Opaque',
  '=',
  'metadata.name',
  'involvedObject.name=a',
];

function readQuery(random: Random): string {
  const query: string[] = [];
  const maybe = (share: number, name: string, values: readonly string[]): void => {
    if (random.next() < share)
      query.push(`${name}=${encoded(random.next() < 0.7 ? random.pick(values) : oddText(random))}`);
  };
  maybe(0.3, 'labelSelector', LABELS);
  maybe(0.3, 'fieldSelector', FIELDS);
  maybe(0.2, 'limit', ['1', '2', '-1', '0', '1e9', '99999999999']);
  maybe(0.15, 'continue', [
    continueToken(random),
    'AAAA',
    'e30',
    Buffer.from('{"rv":-1,"start":""}').toString('base64url'),
  ]);
  maybe(0.2, 'resourceVersion', ['0', '1', '5', '999999999', '-1', 'a']);
  maybe(0.15, 'resourceVersionMatch', ['Exact', 'NotOlderThan', 'a']);
  maybe(0.15, 'watch', ['true', '1', 'false']);
  maybe(0.05, 'timeoutSeconds', ['0', '1', '-1', 'a', '1e99']);
  maybe(0.05, 'allowWatchBookmarks', ['true']);
  maybe(0.05, 'sendInitialEvents', ['true', 'false']);
  maybe(0.02, 'includeObject', ['None', 'Object', 'Metadata']);
  return query.length === 0 ? '' : `?${query.join('&')}`;
}

function continueToken(random: Random): string {
  const token = mutated({ v: 'meta.k8s.io/v1', rv: random.below(5_000), start: 'fuzz/fuzz-1' }, random);
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** Percent-encoded; lone surrogates cannot be. */
function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

/** What a client can put into a header. */
function oddAscii(random: Random): string {
  return oddText(random).replace(/[^\t\x20-\x7e]/g, '?');
}

function headerText(random: Random): string {
  return oddText(random).replace(/[^\t\x20-\x7e\x80-\xff]/g, '?');
}
