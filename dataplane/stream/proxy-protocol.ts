/**
 * The header with which a proxy tells whom it speaks for. Source: "The PROXY protocol", versions 1 and 2,
 * https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt
 */
import { isIP, isIPv4, type Socket, SocketAddress } from 'node:net';
import { addressKey } from '../policy/address.ts';

/** Both ends of a connection as its client sees them. */
export interface Ends {
  readonly client: End;
  readonly server: End;
}

export interface End {
  readonly address: string;
  readonly port: number;
}

/** `undefined`: the sender speaks for itself (LOCAL, UNKNOWN, or a family that is not TCP over IP). */
export interface ProxyHeader {
  readonly ends: Ends | undefined;
  /** Bytes of the header. */
  readonly length: number;
}

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V1_START = 'PROXY ';
const V1_MAX_BYTES = 107;
const V2_FIXED_BYTES = 16;
/** Addresses and TLVs after the fixed part; the protocol allows 65,535, nobody sends them. */
const V2_MAX_BYTES = 4_096;

/** What stands at the beginning of a connection: a header, not yet enough to say, or no header. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | 'incomplete' | 'broken' {
  if (startsLike(bytes, SIGNATURE)) return bytes.length < V2_FIXED_BYTES ? 'incomplete' : parseV2(bytes);
  if (startsLike(bytes, Buffer.from(V1_START))) return parseV1(bytes);
  return 'broken';
}

/** As sent to an endpoint. */
export function proxyHeader(version: 'v1' | 'v2', { client, server }: Ends): Buffer {
  const four = isIPv4(client.address) && isIPv4(server.address);
  if (version === 'v1') {
    const ends = `${asFamily(client.address, four)} ${asFamily(server.address, four)} ${client.port} ${server.port}`;
    return Buffer.from(`PROXY ${four ? 'TCP4' : 'TCP6'} ${ends}\r\n`);
  }
  const bytesOf = (address: string) => Buffer.from(addressKey(asFamily(address, four))?.slice(1) ?? '', 'latin1');
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(client.port, 0);
  ports.writeUInt16BE(server.port, 2);
  const addresses = Buffer.concat([bytesOf(client.address), bytesOf(server.address), ports]);
  const fixed = Buffer.alloc(4);
  fixed.writeUInt8(0x21, 0);
  fixed.writeUInt8(four ? 0x11 : 0x21, 1);
  fixed.writeUInt16BE(addresses.length, 2);
  return Buffer.concat([SIGNATURE, fixed, addresses]);
}

/**
 * Takes the header off a connection that nobody reads yet; what follows it is still there to be read.
 *
 * @returns `broken` when there is none, or not in time
 */
export function takeProxyHeader(socket: Socket, timeoutMs: number): Promise<ProxyHeader | 'broken'> {
  return takeBeginning<ProxyHeader | 'broken'>(socket, timeoutMs, parseProxyHeader, () => 'broken');
}

/** Nobody says who the client is: the peer is. */
const NO_HEADER: ProxyHeader = { ends: undefined, length: 0 };

/**
 * The same where connections may also begin without a header: then all that there is can still be read. Who says nothing in time has none, since
 * there are protocols in which the server begins.
 *
 * @returns `broken` when what began like a header is none
 */
export function takeProxyHeaderIfThere(socket: Socket, timeoutMs: number): Promise<ProxyHeader | 'broken'> {
  const parse = (bytes: Buffer) => (mayBeHeader(bytes) ? parseProxyHeader(bytes) : NO_HEADER);
  return takeBeginning<ProxyHeader | 'broken'>(socket, timeoutMs, parse, (bytes) =>
    bytes.length === 0 && !socket.readableEnded ? NO_HEADER : 'broken',
  );
}

function mayBeHeader(bytes: Buffer): boolean {
  return startsLike(bytes, SIGNATURE) || startsLike(bytes, Buffer.from(V1_START));
}

/** @param late what it is when nothing more comes, or not in time */
function takeBeginning<Result extends ProxyHeader | 'broken'>(
  socket: Socket,
  timeoutMs: number,
  parse: (bytes: Buffer) => Result | 'incomplete',
  late: (bytes: Buffer) => Result,
): Promise<Result> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const finish = (result: Result): void => {
      clearTimeout(timer);
      socket.off('data', take).off('end', fail).off('close', fail).pause();
      if (result !== 'broken' && result.length < bytes.length) socket.unshift(bytes.subarray(result.length));
      resolve(result);
    };
    const fail = (): void => finish(late(bytes));
    const take = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const found = parse(bytes);
      if (found !== 'incomplete') finish(found);
    };
    const timer = setTimeout(fail, timeoutMs);
    socket.on('data', take).on('end', fail).on('close', fail);
    socket.resume();
  });
}

function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.subarray(0, length).equals(start.subarray(0, length));
}

function parseV1(bytes: Buffer): ProxyHeader | 'incomplete' | 'broken' {
  const end = bytes.subarray(0, V1_MAX_BYTES).indexOf('\r\n');
  if (end === -1) return bytes.length < V1_MAX_BYTES ? 'incomplete' : 'broken';
  const length = end + 2;
  const [, family, client = '', server = '', clientPort = '', serverPort = '', ...more] = bytes
    .toString('latin1', 0, end)
    .split(' ');
  if (family === 'UNKNOWN') return { ends: undefined, length };
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : undefined;
  if (isIP(client) !== version || isIP(server) !== version || more.length > 0) return 'broken';
  if (!isPort(clientPort) || !isPort(serverPort)) return 'broken';
  const ends: Ends = {
    client: { address: client, port: Number(clientPort) },
    server: { address: server, port: Number(serverPort) },
  };
  return { ends, length };
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

function parseV2(bytes: Buffer): ProxyHeader | 'incomplete' | 'broken' {
  const [command = 0, family = 0] = bytes.subarray(12, 14);
  const rest = bytes.readUInt16BE(14);
  const length = V2_FIXED_BYTES + rest;
  if (command !== 0x20 && command !== 0x21) return 'broken';
  if (rest > V2_MAX_BYTES) return 'broken';
  if (bytes.length < length) return 'incomplete';
  const size = family === 0x11 ? 4 : family === 0x21 ? 16 : undefined;
  if (command === 0x20 || size === undefined) return { ends: undefined, length };
  if (rest < 2 * size + 4) return 'broken';
  const end = (index: 0 | 1): End => ({
    address: addressText(bytes.subarray(V2_FIXED_BYTES + index * size, V2_FIXED_BYTES + (index + 1) * size)),
    port: bytes.readUInt16BE(V2_FIXED_BYTES + 2 * size + 2 * index),
  });
  return { ends: { client: end(0), server: end(1) }, length };
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  // Shortened as everywhere else (RFC 5952).
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}

/** Both addresses of a header are of one family: an IPv4 address among IPv6 ones is mapped (RFC 4291 section 2.5.5.2). */
function asFamily(address: string, four: boolean): string {
  return !four && isIPv4(address) ? `::ffff:${address}` : address;
}
