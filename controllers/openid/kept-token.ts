/**
 * A token in a cookie, and when it ends: sealed, or, where a policy wants it to be readable, signed. A signed one is `SIGNATURE~END~TOKEN`.
 * Neither can be taken for the other, nor for one of another purpose.
 *
 * Source: GW-37; RFC 2104.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { open, seal } from './sealed.ts';

export interface KeptToken {
  readonly t: string;
  /** Seconds since 1970 when it ends. */
  readonly e: number;
}

/** @param purpose which token it is */
export function keep(key: Buffer, purpose: string, token: KeptToken, isShown: boolean): string {
  if (!isShown) return seal(key, purpose, token);
  const whole: KeptToken = { ...token, e: Math.floor(token.e) };
  return `${signature(key, purpose, whole)}~${whole.e}~${whole.t}`;
}

/** @returns undefined for what was not kept with this key, for this purpose and in this way */
export function kept(key: Buffer, purpose: string, text: string | undefined, isShown: boolean): KeptToken | undefined {
  if (!isShown) return open<KeptToken>(key, purpose, text);
  const [, signed = '', end = '', t = ''] = /^([\w-]+)~(\d+)~(.+)$/.exec(text ?? '') ?? [];
  const token: KeptToken = { t, e: Number(end) };
  const [given, wanted] = [signed, signature(key, purpose, token)].map((each) => Buffer.from(each));
  if (given === undefined || wanted === undefined || given.length !== wanted.length) return undefined;
  return timingSafeEqual(given, wanted) ? token : undefined;
}

function signature(key: Buffer, purpose: string, { t, e }: KeptToken): string {
  return createHmac('sha256', key).update(`${purpose}\n${e}\n${t}`).digest('base64url');
}
