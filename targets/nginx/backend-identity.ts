import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { hasCertificateName } from '@causeway/dataplane/policy/certificate-name';
import type { BackendTlsIR } from '@causeway/ir/gateway';

/** Why the certificate of a backend is not one that is wanted, as data planes see it; undefined: it is. */
export function identityProblem(
  { name, names }: Pick<BackendTlsIR, 'name' | 'names'>,
  shown: PeerCertificate,
): Error | undefined {
  if (names === undefined) return checkServerIdentity(name, shown);
  return hasCertificateName(names, shown.subjectaltname)
    ? undefined
    : new Error('the certificate has none of the names');
}
