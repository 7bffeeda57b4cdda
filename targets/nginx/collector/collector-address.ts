/** Where collectors of spans and lines are, by gRPC. */
import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import { isLinkLocal } from '@causeway/apis/meta/address';

/** Where a Service is, by its name in the cluster. */
export type LocateService = (
  host: string,
  port: number,
) => Promise<{
  /** IPv6 in brackets; empty: there is none. */
  readonly endpoints: readonly { readonly address: string; readonly port: number }[];
}>;

/** Names of Services mean what the API says, wherever this runs. */
const OF_SERVICE = /^[^.]+\.[^.]+\.svc$/;

/**
 * `address:port` of a collector. Names are looked up here, and not by a library, to see where they lead.
 *
 * @throws Error where there is none, or none but link-local addresses (design D12)
 */
export async function collectorAddress(url: URL, locate: LocateService): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return OF_SERVICE.test(host) ? endpointOf(host, port, locate) : `${await addressOf(host)}:${port}`;
}

async function endpointOf(host: string, port: number, locate: LocateService): Promise<string> {
  const [first] = (await locate(host, port)).endpoints;
  if (first === undefined) throw new Error(`${host} has no endpoint for port ${port}`);
  return `${first.address}:${first.port}`;
}

/** As part of a URL. */
async function addressOf(host: string): Promise<string> {
  const address = isIP(host) === 0 ? await resolved(host) : host;
  return address.includes(':') ? `[${address}]` : address;
}

async function resolved(host: string): Promise<string> {
  const found = await promisify(lookup)(host, { all: true, order: 'ipv4first' });
  const allowed = found.find(({ address }) => !isLinkLocal(address));
  if (allowed === undefined) throw new Error(`${host} has link-local addresses only`);
  return allowed.address;
}
