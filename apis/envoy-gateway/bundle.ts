import { defineKind, type KindDefinition } from '../meta/crd.ts';
import { object, type Schema } from '../meta/schema.ts';

export const ENVOY_GATEWAY_GROUP = 'gateway.envoyproxy.io';

/** A kind that Envoy Gateway v1.7 has, in the only version there is. */
export function envoyGatewayKind<Spec, Status>(kind: {
  readonly kind: string;
  readonly plural: string;
  readonly shortName: string;
  readonly description: string;
  readonly spec: Schema<Spec>;
  /** Absent: nobody says what became of its objects. */
  readonly status?: Schema<Status>;
}): KindDefinition<Spec, Status> {
  return defineKind({
    names: {
      group: ENVOY_GATEWAY_GROUP,
      version: 'v1alpha1',
      kind: kind.kind,
      plural: kind.plural,
      singular: kind.kind.toLowerCase(),
      shortNames: [kind.shortName],
      categories: ['envoy-gateway'],
      namespaced: true,
      statusSubresource: kind.status !== undefined,
    },
    versions: [
      {
        name: 'v1alpha1',
        description: kind.description,
        spec: kind.spec,
        ...(kind.status === undefined ? {} : { status: kind.status }),
        columns: [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
      },
    ],
  });
}

/** A setting that nobody serves: it is stored as it is, so that a condition can name it. */
export function unserved(description: string): Schema<unknown> {
  return { json: { description: `${description} Not served.`, 'x-kubernetes-preserve-unknown-fields': true } };
}

/** What Kubernetes checks when the object is written that it becomes a part of. */
export function ofKubernetes(description: string): Schema<unknown> {
  return {
    json: { description: `${description} As Kubernetes has it.`, 'x-kubernetes-preserve-unknown-fields': true },
  };
}

/** A setting that nobody serves, and whose presence a rule asks about: rules see fields with a type only. */
export function unservedObject(description: string): Schema<object> {
  return object(`${description} Not served.`, {}, { preserveUnknown: true });
}
