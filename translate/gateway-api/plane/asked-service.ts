import { objectKeyText } from '@causeway/apis/meta/object';
import type { ServiceAddressIR } from '@causeway/ir/gateway';
import type { ResolvedBackend } from '../backend/backend-ref.ts';

/**
 * A Service or Backend that is asked by name; whoever asks finds its endpoints, and what its owner wants of TLS.
 *
 * @returns text: why it must not be asked
 */
export function askedService({ service, host, port, tls, refused }: ResolvedBackend): ServiceAddressIR | string {
  if (refused !== undefined) return refused;
  const { namespace, name } = service;
  const address = { host: host ?? `${name}.${namespace}.svc`, port };
  if (tls === undefined) return address;
  const id = objectKeyText(service);
  return { ...address, tls: host === undefined ? `Service ${id} ${port}` : `Backend ${id}` };
}
