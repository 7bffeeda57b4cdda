/** Texts that only we can read and make, for cookies and the like. Source: NIST SP 800-38D (AES-256-GCM), RFC 5869. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Of one client and policy: whoever has the password of the client has it too, nobody else. */
export function sealingKey(clientSecret: string, policy: string): Buffer {
  return Buffer.from(hkdfSync('sha256', clientSecret, policy, 'causeway openid session', 32));
}

/** @param purpose a text sealed for one purpose cannot be opened for another */
export function seal(key: Buffer, purpose: string, value: object): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** @returns undefined for what was not sealed by this key for this purpose */
export function open<T>(key: Buffer, purpose: string, text: string | undefined): T | undefined {
  if (text === undefined || text === '') return undefined;
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const opened = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    return JSON.parse(opened.toString('utf8')) as T;
  } catch {
    return undefined;
  }
}
