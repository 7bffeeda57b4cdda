/**
 * Browsers keep cookies of up to 4 KiB: a longer value is in several, `name`, `name-1`, ..., and the first begins with their number and
 * a dot, which no sealed value has. The workers put them together (dataplane/http/oidc.ts).
 *
 * Source: RFC 6265 section 6.1.
 */
const PIECE_LENGTH = 3500;
/** The number has one digit. */
const MOST_PIECES = 9;

export interface CookiePiece {
  readonly name: string;
  readonly value: string;
}

export function cookiePieces(name: string, value: string): readonly CookiePiece[] {
  const count = Math.ceil(value.length / PIECE_LENGTH);
  if (count < 2 || count > MOST_PIECES) return [{ name, value }];
  return Array.from({ length: count }, (_, index) => {
    const piece = value.slice(index * PIECE_LENGTH, (index + 1) * PIECE_LENGTH);
    return index === 0 ? { name, value: `${count}.${piece}` } : { name: `${name}-${index}`, value: piece };
  });
}
