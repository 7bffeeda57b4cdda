/** Settings of an OpenShift cluster that change what its Routes mean, as far as they are in the input. */
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { array, integer, object, oneOf, optional, string, type TypeOf } from '@causeway/apis/meta/schema';
import { schemaMistake } from '@causeway/apis/meta/schema-mistake';
import type { Message } from '../message.ts';
import { message } from '../message.ts';

export interface ClusterSettings {
  /** Of hosts that Routes leave to the router. */
  readonly domain?: string;
  readonly requiredHsts: readonly HstsRequirement[];
  /** Whether Routes of several namespaces may have one host. */
  readonly namespaceOwnership?: 'InterNamespaceAllowed' | 'Strict';
}

export type HstsRequirement = TypeOf<typeof requirement>;

const requirement = object('Hosts that must send Strict-Transport-Security.', {
  domainPatterns: array('Hosts.', string('Host, or *. and a domain.')),
  maxAge: optional(
    object('Limits of max-age.', {
      smallestMaxAge: optional(integer('Seconds.')),
      largestMaxAge: optional(integer('Seconds.')),
    }),
  ),
  includeSubDomainsPolicy: optional(string('RequireIncludeSubDomains or others.')),
  preloadPolicy: optional(string('RequirePreload or others.')),
});

/** Ingress of config.openshift.io. */
const clusterIngressSpec = object('Of the cluster.', {
  domain: optional(string('Domain.')),
  requiredHSTSPolicies: optional(array('Policies.', requirement)),
});

/** IngressController of operator.openshift.io. */
const controllerSpec = object('Of a router.', {
  domain: optional(string('Domain.')),
  routeAdmission: optional(
    object('Which Routes are taken.', {
      namespaceOwnership: optional(oneOf('One host, several namespaces.', ['InterNamespaceAllowed', 'Strict'])),
    }),
  ),
});

export interface ReadSettings {
  readonly settings: ClusterSettings;
  readonly messages: readonly Message[];
}

/** @param objects those among them that are settings count */
export function readClusterSettings(objects: readonly KubernetesObject[]): ReadSettings {
  let settings: ClusterSettings = { requiredHsts: [] };
  const messages: Message[] = [];
  for (const object of objects.filter(isClusterSetting)) {
    const { spec = {} } = object as { readonly spec?: unknown };
    const isController = object.kind === 'IngressController';
    const mistake = schemaMistake((isController ? controllerSpec : clusterIngressSpec).json, spec, 'spec');
    if (mistake !== undefined) {
      const [field = '', ...text] = mistake.split(': ');
      messages.push(message('I100', titleOf(object), field, `${text.join(': ')}; ${object.kind} ignored`));
    } else if (isController) {
      const { domain, routeAdmission } = spec as TypeOf<typeof controllerSpec>;
      const namespaceOwnership = routeAdmission?.namespaceOwnership;
      if (namespaceOwnership === 'Strict') {
        const text = 'a listener cannot forbid that Routes of two namespaces have one host; the oldest route would win';
        messages.push(message('W310', titleOf(object), 'spec.routeAdmission.namespaceOwnership', text));
      }
      settings = {
        ...settings,
        ...(settings.domain === undefined && domain !== undefined ? { domain } : {}),
        ...(namespaceOwnership === undefined ? {} : { namespaceOwnership }),
      };
    } else {
      const { domain, requiredHSTSPolicies = [] } = spec as TypeOf<typeof clusterIngressSpec>;
      if (requiredHSTSPolicies.length > 0) {
        const text =
          'no equivalent for a whole cluster; --apply-required-hsts writes the header into each route of these domains';
        messages.push(message('W204', titleOf(object), 'spec.requiredHSTSPolicies', text));
      }
      settings = {
        ...settings,
        requiredHsts: [...settings.requiredHsts, ...requiredHSTSPolicies],
        ...(domain === undefined ? {} : { domain }),
      };
    }
  }
  return { settings, messages };
}

export function isClusterSetting({ apiVersion, kind }: KubernetesObject): boolean {
  return (
    (kind === 'Ingress' && apiVersion.startsWith('config.openshift.io/')) ||
    (kind === 'IngressController' && apiVersion.startsWith('operator.openshift.io/'))
  );
}

function titleOf({ metadata }: KubernetesObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}
