/** The kind that sequences of custom resources define, in a group of their own. */
import type { JsonObject, JsonValue } from '@causeway/apiserver/schema/json';
import type { Step } from '../../sequence.ts';
import { get, object, post, remove } from '../steps.ts';

export const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const GROUP = '<<ns>>.example.org';
export const CRD = `${CRDS}/widgets.${GROUP}`;
export const WIDGETS = `/apis/${GROUP}/v1/namespaces/<<ns>>/widgets`;
export const W = `${WIDGETS}/w`;

export const widget = (rest: JsonObject = {}, metadata: JsonObject = {}, version = 'v1') =>
  object(`${GROUP}/${version}`, 'Widget', 'w', rest, metadata);

export function definition(schema: JsonValue, version: JsonObject = {}, spec: JsonObject = {}): JsonObject {
  return object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', `widgets.${GROUP}`, {
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget', ...(spec['names'] as JsonObject | undefined) },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version }],
      ...Object.fromEntries(Object.entries(spec).filter(([key]) => key !== 'names')),
    },
  });
}

/** Definition, wait until it is served, steps. */
export function defined(crd: JsonObject, ...steps: readonly Step[]): readonly Step[] {
  return [
    post(CRDS, crd, { unseen: true }),
    get(WIDGETS, { until: 200, unseen: true }),
    ...steps,
    remove(CRD, undefined, { unseen: true }),
  ];
}

export const props = (spec: JsonObject, rest: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties: { spec: { type: 'object', properties: spec, ...rest } },
});

export const SIZE = props({
  size: { type: 'integer', minimum: 1, maximum: 10, default: 3 },
  color: { type: 'string', enum: ['red', 'green'] },
});
