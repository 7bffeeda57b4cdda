import { createHash, timingSafeEqual } from 'node:crypto';
import { bcryptVerify } from 'hash-wasm';
import { md5Crypt } from './apr1.ts';
import { shaCrypt } from './sha-crypt.ts';

/** Above these a single password takes seconds, which somebody who knows none could ask for. */
const MAX_BCRYPT_COST = 14;
const MAX_SHA_ROUNDS = 1_000_000;
/** Of a longer password bcrypt looks at so many. */
const BCRYPT_BYTES = 72;

const MD5 = /^(\$apr1\$|\$1\$)([^$]{0,8})\$([./0-9A-Za-z]{22})$/;
const SHA = /^\$([56])\$(?:rounds=(\d{1,9})\$)?([^$:]{0,16})\$([./0-9A-Za-z]{43,86})$/;
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./0-9A-Za-z]{53}$/;
const SHA1 = /^\{SHA\}([A-Za-z0-9+/]{27}=)$/;

/** Reports whether a text is a hash of a kind that {@link verifyHash} knows. */
export function isPasswordHash(hash: string): boolean {
  const sha = SHA.exec(hash);
  if (sha !== null) return Number(sha[2] ?? 0) <= MAX_SHA_ROUNDS;
  const cost = BCRYPT.exec(hash)?.[1];
  if (cost !== undefined) return Number(cost) >= 4 && Number(cost) <= MAX_BCRYPT_COST;
  return MD5.test(hash) || SHA1.test(hash);
}

/**
 * Reports whether `hash` is one of `password`: MD5-crypt (apr1), bcrypt, SHA-256 and SHA-512 crypt, and `{SHA}`.
 *
 * Source: Apache HTTP server, "Password Formats"; spec ALB-93, ALB-95.
 */
export async function verifyHash(hash: string, password: Uint8Array): Promise<boolean> {
  if (!isPasswordHash(hash)) return false;
  const md5 = MD5.exec(hash);
  if (md5 !== null) {
    const [, magic, salt = '', expected = ''] = md5;
    return isSame(md5Crypt(password, salt, magic === '$1$' ? '$1$' : '$apr1$'), expected);
  }
  const sha = SHA.exec(hash);
  if (sha !== null) {
    const [, kind, rounds, salt = '', expected = ''] = sha;
    const algorithm = kind === '5' ? 'sha256' : 'sha512';
    return isSame(shaCrypt(algorithm, password, salt, rounds === undefined ? undefined : Number(rounds)), expected);
  }
  if (BCRYPT.test(hash)) {
    // The library takes no empty password. To bcrypt, which ends every password with a zero and repeats it, one zero is the same.
    const key = password.length === 0 ? Uint8Array.of(0) : password.subarray(0, BCRYPT_BYTES);
    return bcryptVerify({ password: key, hash });
  }
  return isSame(createHash('sha1').update(password).digest('base64'), SHA1.exec(hash)?.[1] ?? '');
}

function isSame(text: string, expected: string): boolean {
  const [a, b] = [Buffer.from(text), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
