import { apiVersionOf } from '@causeway/apis/meta/kind';
import { compareVersions } from '../registry/custom-resource.ts';
import type { Registry } from '../registry/registry.ts';
import type { Resource, ResourceVersion } from '../registry/resource.ts';
import { type Subresource, subresourcesOf } from '../registry/subresource.ts';
import { notAcceptable } from '../status-error.ts';
import type { Exchange } from './exchange.ts';
import { acceptsObject, type MediaRange, mediaRanges } from './negotiation.ts';
import { REVIEW_KINDS } from './reviews.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;
/** In the order in which Kubernetes tells them. */
const CUSTOM_VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'] as const;

/** One resource of a group version, as discovery tells of it. */
interface Described {
  readonly group: string;
  readonly version: string;
  /** Kubernetes says of custom kinds alone of which group they are, where that is clear. */
  readonly custom: boolean;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly Subresource[];
}

/** group -> version -> resources; versions in the order of preference. */
type Groups = ReadonlyMap<string, ReadonlyMap<string, readonly Described[]>>;

/** Tells clients which kinds there are, in the plain form and in the aggregated one that kubectl asks for since 1.27. */
export class Discovery {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** GET /api */
  sendCore(exchange: Exchange): void {
    if (this.#sendAggregated(exchange, (group) => group === '')) return;
    exchange.sendJson(200, {
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: exchange.host }],
    });
  }

  /** GET /apis */
  sendGroups(exchange: Exchange): void {
    if (this.#sendAggregated(exchange, (group) => group !== '')) return;
    const groups = [...this.#groups()].filter(([group]) => group !== '');
    exchange.sendJson(200, {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: groups.map(([name, versions]) => apiGroup(name, versions)),
    });
  }

  /** GET /apis/<group>. False: there is no such group. */
  sendGroup(exchange: Exchange, group: string): boolean {
    const versions = this.#groups().get(group);
    if (versions === undefined || group === '') return false;
    exchange.sendJson(200, { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group, versions) });
    return true;
  }

  /** GET /api/v1 and /apis/<group>/<version>. False: there is no such version. */
  sendVersion(exchange: Exchange, group: string, version: string): boolean {
    const resources = this.#groups().get(group)?.get(version);
    if (resources === undefined) return false;
    exchange.sendJson(200, {
      kind: 'APIResourceList',
      // Kubernetes leaves it out of the group that is older than the field.
      ...(group === '' ? {} : { apiVersion: 'v1' }),
      groupVersion: apiVersionOf({ group, version }),
      resources: resources.flatMap(apiResources),
    });
    return true;
  }

  /** Answers in the aggregated form when the client accepts it. */
  #sendAggregated(exchange: Exchange, wanted: (group: string) => boolean): boolean {
    const ranges = mediaRanges(exchange.accept);
    const range = ranges.find((each) => isAggregated(each) || acceptsObject(each));
    if (range === undefined && ranges.length > 0) throw notAcceptable();
    if (range === undefined || !isAggregated(range)) return false;
    const items = [...this.#groups()]
      .filter(([group]) => wanted(group))
      .map(([group, versions]) => ({
        metadata: { ...(group === '' ? {} : { name: group }), creationTimestamp: null },
        versions: [...versions].map(([name, resources]) => ({
          version: name,
          freshness: 'Current',
          resources: resources.map(aggregatedResource),
        })),
      }));
    const body = { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
    exchange.send(200, AGGREGATED_TYPE, JSON.stringify(body));
    return true;
  }

  #groups(): Groups {
    const groups = new Map<string, Map<string, Described[]>>();
    const add = (group: string, version: string, described: Described): void => {
      const versions = groups.get(group) ?? new Map<string, Described[]>();
      groups.set(group, versions);
      versions.set(version, [...(versions.get(version) ?? []), described]);
    };
    for (const resource of this.#registry.resources()) {
      for (const [version, served] of resource.versions)
        add(resource.group, version, describe(served, verbsOf(resource)));
    }
    for (const { group, version, kind, plural, namespaced } of REVIEW_KINDS) {
      const names = { plural, singular: kind.toLowerCase(), kind, shortNames: [], categories: [] };
      add(group, version, { ...names, group, version, custom: false, namespaced, verbs: ['create'], subresources: [] });
    }
    return new Map(
      [...groups].map(([group, versions]) => [group, new Map([...versions].sort(([a], [b]) => compareVersions(a, b)))]),
    );
  }
}

const AGGREGATED_TYPE = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** v2beta1 is gone since Kubernetes 1.33: who asks for it gets the plain form, if he takes that. */
function isAggregated({ type, parameters }: MediaRange): boolean {
  return (
    type === 'application/json' &&
    parameters.get('g') === 'apidiscovery.k8s.io' &&
    parameters.get('v') === 'v2' &&
    parameters.get('as') === 'APIGroupDiscoveryList'
  );
}

function verbsOf({ origin, strategy }: Resource): readonly string[] {
  if (origin === 'custom') return CUSTOM_VERBS;
  return strategy.deletesSingly === true ? VERBS.filter((verb) => verb !== 'deletecollection') : VERBS;
}

function describe(served: ResourceVersion, verbs: readonly string[]): Described {
  const { group, version, plural, singular, kind, namespaced, shortNames, categories } = served.names;
  const custom = verbs === CUSTOM_VERBS;
  const subresources = subresourcesOf(served);
  return { group, version, custom, plural, singular, kind, namespaced, shortNames, categories, verbs, subresources };
}

function apiGroup(name: string, versions: ReadonlyMap<string, unknown>): object {
  const list = [...versions.keys()].map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: list, preferredVersion: list[0] };
}

function apiResources(resource: Described): readonly object[] {
  const { plural, singular, kind, namespaced, verbs, shortNames, categories } = resource;
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs,
      ...(shortNames.length === 0 ? {} : { shortNames }),
      ...(categories.length === 0 ? {} : { categories }),
    },
    ...resource.subresources.map((subresource) => ({
      name: `${plural}/${subresource.name}`,
      singularName: '',
      namespaced,
      // What is of another group than the resource says so.
      ...(isOfGroup(subresource.kind, resource)
        ? {}
        : { group: subresource.kind.group, version: subresource.kind.version }),
      kind: subresource.kind.kind,
      verbs: subresource.verbs,
    })),
  ];
}

/** @returns the group and version, which are empty where they are those of the resource */
function responseKind(of: Subresource['kind'], resource: Described): object {
  const { kind } = of;
  if (!resource.custom && isOfGroup(of, resource)) return { group: '', version: '', kind };
  return { group: of.group, version: of.version, kind };
}

function isOfGroup(kind: Subresource['kind'], { group, version }: Described): boolean {
  return kind.group === group && kind.version === version;
}

function aggregatedResource(resource: Described): object {
  const { plural, singular, kind, namespaced, verbs, shortNames, categories, subresources } = resource;
  return {
    resource: plural,
    responseKind: responseKind({ group: resource.group, version: resource.version, kind }, resource),
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(subresources.length === 0
      ? {}
      : {
          subresources: subresources.map((subresource) => ({
            subresource: subresource.name,
            responseKind: responseKind(subresource.kind, resource),
            verbs: subresource.verbs,
          })),
        }),
  };
}
