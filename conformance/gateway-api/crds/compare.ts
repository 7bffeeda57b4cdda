/** `--only crds`: whether our definitions of the Gateway API's kinds say, and do, what upstream's do. */
import path from 'node:path';
import { BUNDLE_VERSION } from '@causeway/apis/gateway-api/bundle';
import { GATEWAY_API_KINDS } from '@causeway/apis/gateway-api/index';
import { crdOf } from '@causeway/apis/meta/crd';
import type { JsonSchema } from '@causeway/apis/meta/schema';
import type { JsonObject } from '@causeway/apiserver/schema/json';
import type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1';
import { differences, factsOf } from './facts.ts';
import { type Candidate, outcomesOf } from './outcomes.ts';
import { randomOf, randomValue } from './random-object.ts';
import { digestOf, writeRecording } from './recording.ts';
import { objectsBelow, upstreamDefinitions, upstreamModule } from './upstream.ts';

const EXAMPLES = ['examples/standard', 'examples/experimental', 'hack/invalid-examples'];
const MOST_SHOWN = 20;

interface Options {
  readonly seed: number;
  /** Random objects of each version of each kind. */
  readonly objects: number;
  /** Keep digests of upstream's facts for the tests. */
  readonly record: boolean;
}

/** @returns whether there is a difference */
export async function compareDefinitions({ seed, objects, record }: Options): Promise<boolean> {
  const module = upstreamModule();
  const upstream = upstreamDefinitions(module);
  const ours = GATEWAY_API_KINDS.map(crdOf);
  const theirs = ours.flatMap((definition) => upstream.get(definition.metadata?.name ?? '') ?? []);
  const wrong = [...differingFacts(ours, upstream), ...(await differingOutcomes(ours, theirs, candidates()))];
  for (const line of wrong.slice(0, MOST_SHOWN)) console.log(line);
  if (wrong.length > MOST_SHOWN) console.log(`and ${wrong.length - MOST_SHOWN} more`);
  if (record) writeRecording({ release: BUNDLE_VERSION, digests: digestsOf(theirs) });
  return wrong.length > 0;

  function candidates(): readonly Candidate[] {
    return [...examples(ours, module), ...randomCandidates(ours, seed, objects)];
  }
}

function differingFacts(
  ours: readonly CustomResourceDefinition[],
  upstream: ReadonlyMap<string, CustomResourceDefinition>,
): readonly string[] {
  let count = 0;
  const wrong = ours.flatMap((definition) => {
    const name = definition.metadata?.name ?? '';
    const other = upstream.get(name);
    if (other === undefined) return [`${name}: upstream has no such kind`];
    const theirs = factsOf(other);
    return [...factsOf(definition)].flatMap(([version, facts]) => {
      count += facts.size;
      const lines = differences(facts, theirs.get(version) ?? new Map());
      return lines.map((line) => `${name} ${version}${line}`);
    });
  });
  console.log(`${ours.length} kinds, ${count} facts; ${wrong.length} differ`);
  return wrong;
}

async function differingOutcomes(
  ours: readonly CustomResourceDefinition[],
  theirs: readonly CustomResourceDefinition[],
  candidates: readonly Candidate[],
): Promise<readonly string[]> {
  const one = await outcomesOf(ours, candidates);
  const other = await outcomesOf(theirs, candidates);
  const wrong = candidates.flatMap(({ name, object }, index) => {
    const [got, want] = [JSON.stringify(one[index]), JSON.stringify(other[index])];
    return got === want ? [] : [`${name}: ours ${got}, upstream ${want} for ${JSON.stringify(object['spec'])}`];
  });
  const accepted = one.filter(({ code }) => code < 300).length;
  console.log(`${candidates.length} objects, ${accepted} of them accepted; ${wrong.length} have different answers`);
  const said = one.map((outcome) => JSON.stringify(outcome)).join('\n');
  const messages = [...new Set(ours.flatMap(messagesOf))];
  const silent = messages.filter((message) => !said.includes(quoted(message)));
  console.log(`${messages.length} conditions of CEL; ${silent.length} of them refused nothing`);
  for (const message of silent) console.log(`  ${message}`);
  return wrong;
}

/** What conditions of CEL say. */
function messagesOf(definition: CustomResourceDefinition): readonly string[] {
  const facts = [...factsOf(definition).values()].flatMap((each) => [...each]);
  return facts.flatMap(([place, value]) => (place.endsWith(' rules') ? (value as readonly string[]) : []));
}

/** As it stands in a text of a text in JSON. */
function quoted(text: string): string {
  return JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1);
}

/** Of upstream's examples, those of the kinds that are compared. */
function examples(definitions: readonly CustomResourceDefinition[], module: string): readonly Candidate[] {
  return EXAMPLES.flatMap((folder) => objectsBelow(path.join(module, folder))).flatMap(
    (given): readonly Candidate[] => {
      const {
        apiVersion = '',
        kind = '',
        metadata,
      } = given as {
        readonly apiVersion?: string;
        readonly kind?: string;
        readonly metadata?: { readonly name?: string };
      };
      const [group, version = ''] = apiVersion.split('/');
      const definition = definitions.find(({ spec }) => spec.group === group && spec.names.kind === kind);
      if (definition === undefined) return [];
      // All in one namespace, for nothing is stored.
      const object = { ...given, metadata: { name: metadata?.name ?? 'a' } } as unknown as JsonObject;
      return [{ name: `example ${kind} ${metadata?.name}`, definition, version, object }];
    },
  );
}

function randomCandidates(
  definitions: readonly CustomResourceDefinition[],
  seed: number,
  count: number,
): readonly Candidate[] {
  const random = randomOf(seed);
  return definitions.flatMap((definition) =>
    definition.spec.versions.flatMap(({ name: version, schema }) => {
      // Made by crdOf of a JsonSchema.
      const spec = (schema?.openAPIV3Schema as JsonSchema | undefined)?.properties?.['spec'] ?? {};
      return Array.from({ length: count }, (_, index): Candidate => {
        const { kind } = definition.spec.names;
        const apiVersion = `${definition.spec.group}/${version}`;
        const object = { apiVersion, kind, metadata: { name: 'a' }, spec: randomValue(spec, random) } as JsonObject;
        return { name: `${kind} ${version} of seed ${seed}, number ${index}`, definition, version, object };
      });
    }),
  );
}

function digestsOf(definitions: readonly CustomResourceDefinition[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    definitions.flatMap((definition) =>
      [...factsOf(definition)].map(([version, facts]) => [
        `${definition.metadata?.name}${version === '' ? '' : ` ${version}`}`,
        digestOf(facts),
      ]),
    ),
  );
}
