import type { JsonObject, JsonValue } from '@causeway/apiserver/schema/json';
import { Random } from '../../../bench/soak/random.ts';
import type { Sequence, Step } from '../sequence.ts';
import {
  APPLY,
  CONFIG_MAPS,
  CONTAINER,
  configMap,
  DEPLOYMENTS,
  deployment,
  events,
  get,
  INGRESSES,
  ingress,
  JSON_PATCH,
  MERGE_PATCH,
  patch,
  post,
  put,
  remove,
  SERVICES,
  STRATEGIC,
  sequence,
  service,
  watch,
} from './steps.ts';

interface RandomKind {
  readonly name: string;
  readonly list: string;
  /** Some of what it makes is invalid. */
  object(random: Random, name: string): JsonObject;
  /** Paths in an object at which changes are tried, as keys. */
  readonly places: readonly (readonly string[])[];
}

const VALUES: readonly JsonValue[] = [
  'x',
  'a b',
  '',
  0,
  1,
  -1,
  70_000,
  true,
  null,
  [],
  {},
  ['x'],
  { a: 'b' },
  'UPPER',
  'very.long.name.example.org',
];
const some = <Item>(random: Random, items: readonly Item[]): Item[] => items.filter(() => random.next() < 0.5);

function metadata(random: Random, name: string): JsonObject {
  return {
    name,
    ...(random.next() < 0.4 ? { labels: { tier: random.pick(['a', 'b', 'a b', '']) } } : {}),
    ...(random.next() < 0.3 ? { annotations: { note: random.pick(['', 'text', 'ü']) } } : {}),
    ...(random.next() < 0.15 ? { finalizers: ['example.org/hold'] } : {}),
  };
}

