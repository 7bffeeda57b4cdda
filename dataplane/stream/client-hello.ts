/**
 * The first thing a TLS client says, as far as it tells which server it wants. Nothing is decrypted, nothing is answered.
 *
 * Sources: RFC 8446 sections 4.1.2 and 5.1 (ClientHello, records, fragments), RFC 6066 section 3 (server_name).
 */
import type { Socket } from 'node:net';

/** `serverName` is `''` when the client names none. With ECH it is the public name, which is meant to choose the server. */
export interface ClientHello {
  readonly serverName: string;
}

/** Records may be cut anywhere, but not into more bytes than this in all. */
const MAX_BYTES = 65_536;

const HANDSHAKE = 0x16;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const HOST_NAME = 0;
const RECORD_HEADER_BYTES = 5;
/** Type and length. */
const MESSAGE_HEADER_BYTES = 4;
const MAX_RECORD_BYTES = 16_384;
const MAX_NAME_BYTES = 255;

/** Puts a ClientHello together from bytes as they come; the work is in proportion to them. */
export class ClientHelloReader {
  readonly #header = Buffer.alloc(RECORD_HEADER_BYTES);
  #headerBytes = 0;
  /** Bytes of the record that have not come yet. */
  #missing = 0;
  #seen = 0;
  readonly #message: Buffer[] = [];
  #messageBytes = 0;
  /** Of the message, as soon as it is known. */
  #wanted = MESSAGE_HEADER_BYTES;

  /** @returns what it is, as soon as that is certain; do not ask again then */
  push(chunk: Buffer): ClientHello | 'incomplete' | 'other' {
    this.#seen += chunk.length;
    for (let at = 0; at < chunk.length; ) {
      if (this.#missing === 0) {
        this.#header[this.#headerBytes] = chunk[at] ?? 0;
        this.#headerBytes += 1;
        at += 1;
        if (!this.#isRecord()) return 'other';
        if (this.#headerBytes === RECORD_HEADER_BYTES) {
          this.#headerBytes = 0;
          this.#missing = this.#header.readUInt16BE(3);
        }
        continue;
      }
      const part = chunk.subarray(at, at + this.#missing);
      at += part.length;
      this.#missing -= part.length;
      this.#message.push(part);
      this.#messageBytes += part.length;
      if (this.#messageBytes < this.#wanted) continue;
      const found = this.#read();
      if (found !== 'incomplete') return found;
    }
    return this.#seen < MAX_BYTES ? 'incomplete' : 'other';
  }

  /** As far as its header is there. */
  #isRecord(): boolean {
    const [type, major] = this.#header;
    if (type !== HANDSHAKE || (this.#headerBytes > 1 && major !== 3)) return false;
    if (this.#headerBytes < RECORD_HEADER_BYTES) return true;
    const length = this.#header.readUInt16BE(3);
    return length > 0 && length <= MAX_RECORD_BYTES;
  }

  #read(): ClientHello | 'incomplete' | 'other' {
    const message = Buffer.concat(this.#message);
    this.#message.splice(0, this.#message.length, message);
    if (message[0] !== CLIENT_HELLO) return 'other';
    const length = message.readUIntBE(1, 3);
    if (length > MAX_BYTES) return 'other';
    this.#wanted = MESSAGE_HEADER_BYTES + length;
    if (message.length < this.#wanted) return 'incomplete';
    return parseBody(new Reader(message.subarray(MESSAGE_HEADER_BYTES, this.#wanted)));
  }
}

/**
 * Reads it off a connection that nobody reads yet; every byte is still there to be read afterwards.
 *
 * @returns `other` for anything else, and when it does not come in time
 */
export function peekClientHello(socket: Socket, timeoutMs: number): Promise<ClientHello | 'other'> {
  return new Promise((resolve) => {
    const reader = new ClientHelloReader();
    const chunks: Buffer[] = [];
    const finish = (result: ClientHello | 'other'): void => {
      clearTimeout(timer);
      socket.off('data', take).off('end', fail).off('close', fail).pause();
      if (chunks.length > 0 && !socket.destroyed) socket.unshift(Buffer.concat(chunks));
      resolve(result);
    };
    const fail = (): void => finish('other');
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      const found = reader.push(chunk);
      if (found !== 'incomplete') finish(found);
    };
    const timer = setTimeout(fail, timeoutMs);
    socket.on('data', take).on('end', fail).on('close', fail);
    socket.resume();
  });
}

/** Reads fields one after the other; past the end there is nothing. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @param size bytes, at most 3 */
  number(size: number): number | undefined {
    if (this.left < size) return undefined;
    this.#at += size;
    return this.#bytes.readUIntBE(this.#at - size, size);
  }

  bytes(length: number): Buffer | undefined {
    if (this.left < length) return undefined;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A field that begins with its length, in so many bytes. */
  vector(sizeOfLength: number): Buffer | undefined {
    const length = this.number(sizeOfLength);
    return length === undefined ? undefined : this.bytes(length);
  }
}

function parseBody(body: Reader): ClientHello | 'other' {
  const version = body.number(2);
  if (version === undefined || version >> 8 !== 3) return 'other';
  const beforeExtensions = [body.bytes(32), body.vector(1), body.vector(2), body.vector(1)];
  if (beforeExtensions.includes(undefined)) return 'other';
  if (body.left === 0) return { serverName: '' };
  const extensions = body.vector(2);
  if (extensions === undefined) return 'other';
  const list = new Reader(extensions);
  while (list.left > 0) {
    const type = list.number(2);
    const data = list.vector(2);
    if (type === undefined || data === undefined) return 'other';
    if (type === SERVER_NAME) return parseServerName(data);
  }
  return { serverName: '' };
}

function parseServerName(extension: Buffer): ClientHello | 'other' {
  const names = new Reader(extension).vector(2);
  if (names === undefined) return 'other';
  const list = new Reader(names);
  while (list.left > 0) {
    const type = list.number(1);
    const name = list.vector(2);
    if (type === undefined || name === undefined) return 'other';
    if (type !== HOST_NAME) continue;
    // A name is plain text; whatever else it holds cannot be that of a host.
    return name.length <= MAX_NAME_BYTES ? { serverName: name.toString('latin1') } : 'other';
  }
  return { serverName: '' };
}
