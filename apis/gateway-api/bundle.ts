import type { Column, KindDefinition, KindVersion } from '../meta/crd.ts';
import { defineKind } from '../meta/crd.ts';

/** The release of the Gateway API whose kinds these are, all of its experimental channel; the only place that names it. */
export const BUNDLE_VERSION = 'v1.6.3';

export const GATEWAY_GROUP = 'gateway.networking.k8s.io';

/** Kinds that upstream still tries out; an X before the name says so too. */
const EXPERIMENTAL_GROUP = 'gateway.networking.x-k8s.io';

/** Of a CustomResourceDefinition: the release that it is from. */
export const BUNDLE_VERSION_ANNOTATION = 'gateway.networking.k8s.io/bundle-version';

/** By which controllers of clusters, and upstream's suite, recognize the release. */
const annotations = {
  'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/4530',
  [BUNDLE_VERSION_ANNOTATION]: BUNDLE_VERSION,
  'gateway.networking.k8s.io/channel': 'experimental',
};

/** Whether a policy concerns only what it names, or what is below too. */
const POLICY_LABEL = 'gateway.networking.k8s.io/policy';

/** A kind of the release; `storage` is one of the versions. */
export function gatewayApiKind<Spec, Status>(kind: {
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly clusterWide?: true;
  readonly withoutStatus?: true;
  readonly experimentalGroup?: true;
  readonly policy?: 'Direct';
  readonly storage: string;
  readonly versions: readonly KindVersion<Spec, Status>[];
}): KindDefinition<Spec, Status> {
  return defineKind({
    names: {
      group: kind.experimentalGroup === true ? EXPERIMENTAL_GROUP : GATEWAY_GROUP,
      version: kind.storage,
      kind: kind.kind,
      plural: kind.plural,
      singular: kind.kind.toLowerCase(),
      shortNames: kind.shortNames ?? [],
      categories: ['gateway-api'],
      namespaced: kind.clusterWide !== true,
      statusSubresource: kind.withoutStatus !== true,
    },
    versions: kind.versions,
    annotations,
    ...(kind.policy === undefined ? {} : { labels: { [POLICY_LABEL]: kind.policy } }),
  });
}

export const AGE_COLUMN: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** The status of one condition. */
export function conditionColumn(type: string): Column {
  return { name: type, type: 'string', jsonPath: `.status.conditions[?(@.type=="${type}")].status` };
}

/** Said to whoever still uses a version that v1 replaced. */
export function deprecation(kind: string, version: string): string {
  return `The ${version} version of ${kind} has been deprecated and will be removed in a future release of the API. Please upgrade to v1.`;
}
