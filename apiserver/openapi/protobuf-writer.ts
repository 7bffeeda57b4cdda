/**
 * Writes one protobuf message, field by field; nested messages are written by a function into a writer of their own. Values that are
 * protobuf's defaults ('', 0, false) are left out, as proto3 does.
 *
 * Source: Protocol Buffers, "Encoding".
 */
import { varint } from '@causeway/protocols/protobuf/message';

export class ProtobufWriter {
  readonly #parts: Buffer[] = [];
  #bytes = 0;

  string(field: number, value: string): void {
    if (value !== '') this.#lengthDelimited(field, Buffer.from(value, 'utf8'));
  }

  bool(field: number, value: boolean): void {
    if (value) this.#push(Buffer.concat([tag(field, 0), varint(1)]));
  }

  /** Not negative. */
  integer(field: number, value: number): void {
    if (value !== 0) this.#push(Buffer.concat([tag(field, 0), varint(value)]));
  }

  double(field: number, value: number): void {
    if (value === 0) return;
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.#push(Buffer.concat([tag(field, 1), bytes]));
  }

  /** Written whatever it is. */
  bytes(field: number, value: Buffer): void {
    this.#lengthDelimited(field, value);
  }

  /** A whole number, written whatever it is; negative ones as 64 bits. */
  varint(field: number, value: number): void {
    this.#push(tag(field, 0));
    this.#push(value >= 0 ? varint(value) : negative(value));
  }

  /** Written whatever it is. */
  fixed64(field: number, value: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.#push(tag(field, 1));
    this.#push(bytes);
  }

  message(field: number, write: (nested: ProtobufWriter) => void): void {
    const nested = new ProtobufWriter();
    write(nested);
    this.#lengthDelimited(field, nested.finish());
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts, this.#bytes);
  }

  #lengthDelimited(field: number, payload: Buffer): void {
    this.#push(tag(field, 2));
    this.#push(varint(payload.length));
    this.#push(payload);
  }

  #push(part: Buffer): void {
    this.#parts.push(part);
    this.#bytes += part.length;
  }
}

function tag(field: number, wireType: number): Buffer {
  return varint(field * 8 + wireType);
}

function negative(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 128n) {
    bytes.push(Number(rest % 128n) + 128);
    rest /= 128n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
