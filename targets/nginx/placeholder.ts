import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  for (const [path, text] of [
    [keyPath, pair.key],
    [certificatePath, pair.certificate],
  ] as const) {
    writeFileSync(path, text, { mode: 0o600 });
    if (user !== undefined) chownSync(path, user.uid, user.gid);
  }
  return pair;
}
