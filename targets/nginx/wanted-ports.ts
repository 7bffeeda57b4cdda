/** Ports as the listeners of an instance want them. Pure; which of them can be had: ports.ts. */
import type { ListenEntry } from '@causeway/dataplane/policy/listen-file';
import type { ListenerIR, ListenerTlsIR, TlsProtocolIR } from '@causeway/ir/gateway';
import { EVERYBODY, type ServedPort } from './conf/listen.ts';
import { isStream, portId } from './listener-port.ts';
import type { PortConflict, WantedPort } from './ports.ts';

/**
 * One protocol per port and transport: of listeners that disagree, the first by id has it.
 *
 * @param streams layer 4 can be served
 */
export function wantedPorts(
  listeners: Iterable<ListenerIR>,
  streams: boolean,
): { wanted: WantedPort[]; problems: PortConflict[] } {
  const wanted = new Map<string, WantedPort>();
  const problems: PortConflict[] = [];
  for (const listener of [...listeners].sort(byId)) {
    const { port, protocol } = listener;
    const key = `${protocol === 'udp' ? 'udp' : 'tcp'} ${port}`;
    const taken = wanted.get(key);
    const isOptional = listener.proxyProtocol?.optional === true;
    if (!streams && (isStream(listener) || isOptional)) {
      const message = `this agent has no program for ${protocol} ports${isOptional ? ' with PROXY headers or without' : ''}`;
      problems.push({ id: portId(listener), port, protocol, message });
    } else if (taken === undefined) wanted.set(key, { id: portId(listener), port, protocol });
    else if (taken.protocol !== protocol) {
      const message = `port ${port} is a port of protocol ${taken.protocol} already`;
      problems.push({ id: portId(listener), port, protocol, message });
    }
  }
  return { wanted: [...wanted.values()], problems };
}

/** A port of nginx. Of several listeners on it the first by id says how its connections are kept and begin; one suffices for HTTP/2. */
export function withClientSettings(port: ServedPort, listeners: Iterable<ListenerIR>): ServedPort {
  const on = [...listeners].filter((listener) => listener.port === port.port && !isStream(listener));
  const [first] = on.sort(byId);
  const { keepalive, proxyProtocol, limits } = first ?? {};
  const tls = on.flatMap((listener) => listener.tls ?? []);
  const protocols = protocolsOfAll(tls);
  const curves = tls.find((each) => each.curves !== undefined)?.curves;
  const signatures = tls.find((each) => each.signatures !== undefined)?.signatures;
  return {
    ...port,
    ...(keepalive === undefined ? {} : { keepalive }),
    ...(proxyProtocol?.receive === true ? { proxyProtocol: true } : {}),
    ...(proxyProtocol?.receive === true && proxyProtocol.trusted.includes(EVERYBODY[0])
      ? { believesEverybody: true }
      : {}),
    ...(proxyProtocol?.optional === true ? { optionalHeader: true } : {}),
    ...(limits === undefined ? {} : { limits }),
    ...(protocols === undefined ? {} : { tlsProtocols: protocols }),
    ...(curves === undefined ? {} : { tlsCurves: curves }),
    ...(signatures === undefined ? {} : { tlsSignatures: signatures }),
    ...(tls.some(({ withoutHttp2 }) => withoutHttp2 === true) ? { withoutHttp2: true } : {}),
    ...(on.some(({ cleartextHttp2 }) => cleartextHttp2 === true) ? { cleartextHttp2: true } : {}),
  };
}

/** What every listener takes; where that is nothing, the newest. Absent: nobody says anything. */
function protocolsOfAll(tls: readonly ListenerTlsIR[]): readonly TlsProtocolIR[] | undefined {
  const given = tls.flatMap(({ protocols }) => (protocols === undefined ? [] : [protocols]));
  const [first, ...others] = given;
  if (first === undefined) return undefined;
  const common = first.filter((one) => others.every((other) => other.includes(one)));
  return common.length === 0 ? ['TLSv1.3'] : common;
}

/** A port as the layer 4 process listens on it; none for one of nginx. */
export function listenEntries({ protocol, port, addresses }: ServedPort): ListenEntry[] {
  return protocol === 'tcp' || protocol === 'udp' ? addresses.map((address) => ({ protocol, port, address })) : [];
}

function byId(a: ListenerIR, b: ListenerIR): number {
  return a.id < b.id ? -1 : 1;
}
