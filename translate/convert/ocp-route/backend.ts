import type { ObjectKey } from '@causeway/apis/meta/object';
import type { RouteTarget } from '@causeway/apis/openshift/route';
import type { ServicePort } from '../service-inventory.ts';
import type { RouteReading } from './route-reading.ts';

const MOST_WEIGHT = 256;
const DEFAULT_WEIGHT = 100;
const MOST_ALTERNATES = 3;

/** A Service of a Route. */
export interface RouteBackend {
  readonly service: ObjectKey;
  readonly port: number;
  /** Of the Service, when the input has it and it has one. */
  readonly portName?: string;
  /** Absent: it is the only one. */
  readonly weight?: number;
}

export interface BackendRef {
  readonly name: string;
  readonly port: number;
  readonly weight?: number;
}

/** @returns undefined: it cannot be converted, which was told. Source: spec MG-03, MG-04. */
export function backendsOf(reading: RouteReading): readonly RouteBackend[] | undefined {
  const { to, alternateBackends = [] } = reading.route.spec;
  if (alternateBackends.length > MOST_ALTERNATES) {
    reading.tell('E105', 'spec.alternateBackends', `a Route has at most ${MOST_ALTERNATES}`);
    return undefined;
  }
  const targets = [
    { target: to, field: 'spec.to' },
    ...alternateBackends.map((target, index) => ({ target, field: `spec.alternateBackends[${index}]` })),
  ];
  const backends = targets.map(({ target, field }) => backendOf(reading, target, field, targets.length === 1));
  const known = backends.filter((backend) => backend !== undefined);
  if (known.length < backends.length) return undefined;
  if (targets.every(({ target }) => target.weight === 0)) {
    reading.tell('W106', 'spec.to.weight', 'all weights are 0: the router answers 503, a gateway 500');
  }
  return known;
}

export function backendRefs(backends: readonly RouteBackend[]): readonly BackendRef[] {
  return backends.map(({ service, port, weight }) => ({
    name: service.name,
    port,
    ...(weight === undefined ? {} : { weight }),
  }));
}

function backendOf(
  reading: RouteReading,
  { kind = 'Service', name, weight = DEFAULT_WEIGHT }: RouteTarget,
  field: string,
  only: boolean,
): RouteBackend | undefined {
  const { tell, key } = reading;
  if (kind !== 'Service' || name === '') {
    tell('E105', `${field}.kind`, `must name a Service, not ${kind} ${JSON.stringify(name)}`);
    return undefined;
  }
  if (weight < 0 || weight > MOST_WEIGHT) {
    tell('E106', `${field}.weight`, `${weight} is not a weight from 0 to ${MOST_WEIGHT}`);
    return undefined;
  }
  const service = { namespace: key.namespace, name };
  const port = portOf(reading, service);
  if (port === undefined) return undefined;
  return {
    service,
    port: port.number,
    ...(port.name === undefined ? {} : { portName: port.name }),
    ...(only && weight !== 0 ? {} : { weight }),
  };
}

interface FoundPort {
  readonly number: number;
  readonly name?: string;
}

/** The router compares targetPort with ports of pods; a backendRef has the port of the Service. */
function portOf({ route, services, tell }: RouteReading, service: ObjectKey): FoundPort | undefined {
  const field = 'spec.port.targetPort';
  const wanted = route.spec.port?.targetPort;
  const ports = services.ports(service);
  const title = `Service ${service.namespace}/${service.name}`;
  if (ports === undefined) {
    if (wanted === undefined || !isPort(wanted)) {
      const text = wanted === undefined ? 'absent' : `${JSON.stringify(wanted)} is no number`;
      tell('E107', field, `${text}, and the input does not have ${title}`);
      return undefined;
    }
    tell('W107', field, `${title} is not in the input: its port is assumed to be that of its pods, ${wanted}`);
    return { number: Number(wanted) };
  }
  const [first] = ports;
  if (first === undefined) {
    tell('E107', field, `${title} has no ports`);
    return undefined;
  }
  const matching = wanted === undefined ? undefined : ports.find((port) => serves(port, wanted));
  if (matching !== undefined) return found(matching);
  if (ports.length === 1) {
    if (wanted !== undefined) {
      const text = `${JSON.stringify(wanted)} is not the port of ${title}; its only one, ${listed(first)}, is taken`;
      tell('W107', field, text);
    }
    return found(first);
  }
  if (wanted !== undefined) {
    const text = `${JSON.stringify(wanted)} is no port of ${title}, which has ${ports.map(listed).join(', ')}`;
    tell('E107', field, text);
    return undefined;
  }
  const text = `absent: ${listed(first)} of ${title} is taken; the router uses the endpoints of all its ports`;
  tell('W107', field, text);
  return found(first);
}

/** `http 80 -> 8080` */
function listed({ name, port, targetPort }: ServicePort): string {
  return `${name === undefined ? '' : `${name} `}${port} -> ${targetPort ?? port}`;
}

function serves({ name, port, targetPort }: ServicePort, wanted: number | string): boolean {
  return name === wanted || String(targetPort ?? port) === String(wanted);
}

function found({ port, name }: ServicePort): FoundPort {
  return { number: port, ...(name === undefined || name === '' ? {} : { name }) };
}

function isPort(value: number | string): boolean {
  return /^[1-9][0-9]{0,4}$/.test(String(value)) && Number(value) <= 65_535;
}
