import type { JsonObject, JsonValue } from '@causeway/apiserver/schema/json';
import { startTestServer, type TestClient } from '@causeway/apiserver/testing/server';
import type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1';
import { sorted } from './facts.ts';

/** An object, and the definition of its kind. */
export interface Candidate {
  /** Where it comes from. */
  readonly name: string;
  readonly definition: CustomResourceDefinition;
  readonly version: string;
  readonly object: JsonObject;
}

/** What the API server answers to a candidate. */
export interface Outcome {
  readonly code: number;
  /** Why not, in order; or the object as it would be stored. */
  readonly said: unknown;
}

/** Sends candidates to an API server of ours with these definitions; nothing is stored. */
export async function outcomesOf(
  definitions: readonly CustomResourceDefinition[],
  candidates: readonly Candidate[],
): Promise<readonly Outcome[]> {
  const { client, stop } = await startTestServer({ customResources: definitions });
  try {
    const outcomes: Outcome[] = [];
    for (const candidate of candidates) outcomes.push(await outcomeOf(client, candidate));
    return outcomes;
  } finally {
    await stop();
  }
}

async function outcomeOf(client: TestClient, { definition, version, object }: Candidate): Promise<Outcome> {
  const { group, names, scope } = definition.spec;
  const namespace = scope === 'Namespaced' ? '/namespaces/default' : '';
  const place = `/apis/${group}/${version}${namespace}/${names.plural}?dryRun=All&fieldValidation=Strict`;
  const { code, body } = await client.post(place, object as JsonValue);
  const { details, spec, status, message } = body as Readonly<Record<string, unknown>>;
  if (code < 300) return { code, said: sorted({ spec, status }) };
  const { causes = [] } = (details ?? {}) as { readonly causes?: readonly unknown[] };
  return { code, said: causes.length === 0 ? message : causes.map((cause) => JSON.stringify(cause)).toSorted() };
}
