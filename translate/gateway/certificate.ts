
import type { View } from '@causeway/resources/view';
import type { CertificateIR } from '@causeway/ir/gateway';
import type { Problem } from './problem.ts';
/** Id `namespace/secret` -> key pair. */
export function translateCertificate(view: View, key: string): { readonly certificate?: CertificateIR; readonly problems: readonly Problem[] } {
  void view;
  void key;
  throw new Error('translateCertificate: not written yet');
}
