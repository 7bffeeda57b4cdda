import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateFile } from './private-file.ts';
import { createSelfSigned, type KeyPairPem } from './self-signed.ts';
import type { FileOwner } from './state-file.ts';

/** The certificate for nginx, which wants one on every TLS port, and for the metrics port; made once per instance. */
export async function ensurePlaceholder(directory: string, user: FileOwner | undefined): Promise<KeyPairPem> {
  const [certificatePath, keyPath] = [join(directory, 'placeholder.crt'), join(directory, 'placeholder.key')];
  if (existsSync(certificatePath) && existsSync(keyPath)) {
    return { certificate: readFileSync(certificatePath, 'utf8'), key: readFileSync(keyPath, 'utf8') };
  }
  const pair = await createSelfSigned(new Date());
  mkdirSync(directory, { recursive: true });
  writePrivateFile(keyPath, pair.key, user);
  writePrivateFile(certificatePath, pair.certificate, user);
  return pair;
}
