import { serviceOfName } from '@causeway/apis/kubernetes/service-name';
import { parseAddress } from '@causeway/apis/meta/address';
import type { ObjectKey } from '@causeway/apis/meta/object';
import { endpointSetId, parseAskedHost } from '@causeway/ir/gateway';
import type { Snapshot } from '@causeway/resources/snapshot';
import { ofFamily, translateEndpointSet } from '@causeway/translate/gateway/endpoint-set';

export interface ServiceAddress {
  /** IPv6 in brackets. */
  readonly address: string;
  readonly port: number;
}

export interface ServiceAddresses {
  /** Empty: there is no such service, or it must not be asked. */
  readonly endpoints: readonly ServiceAddress[];
  /** How long that counts. */
  readonly seconds: number;
}

export interface ServiceAddressesOptions {
  readonly snapshot: Snapshot;
  /** Asks DNS. @throws what DNS says */
  readonly lookUp: (name: string) => Promise<{ readonly addresses: readonly string[]; readonly seconds: number }>;
  /** Where Causeway itself is controlled; never asked (design D12). */
  readonly control: readonly { readonly address: string; readonly port: number }[];
  /** The loopback addresses are other people's, as on a machine; in a pod they are our own. */
  readonly loopback: boolean;
}

/** Endpoints of Services come and go. */
const SERVICE_SECONDS = 1;
const ADDRESS_SECONDS = 300;
/** Names that are asked for at once; requests of clients must not make more. */
const MAX_UNDER_WAY = 50;

/**
 * Where services are that data planes ask by themselves: names of Services by their endpoints, others by DNS, of all families unless the
 * host says which (`hostOfFamily`). Link-local addresses,
 * where clouds keep their metadata, and those at which Causeway itself is controlled are left out.
 *
 * Source: spec ALB-82; design D12.
 */
export function serviceAddresses(
  options: ServiceAddressesOptions,
): (host: string, port: number) => Promise<ServiceAddresses> {
  const { snapshot, lookUp } = options;
  const underWay = new Map<string, ReturnType<typeof lookUp>>();
  const fromDns = (name: string): ReturnType<typeof lookUp> => {
    const pending = underWay.get(name);
    if (pending !== undefined) return pending;
    if (underWay.size >= MAX_UNDER_WAY) return Promise.reject(new Error('too many names are being resolved'));
    const asked = lookUp(name).finally(() => underWay.delete(name));
    underWay.set(name, asked);
    return asked;
  };
  const allowed = (endpoints: readonly ServiceAddress[], seconds: number): ServiceAddresses => ({
    endpoints: endpoints
      .filter(({ address, port }) => mayBeAsked(address, port, options))
      .map(({ address, port }) => ({ address: address.includes(':') ? `[${address}]` : address, port })),
    seconds,
  });
  return async (askedHost, port) => {
    const { host, family } = parseAskedHost(askedHost);
    const name = host.replace(/^\[|\]$/g, '').toLowerCase();
    if (parseAddress(name) !== undefined) return allowed([{ address: name, port }], ADDRESS_SECONDS);
    const service = serviceOfName(name) ?? shortlyNamed(snapshot, name);
    if (service !== undefined) {
      const { namespace } = service;
      const id = endpointSetId({ namespace, service: service.name, port, transport: 'tcp', otherClusters: false });
      const { endpoints } = translateEndpointSet(snapshot.present, id).endpoints;
      return allowed(endpoints, SERVICE_SECONDS);
    }
    try {
      const { addresses, seconds } = await fromDns(name);
      return allowed(
        ofFamily(addresses, family).map((address) => ({ address, port })),
        seconds,
      );
    } catch {
      return { endpoints: [], seconds: SERVICE_SECONDS };
    }
  };
}

/** `auth.default`, where there is such a Service, as in the pods of a cluster. */
function shortlyNamed(snapshot: Snapshot, name: string): ObjectKey | undefined {
  const key = serviceOfName(`${name}.svc`);
  return key !== undefined && snapshot.present.get('Service', key) !== undefined ? key : undefined;
}

function mayBeAsked(
  text: string,
  port: number,
  { control, loopback }: Pick<ServiceAddressesOptions, 'control' | 'loopback'>,
): boolean {
  const bytes = bytesOf(text);
  if (bytes === undefined || isNoHost(bytes)) return false;
  if (isLoopback(bytes) && !loopback) return false;
  return !control.some((one) => {
    if (one.port !== port) return false;
    const its = bytesOf(one.address);
    // A name stands for this machine; what listens on every address listens on this one.
    return its === undefined ? isLoopback(bytes) : isUnspecified(its) || sameBytes(its, bytes);
  });
}

/** IPv4 that is written as IPv6 is IPv4. */
function bytesOf(text: string): readonly number[] | undefined {
  const bytes = parseAddress(text);
  const mapped =
    bytes?.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return mapped ? bytes.slice(12) : bytes;
}

/** Nobody in particular, link-local, multicast or broadcast. Source: RFC 6890. */
function isNoHost(bytes: readonly number[]): boolean {
  const [a = 0, b = 0] = bytes;
  if (bytes.length === 4) return a === 0 || (a === 169 && b === 254) || a >= 224;
  return isUnspecified(bytes) || a === 0xff || (a === 0xfe && (b & 0xc0) === 0x80);
}

function isUnspecified(bytes: readonly number[]): boolean {
  return bytes.every((byte) => byte === 0);
}

function isLoopback(bytes: readonly number[]): boolean {
  if (bytes.length === 4) return bytes[0] === 127;
  return bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1;
}

function sameBytes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
