import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const TYPES: Readonly<Record<number, 4 | 6>> = { 1: 4, 28: 6 };
const NXDOMAIN = 3;
const SERVFAIL = 2;

/** A DNS server on loopback for tests: A and AAAA of the names it was told (RFC 1035, 3596). */
export class DnsServer {
  /** By name; a name that is not here does not exist. */
  readonly names = new Map<string, readonly string[]>();
  /** It answers SERVFAIL to everything. */
  broken = false;
  /** Of its answers, in seconds. */
  ttl = 1;
  readonly #socket: Socket;
  readonly #questions = new Map<string, number>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (query, { port, address }) => socket.send(this.#answer(query), port, address));
  }

  static async start(): Promise<DnsServer> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new DnsServer(socket);
  }

  /** As `--dns-server` wants it. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  /** How often a name was asked for, each time A and AAAA. */
  questions(name: string): number {
    return this.#questions.get(name) ?? 0;
  }

  close(): void {
    this.#socket.close();
  }

  #answer(query: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const question = query.subarray(12, at + 5);
    const family = TYPES[query.readUInt16BE(at + 1)];
    const name = labels.join('.').toLowerCase();
    if (family === 4) this.#questions.set(name, this.questions(name) + 1);
    const addresses = this.names.get(name);
    const records = (addresses ?? [])
      .filter((address) => (address.includes(':') ? 6 : 4) === family)
      .map((address) => record(address, this.ttl));
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | (this.broken ? SERVFAIL : addresses === undefined ? NXDOMAIN : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(this.broken ? 0 : records.length, 6);
    return Buffer.concat([header, question, ...(this.broken ? [] : records)]);
  }
}

function record(address: string, ttl: number): Buffer {
  const six = address.includes(':');
  const data = six ? ipv6Bytes(address) : Buffer.from(address.split('.').map(Number));
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(six ? 28 : 1, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const middle = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0');
  const all = [...groups(head), ...middle, ...groups(tail)];
  return Buffer.concat(all.map((group) => Buffer.from(group.padStart(4, '0'), 'hex')));
}
