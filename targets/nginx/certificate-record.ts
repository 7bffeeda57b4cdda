import type { CertificateRecord } from '@causeway/dataplane/policy/record';
import type { CertificateIR } from '@causeway/ir/gateway';

export function renderCertificate(certificate: CertificateIR): CertificateRecord {
  return {
    type: 'certificate',
    id: certificate.id,
    chainPem: certificate.chainPem,
    keyPem: certificate.keyPem,
  };
}
