/** One field as it is on the wire: a number (varint and fixed width) or bytes. */
export type WireField =
  | { readonly field: number; readonly wire: 'varint'; readonly value: bigint }
  | { readonly field: number; readonly wire: 'fixed64' | 'fixed32'; readonly value: Buffer }
  | { readonly field: number; readonly wire: 'bytes'; readonly value: Buffer };

/** The bytes are not a protobuf message. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

/**
 * The fields of a message, in the order they are written.
 *
 * Source: Protocol Buffers, "Encoding".
 *
 * @throws ProtobufError
 */
export function* fieldsOf(message: Buffer): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new ProtobufError('unexpected end of message');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError('number is too long');
  };
  const take = (bytes: number): Buffer => {
    if (at + bytes > message.length) throw new ProtobufError('unexpected end of message');
    at += bytes;
    return message.subarray(at - bytes, at);
  };
  while (at < message.length) {
    const tag = Number(varint());
    const field = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { field, wire: 'varint', value: varint() };
        break;
      case 1:
        yield { field, wire: 'fixed64', value: take(8) };
        break;
      case 2:
        yield { field, wire: 'bytes', value: take(Number(varint())) };
        break;
      case 5:
        yield { field, wire: 'fixed32', value: take(4) };
        break;
      default:
        throw new ProtobufError(`wire type ${tag % 8} is not supported`);
    }
  }
}

/** The bytes of field `number`; empty when it is absent. */
export function bytesOf(message: Buffer, number: number): Buffer {
  for (const { field, wire, value } of fieldsOf(message)) {
    if (field === number && wire === 'bytes') return value;
  }
  return Buffer.alloc(0);
}

/** A varint as the signed 64-bit number it stands for; 0 when it is absent. */
export function numberOf(message: Buffer, number: number): number {
  for (const { field, wire, value } of fieldsOf(message)) {
    if (field === number && wire === 'varint') return Number(BigInt.asIntN(64, value));
  }
  return 0;
}
