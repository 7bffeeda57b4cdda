import assert from 'node:assert/strict';
import type { RawSchema } from './generate.ts';
import { laterDefinition } from './later-models.ts';

/*
 * Fields of Kubernetes 1.31 to 1.33, and those with a `-` in their name: the package with the declarations ends with 1.30 and lost the
 * others. By the end of a definition's name. Their types and descriptions are those of a later package (later-models.ts).
 */
const LATER_FIELDS: Readonly<Record<string, readonly string[]>> = {
  'admissionregistration.v1.NamedRuleWithOperations': ['resources', 'scope'],
  'admissionregistration.v1.RuleWithOperations': ['resources', 'scope'],
  'apiextensions.v1.JSONSchemaProps': [
    'x-kubernetes-embedded-resource',
    'x-kubernetes-int-or-string',
    'x-kubernetes-list-map-keys',
    'x-kubernetes-list-type',
    'x-kubernetes-map-type',
    'x-kubernetes-preserve-unknown-fields',
    'x-kubernetes-validations',
  ],
  'apps.v1.DeploymentStatus': ['terminatingReplicas'],
  'apps.v1.ReplicaSetStatus': ['terminatingReplicas'],
  'authorization.v1.ResourceAttributes': ['fieldSelector', 'labelSelector'],
  'authorization.v1.ResourceRule': ['resources', 'verbs'],
  'autoscaling.v2.HPAScalingRules': ['tolerance'],
  'coordination.v1.LeaseSpec': ['preferredHolder', 'strategy'],
  'core.v1.ContainerStatus': ['allocatedResourcesStatus', 'stopSignal', 'user'],
  'core.v1.Lifecycle': ['stopSignal'],
  'core.v1.NodeRuntimeHandlerFeatures': ['userNamespaces'],
  'core.v1.NodeStatus': ['features'],
  'core.v1.NodeSystemInfo': ['swap'],
  'core.v1.PodCondition': ['observedGeneration'],
  'core.v1.PodResourceClaim': ['resourceClaimName', 'resourceClaimTemplateName'],
  'core.v1.PodSecurityContext': ['seLinuxChangePolicy', 'supplementalGroupsPolicy'],
  'core.v1.PodSpec': ['resources'],
  'core.v1.PodStatus': ['observedGeneration'],
  'core.v1.ResourceClaim': ['request'],
  'core.v1.Volume': ['image'],
  'discovery.v1.EndpointHints': ['forNodes'],
  'meta.v1.DeleteOptions': ['ignoreStoreReadErrorWithClusterBreakingPotential'],
};

/** Fields that were there in 1.30 and are not in 1.33. */
const GONE_FIELDS: Readonly<Record<string, readonly string[]>> = { 'core.v1.PodResourceClaim': ['source'] };

/** What the later package takes for a text. */
const QUANTITIES: ReadonlySet<string> = new Set(['autoscaling.v2.HPAScalingRules/tolerance']);
const QUANTITY: RawSchema = { $ref: '#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity' };

type Definitions = Record<string, RawSchema>;

/**
 * Completes the definitions, with what the new fields refer to.
 *
 * @throws when a field is there already, or is not there to be taken away
 */
export function addLaterFields(definitions: Definitions): void {
  for (const [ending, fields] of Object.entries(GONE_FIELDS)) {
    const { properties } = named(definitions, ending);
    for (const field of fields) {
      assert(Object.hasOwn(properties, field), `${ending} has no ${field}`);
      delete properties[field];
    }
  }
  for (const [ending, fields] of Object.entries(LATER_FIELDS)) {
    const { name, properties } = named(definitions, ending);
    const later = laterDefinition(name);
    for (const field of fields) {
      assert(!Object.hasOwn(properties, field), `${ending} has its ${field} already`);
      const schema = QUANTITIES.has(`${ending}/${field}`) ? QUANTITY : later?.properties[field];
      assert(schema, `no later ${ending} has ${field}`);
      properties[field] = { ...schema };
      addReferred(definitions, schema);
    }
  }
}

function named(definitions: Definitions, ending: string): { readonly name: string; readonly properties: Definitions } {
  const name = Object.keys(definitions).find((each) => each.endsWith(`.${ending}`));
  const properties = name === undefined ? undefined : definitions[name]?.['properties'];
  assert(name !== undefined && properties, `fields of ${ending}, which no built-in kind uses`);
  return { name, properties: properties as Definitions };
}

function addReferred(definitions: Definitions, schema: RawSchema): void {
  const [, name] = /"\$ref":"#\/definitions\/([^"]+)"/.exec(JSON.stringify(schema)) ?? [];
  if (name === undefined || Object.hasOwn(definitions, name)) return;
  const definition = laterDefinition(name);
  assert(definition, `nothing later is called ${name}`);
  definitions[name] = { ...definition };
  for (const property of Object.values(definition.properties)) addReferred(definitions, property);
}

/** In the place of what a field says: what its type says. */
const OF_A_TYPE = /^(IntOrString|MicroTime|Quantity) is /;

/** Descriptions that have changed since. A later package has none for fields that are objects of another definition. */
export function renewDescriptions(definitions: Definitions): void {
  for (const [name, definition] of Object.entries(definitions)) {
    const later = laterDefinition(name);
    if (later === undefined) continue;
    const pairs = Object.entries((definition['properties'] ?? {}) as Definitions).map(
      ([field, schema]) => [schema, later.properties[field]?.['description']] as const,
    );
    for (const [schema, text] of [[definition, later.description] as const, ...pairs]) {
      if (typeof text !== 'string' || text === '' || OF_A_TYPE.test(text)) continue;
      if (words(text) !== words(schema['description'])) schema['description'] = text;
    }
  }
}

function words(text: unknown): string {
  return String(text).replaceAll(/\s+/g, ' ').trim();
}
