/** Whether a certificate that is good is also one of those that are wanted: by its alternative names, and by its hashes. */
import { byteAt, lowerCase } from '#platform';
import { type CompiledTextTest, compileTextTest, fitsText, type TextTest } from './text-test.ts';

/** An otherName by the number of its kind: `oid:1.3.6.1.4.1.311.20.2.3`. */
export type AlternativeNameKind = 'dns' | 'email' | 'ip' | 'uri' | `oid:${string}`;

/** Where both lists have something, a certificate must fit one of each. */
export interface CertificateIdentity {
  readonly names: readonly { readonly of: AlternativeNameKind; readonly test: TextTest }[];
  readonly hashes: readonly CertificateHash[];
}

export interface CertificateHash {
  /** key: of the SubjectPublicKeyInfo. */
  readonly of: 'certificate' | 'key';
  /** Hexadecimal digits, lower case. */
  readonly sha256: string;
}

/** What a certificate says and is. */
export interface CertificateFacts {
  readonly names: readonly AlternativeName[];
  readonly hashes: readonly CertificateHash[];
}

export interface AlternativeName {
  readonly of: AlternativeNameKind;
  /** Of an address its text ({@link addressText}). */
  readonly value: string;
}

export interface CompiledIdentity {
  readonly names: readonly { readonly of: AlternativeNameKind; readonly test: CompiledTextTest }[];
  readonly hashes: readonly CertificateHash[];
}

export function compileIdentity({ names, hashes }: CertificateIdentity): CompiledIdentity {
  const compiled: { of: AlternativeNameKind; test: CompiledTextTest }[] = [];
  for (const { of, test } of names) compiled.push({ of, test: compileTextTest(test, isFolded(of)) });
  return { names: compiled, hashes };
}

/** Source: RFC 5280 section 4.2.1.6, RFC 4343: names of hosts are the same in any case. */
function isFolded(of: AlternativeNameKind): boolean {
  return of === 'dns' || of === 'ip';
}

export function hasIdentity(wanted: CompiledIdentity, facts: CertificateFacts): boolean {
  return (
    (wanted.names.length === 0 || hasName(wanted, facts.names)) &&
    (wanted.hashes.length === 0 || hasHash(wanted.hashes, facts.hashes))
  );
}

function hasName({ names }: CompiledIdentity, own: readonly AlternativeName[]): boolean {
  for (const { of, test } of names) {
    for (const name of own) {
      if (name.of === of && fitsText(test, isFolded(of) ? lowerCase(name.value) : name.value)) return true;
    }
  }
  return false;
}

function hasHash(hashes: readonly CertificateHash[], own: readonly CertificateHash[]): boolean {
  for (const { of, sha256 } of hashes) {
    for (const hash of own) if (hash.of === of && hash.sha256 === sha256) return true;
  }
  return false;
}

const GROUPS = 8;

/**
 * The text of an address in a certificate.
 *
 * Source: RFC 5952 section 4 for IPv6.
 *
 * @param packed 4 or 16 bytes
 * @returns undefined for anything else
 */
export function addressText(packed: string): string | undefined {
  if (packed.length === 4) return dottedText(packed);
  if (packed.length !== 2 * GROUPS) return undefined;
  const groups: number[] = [];
  for (let index = 0; index < GROUPS; index++) {
    groups.push((byteAt(packed, 2 * index) ?? 0) * 256 + (byteAt(packed, 2 * index + 1) ?? 0));
  }
  const gap = longestGap(groups);
  let text = '';
  for (let index = 0; index < GROUPS; index++) {
    if (index < gap.from || index >= gap.to) {
      text = text + (index === 0 || index === gap.to ? '' : ':') + hexText(groups[index] ?? 0);
    } else if (index === gap.from) {
      text = text + '::';
    }
  }
  return text;
}

function dottedText(packed: string): string {
  let text = '';
  for (let index = 0; index < packed.length; index++) {
    text = `${text}${index === 0 ? '' : '.'}${byteAt(packed, index) ?? 0}`;
  }
  return text;
}

/** The first of the longest runs of zeros; one alone stays. */
function longestGap(groups: readonly number[]): { readonly from: number; readonly to: number } {
  let best = { from: -1, to: -1 };
  let from = 0;
  for (let index = 0; index <= groups.length; index++) {
    if (groups[index] === 0) continue;
    if (index - from > 1 && index - from > best.to - best.from) best = { from, to: index };
    from = index + 1;
  }
  return best;
}

const DIGITS: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];

function hexText(group: number): string {
  const low = group % 16;
  const rest = (group - low) / 16;
  return (rest === 0 ? '' : hexText(rest)) + (DIGITS[low] ?? '');
}
