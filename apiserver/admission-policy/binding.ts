import { apiVersionOf } from '@causeway/apis/meta/kind';
import type { ApiObject } from '../object.ts';
import type { Registry } from '../registry/registry.ts';
import { type JsonObject, listAt, objectAt, textAt } from '../schema/json.ts';
import { type LabelRequirement, labelsMatch } from '../selector/label-selector.ts';
import { requirementsOf } from '../selector/selector-object.ts';
import { type Entry, entryKey, objectOf } from '../storage/entry.ts';
import { presented } from '../verbs/presented.ts';
import { type MatchCriteria, matchCriteria } from '../webhook/match-criteria.ts';
import type { Policy } from './policy.ts';

/** A ValidatingAdmissionPolicyBinding: where a policy holds, with which parameters, and what becomes of a write that it does not like. */
export interface Binding {
  readonly name: string;
  readonly policyName: string;
  readonly criteria: MatchCriteria;
  readonly actions: ReadonlySet<string>;
  readonly params: ParamRef | undefined;
}

interface ParamRef {
  readonly name: string;
  readonly namespace: string;
  /** undefined: by name */
  readonly selector: readonly LabelRequirement[] | undefined;
  readonly allowsAbsence: boolean;
}

/** A binding that cannot be used: a policy with it fails. */
export class BindingError extends Error {
  override readonly name = 'BindingError';
}

/** Reads one that passed validation. */
export function bindingOf(object: JsonObject): Binding {
  const spec = objectAt(object, 'spec') ?? {};
  const reference = objectAt(spec, 'paramRef');
  const selector = objectAt(reference, 'selector');
  return {
    name: textAt(objectAt(object, 'metadata'), 'name'),
    policyName: textAt(spec, 'policyName'),
    criteria: matchCriteria(objectAt(spec, 'matchResources') ?? {}, 'resourceRules'),
    actions: new Set(listAt(spec, 'validationActions').map(String)),
    params:
      reference === undefined
        ? undefined
        : {
            name: textAt(reference, 'name'),
            namespace: textAt(reference, 'namespace'),
            selector: selector === undefined ? undefined : requirementsOf(selector),
            allowsAbsence: textAt(reference, 'parameterNotFoundAction') === 'Allow',
          },
  };
}

/**
 * The objects with which a policy is asked, once with each; null where it has none.
 *
 * Source: apiserver pkg/admission/plugin/policy/generic, CollectParams.
 *
 * @param namespace of the write; `''` when its object is in none
 * @throws BindingError
 */
export async function paramsOf(
  registry: Registry,
  { paramKind }: Policy,
  { params }: Binding,
  namespace: string,
): Promise<readonly (ApiObject | null)[]> {
  if (paramKind === undefined || params === undefined) return [null];
  const { apiVersion, kind } = paramKind;
  const at = apiVersion.lastIndexOf('/');
  const resource = registry.findKind(apiVersion.slice(0, Math.max(0, at)), kind);
  const version = resource?.versions.get(apiVersion.slice(at + 1));
  if (resource === undefined || version === undefined) {
    throw new BindingError(`paramKind kind \`${apiVersion}, Kind=${kind}\` not known`);
  }
  if (!resource.namespaced && params.namespace !== '') {
    throw new BindingError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  const where = resource.namespaced ? params.namespace || namespace : '';
  if (resource.namespaced && where === '') {
    throw new BindingError('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
  }
  const { collection } = resource;
  const named = params.selector === undefined ? collection.head(entryKey(where, params.name)) : undefined;
  const found: readonly Entry[] =
    params.selector === undefined
      ? [named].filter((entry) => entry !== undefined)
      : collection.headRange(where).filter(({ labels }) => labelsMatch(params.selector ?? [], labels));
  if (found.length === 0 && !params.allowsAbsence) {
    throw new BindingError('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  return Promise.all(
    found.map(async (entry) => {
      const target = { resource, version, namespace: entry.namespace, name: entry.name };
      const object = objectOf(await presented(target, entry));
      object.apiVersion = apiVersionOf(version.names);
      return object;
    }),
  );
}
