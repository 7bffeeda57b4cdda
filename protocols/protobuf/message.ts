/** As much of the encoding of Protocol Buffers as is said to other programs without their schemas. Source: protobuf.dev, "Encoding". */

const VARINT = 0;
const LENGTH = 2;
const FIXED64 = 1;
const FIXED32 = 5;

/** A field with a number; 0 is not written. */
export function numberField(field: number, value: number): Buffer {
  return value === 0 ? Buffer.alloc(0) : Buffer.concat([varint(field * 8 + VARINT), varint(value)]);
}

/** A field of type fixed64. */
export function fixed64Field(field: number, value: bigint): Buffer {
  return Buffer.concat([varint(field * 8 + FIXED64), fixed64Bytes(value)]);
}

/** A field of type double; 0 is written, too. */
export function doubleField(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8 + FIXED64), doubleBytes(value)]);
}

/** One of a packed field of type fixed64. */
export function fixed64Bytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

/** One of a packed field of type double. */
export function doubleBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

/** A point in time or a length of time, as a message. @param ms since 1970, or how long */
export function timeField(number: number, ms: number): Buffer {
  const seconds = Math.floor(ms / 1000);
  return message(number, numberField(1, seconds), numberField(2, Math.floor((ms - seconds * 1000) * 1e6)));
}

/** A field with a text, bytes or a message; an empty one is not written, except a message. */
export function field(number: number, value: string | Buffer, isMessage = false): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  if (bytes.length === 0 && !isMessage) return bytes;
  return Buffer.concat([varint(number * 8 + LENGTH), varint(bytes.length), bytes]);
}

export function message(number: number, ...fields: readonly Buffer[]): Buffer {
  return field(number, Buffer.concat(fields), true);
}

/** Each entry of a map is a message with key and value. */
export function mapField(number: number, entries: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(Object.entries(entries).map(([key, value]) => message(number, field(1, key), field(2, value))));
}

/** @param value whole, not negative */
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** A message that was read: values by number of their field, in their order. */
export interface Message {
  numbers(field: number): readonly number[];
  bytes(field: number): readonly Buffer[];
}

/** @throws RangeError for what is no message */
export function parseMessage(bytes: Buffer): Message {
  const numbers = new Map<number, number[]>();
  const parts = new Map<number, Buffer[]>();
  let position = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 63; factor *= 0x80) {
      const byte = bytes[position++];
      if (byte === undefined) throw new RangeError('a message ends within a number');
      value += (byte % 0x80) * factor;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number of more than 64 bits');
  };
  const skip = (length: number): Buffer => {
    const end = position + length;
    if (end > bytes.length) throw new RangeError('a message ends within a field');
    const part = bytes.subarray(position, end);
    position = end;
    return part;
  };
  while (position < bytes.length) {
    const tag = readVarint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case VARINT:
        push(numbers, number, readVarint());
        break;
      case LENGTH:
        push(parts, number, skip(readVarint()));
        break;
      case FIXED64:
        skip(8);
        break;
      case FIXED32:
        skip(4);
        break;
      default:
        throw new RangeError(`a field of type ${tag % 8}`);
    }
  }
  return { numbers: (field) => numbers.get(field) ?? [], bytes: (field) => parts.get(field) ?? [] };
}

function push<T>(values: Map<number, T[]>, field: number, value: T): void {
  const known = values.get(field);
  if (known === undefined) values.set(field, [value]);
  else known.push(value);
}
