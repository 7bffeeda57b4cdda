import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { type ClientHello, ClientHelloReader, peekClientHello } from './client-hello.ts';

/** What OpenSSL sends first. */
async function helloOf(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connectTls({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', ...options });
  client.on('error', () => {});
  const [socket] = await accepted;
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

function vector(sizeOfLength: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length = Buffer.alloc(sizeOfLength);
  length.writeUIntBE(body.length, 0, sizeOfLength);
  return Buffer.concat([length, body]);
}

function number(value: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}

function extension(type: number, ...data: readonly Buffer[]): Buffer {
  return Buffer.concat([number(type, 2), vector(2, ...data)]);
}

function serverName(name: string): Buffer {
  return extension(0, vector(2, number(0, 1), vector(2, Buffer.from(name))));
}

function message(extensions: readonly Buffer[]): Buffer {
  const body = [number(0x0303, 2), Buffer.alloc(32, 7), vector(1, Buffer.alloc(32)), vector(2, number(0x1301, 2))];
  return Buffer.concat([number(1, 1), vector(3, ...body, vector(1, number(0, 1)), vector(2, ...extensions))]);
}

/** @param size bytes of the message in each record */
function records(bytes: Buffer, size = 16_384): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    parts.push(number(0x160301, 3), vector(2, bytes.subarray(at, at + size)));
  }
  return Buffer.concat(parts);
}

function parsed(bytes: Buffer): ClientHello | 'incomplete' | 'other' {
  return new ClientHelloReader().push(bytes);
}

/** X25519MLKEM768 (RFC 9954 draft): a key share of 1216 bytes, so that the name comes in the second packet or later. */
const HYBRID = extension(51, vector(2, number(0x11ec, 2), vector(2, Buffer.alloc(1_216, 1))));
/** Encrypted Client Hello: the name outside is the public one. */
const ECH = extension(0xfe0d, Buffer.alloc(300, 2));
const GREASE = extension(0x0a0a);

describe('the server name in a ClientHello', () => {
  test('of OpenSSL, TLS 1.2 and 1.3', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      expect(parsed(await helloOf({ servername: 'a.example.com', maxVersion }))).toEqual({
        serverName: 'a.example.com',
      });
      expect(parsed(await helloOf({ maxVersion }))).toEqual({ serverName: '' });
    }
  });

  const cases = [
    { name: 'a name', bytes: records(message([serverName('a.com')])), want: { serverName: 'a.com' } },
    { name: 'none', bytes: records(message([GREASE])), want: { serverName: '' } },
    {
      name: 'behind a hybrid key share',
      bytes: records(message([HYBRID, serverName('a.com')])),
      want: { serverName: 'a.com' },
    },
    {
      name: 'beside ECH',
      bytes: records(message([ECH, GREASE, serverName('public.com')])),
      want: { serverName: 'public.com' },
    },
    {
      name: 'in records of 5 bytes',
      bytes: records(message([HYBRID, serverName('a.com')]), 5),
      want: { serverName: 'a.com' },
    },
    { name: 'in records of 1 byte', bytes: records(message([serverName('a.com')]), 1), want: { serverName: 'a.com' } },
    { name: 'a name of 256 bytes', bytes: records(message([serverName('a'.repeat(256))])), want: 'other' },
    { name: 'HTTP', bytes: Buffer.from('GET / HTTP/1.1\r\nHost: a.com\r\n\r\n'), want: 'other' },
    { name: 'SSLv2', bytes: Buffer.from([0x80, 0x2e, 0x01, 0x00, 0x02]), want: 'other' },
    { name: 'an alert', bytes: Buffer.from([0x15, 3, 3, 0, 2, 1, 0]), want: 'other' },
    { name: 'another handshake message', bytes: records(Buffer.from([2, 0, 0, 1, 0])), want: 'other' },
    { name: 'an empty record', bytes: Buffer.from([0x16, 3, 1, 0, 0]), want: 'other' },
    { name: 'a record that is too long', bytes: Buffer.from([0x16, 3, 1, 0x40, 1]), want: 'other' },
    { name: 'a message that is too long', bytes: records(Buffer.from([1, 0xff, 0xff, 0xff])), want: 'other' },
    { name: 'nothing yet', bytes: Buffer.alloc(0), want: 'incomplete' },
    { name: 'the header of a record', bytes: Buffer.from([0x16, 3, 1]), want: 'incomplete' },
  ] as const;
  for (const { name, bytes, want } of cases) {
    test(name, () => {
      expect(parsed(bytes)).toEqual(want);
      // However the network cuts it.
      const reader = new ClientHelloReader();
      let found: ReturnType<typeof parsed> = 'incomplete';
      for (let at = 0; at < bytes.length && found === 'incomplete'; at += 1)
        found = reader.push(bytes.subarray(at, at + 1));
      expect(found).toEqual(want);
    });
  }

  test('one that never ends is given up after 64 KiB', () => {
    const part = records(Buffer.concat([number(1, 1), number(0xfff0, 3), Buffer.alloc(65_000)]), 64);
    expect(parsed(part)).toBe('other');
  });

  test('damaged ones (seeded): never an exception, and no name but the one that was sent', () => {
    let seed = 13;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const good = records(message([GREASE, HYBRID, serverName('a.com'), ECH]), 700);
    for (let round = 0; round < 20_000; round += 1) {
      const bytes = Buffer.from(good.subarray(0, 1 + random(good.length)));
      for (let changes = random(6); changes > 0; changes -= 1) bytes[random(bytes.length)] = random(256);
      const reader = new ClientHelloReader();
      let found: ReturnType<typeof parsed> = 'incomplete';
      for (let at = 0; at < bytes.length && found === 'incomplete'; ) {
        const next = at + 1 + random(400);
        found = reader.push(bytes.subarray(at, next));
        at = next;
      }
      if (typeof found === 'object') expect(found.serverName.length).toBeLessThanOrEqual(255);
    }
  });
});

describe('on a connection', () => {
  async function peeked(write: (client: Socket) => void, timeoutMs = 10_000): Promise<[ClientHello | 'other', string]> {
    const server = createServer({ pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    write(client);
    const [socket] = await accepted;
    const found = await peekClientHello(socket, timeoutMs);
    let rest = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      rest += text;
    });
    socket.resume();
    client.end();
    await once(socket, 'end');
    client.destroy();
    socket.destroy();
    server.close();
    return [found, rest];
  }

  test('every byte can be read afterwards', async () => {
    const bytes = records(message([serverName('a.com')]));
    expect(await peeked((client) => client.write(Buffer.concat([bytes, Buffer.from('more')])))).toEqual([
      { serverName: 'a.com' },
      `${bytes.toString('latin1')}more`,
    ]);
    expect(await peeked((client) => client.write('plain'))).toEqual(['other', 'plain']);
  });

  test('silence is not waited for', async () => {
    expect(await peeked((client) => client.write(Buffer.from([0x16, 3])), 50)).toEqual(['other', '\u0016\u0003']);
  });
});