const KINDS: readonly RandomKind[] = [
  {
    name: 'ConfigMap',
    list: CONFIG_MAPS,
    object: (random, name) => ({
      ...configMap(
        name,
        Object.fromEntries(some(random, ['a', 'b', 'c', 'd e']).map((key) => [key, random.pick(['1', '2', ''])])),
      ),
      metadata: metadata(random, name),
    }),
    places: [
      ['data', 'a'],
      ['data', 'b'],
      ['data'],
      ['binaryData'],
      ['immutable'],
      ['metadata', 'labels'],
      ['metadata', 'labels', 'tier'],
      ['metadata', 'annotations', 'note'],
      ['metadata', 'finalizers'],
    ],
  },
  {
    name: 'Service',
    list: SERVICES,
    object: (random, name) => ({
      ...service(name, {
        type: random.pick(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']),
        ...(random.next() < 0.3 ? { externalName: 'example.org' } : {}),
        ...(random.next() < 0.2 ? { clusterIP: 'None' } : {}),
        ports: some(random, [
          { port: 80, name: 'a' },
          { port: 81, name: 'b', protocol: 'UDP' },
          { port: 80, name: 'c', targetPort: 'web' },
          { port: 0, name: 'd' },
        ]),
      }),
      metadata: metadata(random, name),
    }),
    places: [
      ['spec', 'ports'],
      ['spec', 'selector'],
      ['spec', 'selector', 'app'],
      ['spec', 'type'],
      ['spec', 'sessionAffinity'],
      ['spec', 'externalTrafficPolicy'],
      ['metadata', 'labels', 'tier'],
      ['spec', 'publishNotReadyAddresses'],
    ],
  },
  {
    name: 'Ingress',
    list: INGRESSES,
    object: (random, name) => ({
      ...ingress(name, {
        ...(random.next() < 0.5 ? { ingressClassName: random.pick(['a', 'A']) } : {}),
        rules: some(random, ['a.example.org', '*.example.org', 'A', '1.2.3.4']).map((host) => ({
          host,
          http: {
            paths: [
              {
                path: random.pick(['/', '/a', 'a', '/a//b']),
                pathType: random.pick(['Prefix', 'Exact', 'ImplementationSpecific']),
                backend: {
                  service: {
                    name: random.pick(['s', 'S']),
                    port: random.pick<JsonObject>([{ number: 80 }, { name: 'web' }, {}]),
                  },
                },
              },
            ],
          },
        })),
      }),
      metadata: metadata(random, name),
    }),
    places: [
      ['spec', 'rules'],
      ['spec', 'tls'],
      ['spec', 'ingressClassName'],
      ['spec', 'defaultBackend'],
      ['metadata', 'labels', 'tier'],
      ['status'],
    ],
  },
  {
    name: 'Deployment',
    list: DEPLOYMENTS,
    object: (random, name) => ({
      ...deployment(
        name,
        {
          replicas: random.pick([0, 1, 3, -1]),
          ...(random.next() < 0.3 ? { strategy: { type: random.pick(['Recreate', 'RollingUpdate', 'x']) } } : {}),
        },
        some(random, [
          CONTAINER,
          { name: 'side', image: 'example.org/side', env: [{ name: 'A', value: random.pick(['1', '2']) }] },
          { name: 'main', image: 'twice' },
          { name: 'p', image: 'x', ports: [{ containerPort: random.pick([80, 0]) }] },
        ]),
      ),
      metadata: metadata(random, name),
    }),
    places: [
      ['spec', 'replicas'],
      ['spec', 'paused'],
      ['spec', 'strategy'],
      ['spec', 'template', 'metadata', 'labels', 'extra'],
      ['spec', 'minReadySeconds'],
      ['spec', 'template', 'spec', 'restartPolicy'],
      ['metadata', 'labels', 'tier'],
    ],
  },
];

const NAMES = ['a', 'b'] as const;
const MANAGERS = ['one', 'two'] as const;

/** Random operations, valid and not, on a few objects of a kind, with a watch over all; the seed determines them. */
export function generatedSequences(seed: number, count: number): readonly Sequence[] {
  return Array.from({ length: count }, (_, index) => {
    const random = new Random(seed, `sequence ${index}`);
    const kind = KINDS[index % KINDS.length] ?? random.pick(KINDS);
    const steps = Array.from({ length: 4 + random.below(6) }, () => operation(random, kind));
    const watched = kind.name === 'ConfigMap' && random.next() < 0.5;
    // What was written last is a sentinel: all that went before it was watched.
    const list = kind.list;
    return sequence(
      `generated/${seed} ${index} ${kind.name}`,
      ...(watched ? [watch('w', `${list}?watch=true&resourceVersion=0`)] : []),
      ...steps,
      get(list),
      ...(watched ? [post(list, configMap('last')), events('w', 1)] : []),
    );
  });
}

function operation(random: Random, kind: RandomKind): Step {
  const name = random.pick(NAMES);
  const one = `${kind.list}/${name}`;
  const manager = `fieldManager=${random.pick(MANAGERS)}`;
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2:
      return post(`${kind.list}?${manager}`, kind.object(random, name));
    case 3:
      return put(`${one}?${manager}`, kind.object(random, name));
    case 4:
      return remove(one);
    case 5:
    case 6:
      return patch(`${one}?${manager}&force=${random.next() < 0.5}`, APPLY, kind.object(random, name));
    case 7:
      return patch(
        `${one}?${manager}`,
        random.next() < 0.5 ? MERGE_PATCH : STRATEGIC,
        nested(random.pick(kind.places), random.pick(VALUES)),
      );
    case 8:
      return patch(`${one}?${manager}`, JSON_PATCH, [
        {
          op: random.pick(['add', 'replace', 'remove', 'test']),
          path: `/${random.pick(kind.places).join('/')}`,
          value: random.pick(VALUES),
        },
      ]);
    default:
      return get(one);
  }
}

function nested(path: readonly string[], value: JsonValue): JsonObject {
  const [key = '', ...rest] = path;
  return { [key]: rest.length === 0 ? value : nested(rest, value) };
}
