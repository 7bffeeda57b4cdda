/** How TLS is spoken to services by gRPC. Loaded only where there are such. */
import type { BackendTlsIR } from '@causeway/ir/gateway';
import { type ChannelCredentials, type ChannelOptions, credentials } from '@grpc/grpc-js';
import { identityProblem } from './backend-identity.ts';

/** What the owner of a service wants of TLS. */
export interface ServiceTls extends Pick<BackendTlsIR, 'certificate' | 'name' | 'names' | 'trustPem'> {
  /** Tells settings apart: connections of one are not used with another. */
  readonly id: string;
  /** Sent to the service; `''`: none. */
  readonly sentName: string;
}

/**
 * @param by see `ServiceAddressIR.tls`; absent: nobody said anything
 * @throws Error when TLS cannot be spoken as it is wanted: the service must not be asked
 */
export type ServiceTlsOf = (by: string | undefined) => ServiceTls | undefined;

/** @param tls undefined: none */
export function grpcCredentials(tls: ServiceTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const { trustPem, certificate } = tls;
  const key = certificate === undefined ? null : Buffer.from(certificate.keyPem);
  const chain = certificate === undefined ? null : Buffer.from(certificate.chainPem);
  if (trustPem === undefined) return credentials.createSsl(null, key, chain, { rejectUnauthorized: false });
  return credentials.createSsl(Buffer.from(trustPem), key, chain, {
    checkServerIdentity: (_host, shown) => identityProblem(tls, shown),
  });
}

/** Which name a service is called by, to which a connection is made by its address. */
export function grpcName(tls: ServiceTls | undefined): ChannelOptions {
  if (tls === undefined || tls.sentName === '') return {};
  return { 'grpc.ssl_target_name_override': tls.sentName, 'grpc.default_authority': tls.sentName };
}
