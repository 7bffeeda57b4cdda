/** One value in DER: what its tag says it is, and where it lies. */
export interface DerValue {
  readonly tag: number;
  /** With tag and length. */
  readonly whole: Buffer;
  readonly content: Buffer;
}

/** Bytes that are no DER, or not of the shape that somebody needs. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

export const DER = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const;

/**
 * The values that lie one behind the other in `bytes`. Of the encoding it reads what certificates need: tags of one byte, definite lengths.
 *
 * Source: ITU-T X.690, section 8.1.
 *
 * @throws DerError
 */
export function derValues(bytes: Buffer): readonly DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length; ) {
    const value = valueAt(bytes, at);
    values.push(value);
    at += value.whole.length;
  }
  return values;
}

/** What a value with this tag is made of. @throws DerError */
export function derItems(value: DerValue | undefined, tag: number): readonly DerValue[] {
  if (value?.tag !== tag) throw new DerError('structure error: tags do not match');
  return derValues(value.content);
}

function valueAt(bytes: Buffer, at: number): DerValue {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw new DerError('syntax error: truncated tag or length');
  if ((tag & 0x1f) === 0x1f) throw new DerError('structure error: long tag');
  let start = at + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw new DerError('syntax error: length without end or too large');
    if (start + count > bytes.length) throw new DerError('syntax error: truncated tag or length');
    length = bytes.readUIntBE(start, count);
    start += count;
  }
  if (start + length > bytes.length) throw new DerError('syntax error: data truncated');
  return { tag, whole: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) };
}
