import type { ApiObject } from '../../object.ts';
import { child, element, type FieldError, invalid } from '../../schema/field-error.ts';
import { type JsonObject, numberAt, objectAt, objectsAt, textAt } from '../../schema/json.ts';
import type { Collection } from '../../storage/collection.ts';
import { Allotments } from './allotments.ts';

/*
 * Node ports of Services. Source: Kubernetes pkg/registry/core/service/storage, initNodePorts, updateNodePorts,
 * patchAllocatedValues.
 */

const FIRST = 30_000;
const LAST = 32_767;
/** Ports below are for Services that name one. Source: KEP-3668, a band of a 32nd of the range. */
const FIRST_UNNAMED = FIRST + 86;
const OUTSIDE = `provided port is not in the valid range. The range of valid ports is ${FIRST}-${LAST}`;

export function nodePortAllotments(): Allotments {
  return new Allotments(FIRST, LAST, nodePortsOf, FIRST_UNNAMED);
}

export function nodePortsOf(service: JsonObject): readonly number[] {
  const spec = objectAt(service, 'spec');
  const all = [
    numberAt(spec, 'healthCheckNodePort'),
    ...objectsAt(spec, 'ports').map((each) => numberAt(each, 'nodePort')),
  ];
  return all.flatMap((port) => port || []);
}

/** Gives node ports to the ports of a Service that wants them; says which cannot be had. */
export function allotNodePorts(
  object: ApiObject,
  spec: JsonObject,
  before: JsonObject | undefined,
  allotments: Allotments,
  services: Collection,
): readonly FieldError[] {
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return [];
  const ports = objectsAt(spec, 'ports');
  const wants = spec.type === 'NodePort' || spec.allocateLoadBalancerNodePorts !== false;
  if (wants) keepNodePorts(ports, before);
  const taken = new Set(nodePortsOf({ spec }));
  const held = new Set(nodePortsOf({ spec: before ?? {} }));
  const claimed = new Set<number>();
  for (const [index, port] of ports.entries()) {
    const asked = numberAt(port, 'nodePort') ?? 0;
    // One number serves the protocols of one port of a new Service.
    const shared = before === undefined ? sameNumber(ports, port) : undefined;
    if (asked === 0) {
      if (!wants) continue;
      const nodePort = shared ?? allotments.allot(object, services, taken);
      port.nodePort = nodePort;
      taken.add(nodePort);
      claimed.add(nodePort);
      continue;
    }
    if (held.has(asked) || (claimed.has(asked) && shared === asked)) continue;
    const isOutside = asked < FIRST || asked > LAST;
    if (isOutside || claimed.has(asked) || !allotments.isFree(asked, object, services)) {
      const field = child(element('spec.ports', index), 'nodePort');
      return [invalid(field, asked, isOutside ? OUTSIDE : 'provided port is already allocated')];
    }
    claimed.add(asked);
  }
  return [];
}

/** The node port of the first port that has the number of `port` and any. */
function sameNumber(ports: readonly JsonObject[], port: JsonObject): number | undefined {
  return numberAt(
    ports.find((each) => each.port === port.port && numberAt(each, 'nodePort')),
    'nodePort',
  );
}

/** Ports that say nothing get what the port of their name has had, unless another one took it over. */
function keepNodePorts(ports: readonly JsonObject[], before: JsonObject | undefined): void {
  if (before === undefined || (before.type !== 'NodePort' && before.type !== 'LoadBalancer')) return;
  if (before.type === 'LoadBalancer' && before.allocateLoadBalancerNodePorts === false) return;
  const had = new Map(
    objectsAt(before, 'ports').map((each) => [textAt(each, 'name'), numberAt(each, 'nodePort') ?? 0]),
  );
  const used = new Set(nodePortsOf({ spec: { ports: [...ports] } }));
  for (const port of ports) {
    const known = had.get(textAt(port, 'name')) ?? 0;
    if (!numberAt(port, 'nodePort') && known !== 0 && !used.has(known)) port.nodePort = known;
  }
}

/** The port on which nodes answer if they have endpoints. */
export function allotHealthCheckPort(
  object: ApiObject,
  spec: JsonObject,
  before: JsonObject | undefined,
  allotments: Allotments,
  services: Collection,
): void {
  if (numberAt(spec, 'healthCheckNodePort')) return;
  const kept = numberAt(before, 'healthCheckNodePort');
  spec.healthCheckNodePort = kept || allotments.allot(object, services, new Set(nodePortsOf({ spec })));
}
