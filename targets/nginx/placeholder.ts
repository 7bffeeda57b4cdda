import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOP_HOST } from '@causeway/dataplane/policy/listen-file';
import { writePrivateFile } from './private-file.ts';
import { createSelfSigned, type KeyPairPem } from './self-signed.ts';
import type { FileOwner } from './state-file.ts';

/** Files in the folder of an instance. */
export const PLACEHOLDER = { certificate: 'placeholder.crt', key: 'placeholder.key' } as const;

/**
 * The certificate for nginx, which wants one on every TLS port, for the metrics port, and for the connections between nginx and the layer 4 process; made once per
 * instance.
 */
export async function ensurePlaceholder(directory: string, user: FileOwner | undefined): Promise<KeyPairPem> {
  const [certificatePath, keyPath] = [join(directory, PLACEHOLDER.certificate), join(directory, PLACEHOLDER.key)];
  if (existsSync(certificatePath) && existsSync(keyPath)) {
    const certificate = readFileSync(certificatePath, 'utf8');
    if (isForHops(certificate)) return { certificate, key: readFileSync(keyPath, 'utf8') };
  }
  const pair = await createSelfSigned(new Date(), ['localhost', HOP_HOST]);
  mkdirSync(directory, { recursive: true });
  writePrivateFile(keyPath, pair.key, user);
  writePrivateFile(certificatePath, pair.certificate, user);
  return pair;
}

/** Versions before made it for `localhost` alone. */
function isForHops(certificate: string): boolean {
  return new X509Certificate(certificate).subjectAltName?.includes(HOP_HOST) === true;
}
