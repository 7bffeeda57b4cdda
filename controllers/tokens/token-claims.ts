import type { JwtProvider } from '@causeway/targets/nginx/question-server';

/** What the payload of a token says. */
export type Claims = Readonly<Record<string, unknown>>;

/** Clocks of issuers may differ from ours by so much. */
export const SKEW_SECONDS = 60;

/** Why a token with these claims is not good for an issuer; undefined: it is. Source: RFC 7519 section 4.1. */
export function claimsProblem(
  claims: Claims,
  { issuer, audiences }: Pick<JwtProvider, 'issuer' | 'audiences'>,
  now: number,
): string | undefined {
  const { iss, aud, exp, nbf } = claims;
  if (issuer !== undefined && iss !== issuer) return 'another issuer';
  const wanted = list(audiences);
  if (wanted.length > 0 && !(Array.isArray(aud) ? aud : [aud]).some((each) => wanted.includes(each))) {
    return 'another audience';
  }
  if (exp !== undefined && (!isTime(exp) || now >= exp + SKEW_SECONDS)) return 'expired';
  if (nbf !== undefined && (!isTime(nbf) || now < nbf - SKEW_SECONDS)) return 'not yet good';
  return undefined;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Workers write empty lists as empty objects. */
export function list<T>(value: readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [];
}

/** @param path names with dots between them; a claim may have dots in its own name */
export function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) {
      return undefined;
    }
    value = (value as Claims)[name];
  }
  return value;
}

/** As a header has it: numbers in digits, lists and objects as JSON in base64; undefined for what no header can have. */
export function headerText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return [...value].some((letter) => isControl(letter.codePointAt(0) ?? 0)) ? undefined : value;
    case 'number':
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? undefined : Buffer.from(JSON.stringify(value)).toString('base64');
    default:
      return undefined;
  }
}

function isControl(code: number): boolean {
  return code < 0x20 || code === 0x7f;
}

/** What rules compare: a text, or a list of texts. */
export function comparable(value: unknown): string | readonly string[] | undefined {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : undefined;
}

/** Source: RFC 8693 section 4.2; some issuers write a list. */
export function scopesOf({ scope }: Claims): readonly string[] {
  if (typeof scope === 'string') return scope.split(' ').filter((each) => each !== '');
  const listed = comparable(scope);
  return listed === undefined || typeof listed === 'string' ? [] : listed;
}
