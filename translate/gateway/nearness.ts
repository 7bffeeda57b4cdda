import type { EndpointIR, NearnessIR } from '@causeway/ir/gateway';
import type { EndpointSlice, Service } from '@causeway/resources/kinds';

type SliceEndpoint = NonNullable<EndpointSlice['endpoints']>[number];

/** An address with what its slice says of it. */
export interface FoundEndpoint {
  readonly endpoint: EndpointIR;
  readonly source: SliceEndpoint;
}

const ANNOTATION_TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';
/** Of so many endpoints in all, and in the zone: as Envoy Gateway reads the annotation. */
const FEWEST_OF_MODE = 3;

/**
 * Which endpoints a Service wants first: those of the zone with any `trafficDistribution`, with `PreferSameNode` before them those of
 * the machine.
 *
 * Source: Kubernetes, Service, `trafficDistribution` and "Topology Aware Routing"; Envoy Gateway 1.7 serves both so.
 */
export function nearnessOf({ metadata, spec }: Service): NearnessIR | undefined {
  const { trafficDistribution } = spec ?? {};
  if (trafficDistribution !== undefined) {
    return { scope: trafficDistribution === 'PreferSameNode' ? 'node' : 'zone', fewest: 1, fewestNear: 1 };
  }
  const mode = metadata.annotations?.[ANNOTATION_TOPOLOGY_MODE];
  if (mode !== 'Auto' && mode !== 'auto') return undefined;
  return { scope: 'zone', fewest: FEWEST_OF_MODE, fewestNear: FEWEST_OF_MODE };
}

/** What the endpoints are near to: what the hints of their slices say, if all have hints, else where they are. As kube-proxy reads them. */
export function placed(found: readonly FoundEndpoint[], nearness: NearnessIR | undefined): readonly EndpointIR[] {
  if (nearness === undefined) return found.map(({ endpoint }) => endpoint);
  const hintsZones = found.every(({ source }) => zonesOf(source).length > 0);
  const hintsNodes = found.every(({ source }) => nodesOf(source).length > 0);
  return found.map(({ endpoint, source }) => {
    const nodes = hintsNodes ? nodesOf(source) : source.nodeName === undefined ? [] : [source.nodeName];
    return {
      ...endpoint,
      ...(hintsZones ? { nearZones: zonesOf(source) } : {}),
      ...(nearness.scope === 'node' && nodes.length > 0 ? { nearNodes: nodes } : {}),
    };
  });
}

function zonesOf({ hints }: SliceEndpoint): readonly string[] {
  return (hints?.forZones ?? []).map(({ name }) => name);
}

/** Of Kubernetes 1.33, which our types do not know. */
function nodesOf({ hints }: SliceEndpoint): readonly string[] {
  const { forNodes = [] } = (hints ?? {}) as { readonly forNodes?: readonly { readonly name: string }[] };
  return forNodes.map(({ name }) => name);
}
