import type { KubernetesObject } from '@causeway/apis/meta/object';
import { deepFreeze, goldenCases } from '@causeway/test/golden/cases';
import { describe, expect, test } from 'vitest';
import type { Problem } from './problem.ts';
import { World } from './testing/world.ts';

/** First document of `in.yaml`. */
interface Options {
  readonly kind: 'Options';
  /** Which results `out.yaml` holds, with their problems. */
  readonly show: readonly (keyof typeof ENTITIES)[];
  /** Only these fields of what was translated. */
  readonly fields?: readonly string[];
  /** Derived objects are put into the snapshot, as controllers do, before the results are taken. */
  readonly derived?: boolean;
}

/** Results by the name of their reader, and the field of a result that holds what was translated. */
const ENTITIES = {
  instance: 'instance',
  albLabels: undefined,
  frontendLabels: undefined,
  albStatus: undefined,
  ingressClass: undefined,
  loadBalancerService: undefined,
  workload: undefined,
  ingress: undefined,
  ingressStatus: undefined,
  ingressNginx: undefined,
  ingressNginxClass: undefined,
  nginxRoute: undefined,
  gateway: undefined,
  gatewayClassStatus: undefined,
  gatewayStatus: undefined,
  listenerSetStatus: undefined,
  httpRoute: undefined,
  grpcRoute: undefined,
  tlsRoute: undefined,
  frontend: 'listener',
  frontendStatus: undefined,
  rule: 'route',
  endpointSet: 'endpoints',
  certificate: 'certificate',
} as const;

function translate(options: Options, objects: readonly KubernetesObject[]): unknown {
  const world = new World(objects);
  if (options.derived === true) world.applyDerived();
  const results: Record<string, unknown> = {};
  const problems: unknown[] = [];
  for (const name of options.show) {
    const shown: Record<string, unknown> = {};
    for (const [key, result] of Object.entries(world.resultsOf(name))) {
      shown[key] = shownPart(result, name, options.fields);
      for (const { object, severity, reason, message } of problemsOf(result)) {
        const { namespace, name: objectName } = object.key;
        problems.push({ object: `${object.kind} ${namespace}/${objectName}`, severity, reason, message });
      }
    }
    results[name] = shown;
  }
  return JSON.parse(JSON.stringify({ ...results, problems }));
}

/** Without problems, which stand at the end, and needs, which follow from the rest. */
function shownPart(result: unknown, name: keyof typeof ENTITIES, fields: readonly string[] | undefined): unknown {
  if (result === undefined) return null;
  const entity = ENTITIES[name];
  const { problems: _problems, needs: _needs, ...rest } = result as Readonly<Record<string, unknown>>;
  if (entity === undefined) return rest;
  // A Rule gives one or the other.
  const found = (rest[entity] ?? rest['passthrough']) as Readonly<Record<string, unknown>> | undefined;
  if (found === undefined) return null;
  return Object.fromEntries(Object.entries(found).filter(([field]) => fields === undefined || fields.includes(field)));
}

function problemsOf(result: unknown): readonly Problem[] {
  return (result as { readonly problems?: readonly Problem[] } | undefined)?.problems ?? [];
}

const cases = goldenCases(import.meta.dirname).map((golden) => {
  const [options, ...objects] = golden.documents as readonly [Options, ...KubernetesObject[]];
  if (options.kind !== 'Options') throw new Error(`${golden.name}: the first document must be Options`);
  return { ...golden, options, objects };
});

describe('golden', () => {
  for (const c of cases) {
    test(c.name, () => {
      c.expect(translate(c.options, c.objects));
    });
  }
});

describe('equal input in another order gives equal bytes', () => {
  for (const c of cases) {
    test(c.name, () => {
      const forwards = JSON.stringify(translate(c.options, c.objects));
      expect(JSON.stringify(translate(c.options, deepFreeze([...c.objects].reverse())))).toBe(forwards);
    });
  }
});
