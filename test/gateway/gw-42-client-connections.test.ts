/** ClientTrafficPolicy: what concerns the connections of clients. */
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect as connectHttp2, type Settings } from 'node:http2';
import { connect } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { listeningPids } from '../acceptance/listening-processes.ts';
import { tlsSecret } from '../acceptance/objects.ts';
import { eventually, eventuallyOnce } from '../e2e/eventually.ts';
import { GatewayLab, HTTP_PORT, HTTPS_PORT, httpListener, httpRoute, to } from './gateway-lab.ts';
import { policy, policyCondition } from './policy-objects.ts';

let lab: GatewayLab;

beforeAll(async () => {
  const tls = { certificateRefs: [{ name: 'shown' }] };
  lab = await GatewayLab.start(
    ['a'],
    [httpListener(), { name: 'https', port: HTTPS_PORT, protocol: 'HTTPS', tls }],
    [tlsSecret('shown', await selfSigned('a.com'))],
  );
  await lab.home.apply(httpRoute('web', [to('a')]));
  await lab.answers({ '/': 'a' });
});
afterAll(() => lab.stop());

function client(spec: object): Promise<void> {
  return lab.home.apply(policy('ClientTrafficPolicy', 'client', 'Gateway/demo', spec));
}

/** The cipher of a connection with TLS 1.2, or why there is none. */
function cipherWith(options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket: TLSSocket = connectTls({
      ...{ host: lab.address, port: HTTPS_PORT, servername: 'a.com', rejectUnauthorized: false, maxVersion: 'TLSv1.2' },
      ...options,
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on('secureConnect', () => {
      resolve(socket.getCipher().name);
      socket.destroy();
    });
  });
}

describe('GW-42 connections of clients', () => {
  test('only the ciphers that are named', async () => {
    const usual = await eventually(async () => {
      const name = await cipherWith({});
      expect(name).toMatch(/^ECDHE-(RSA|ECDSA)-/);
      return name;
    });
    const kind = usual.includes('ECDSA') ? 'ECDSA' : 'RSA';
    const [wanted, other] = [`ECDHE-${kind}-AES128-GCM-SHA256`, `ECDHE-${kind}-AES256-GCM-SHA384`];
    await client({ tls: { ciphers: [wanted] } });
    await eventually(async () => {
      expect(await cipherWith({ ciphers: other })).toMatch(/HANDSHAKE_FAILURE|ECONNRESET/);
      expect(await cipherWith({ ciphers: `${other}:${wanted}` })).toBe(wanted);
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toContain('True Accepted');
    });
    await client({});
    await eventually(async () => expect(await cipherWith({ ciphers: other })).toBe(other));
  });

  test('proxies of some networks alone say who the client is', async () => {
    const seen = async (): Promise<unknown> => {
      const { body } = await lab.ask('/', { headers: { 'x-forwarded-for': '198.51.100.9, 192.0.2.7, 10.0.0.2' } });
      return (JSON.parse(body) as Echo).headers['x-real-ip'];
    };
    const trusting = (...trustedCIDRs: readonly string[]) =>
      client({ clientIPDetection: { xForwardedFor: { trustedCIDRs } } });
    await trusting('127.0.0.0/8', '198.18.0.0/15', '10.0.0.0/8');
    await eventually(async () => expect(await seen()).toBe('192.0.2.7'));
    await trusting('203.0.113.0/24');
    await eventually(async () => {
      expect(await seen()).not.toBe('10.0.0.2');
      expect(await seen()).toMatch(/^(127|198\.1[89])\./);
    });
    await expect(
      client({ clientIPDetection: { xForwardedFor: { trustedCIDRs: ['10.0.0.0/8'], numTrustedHops: 1 } } }),
    ).rejects.toThrow('xForwardedFor');
  });

  test('what clients with HTTP/2 are told: requests at once, bytes of each that may be on their way', async () => {
    await client({ http2: { maxConcurrentStreams: 7, initialStreamWindowSize: '128Ki' } });
    await eventually(async () => {
      const told = { maxConcurrentStreams: 7, initialWindowSize: 131_072 };
      expect(await http2Settings(`https://${lab.address}:${HTTPS_PORT}`)).toMatchObject(told);
      expect(await http2Settings(`http://${lab.address}:${HTTP_PORT}`)).toMatchObject(told);
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toContain('True Accepted');
    });
  });

  test('so many connections of a listener at once, also idle ones; those beyond are closed, at once or after a while', async () => {
    const limited = (closeDelay?: string) =>
      client({ connection: { connectionLimit: { value: 1, ...(closeDelay === undefined ? {} : { closeDelay }) } } });
    /** One connection asks, then a second one, then the first one again. */
    const answers = async (): Promise<readonly string[]> => {
      const [line, further] = [new HttpLine(), new HttpLine()];
      try {
        return [await line.asks(), await further.asks(), await line.asks()];
      } finally {
        line.close();
        further.close();
      }
    };
    await limited();
    await eventually(async () => expect(await answers()).toEqual(['200', 'closed', '200']));
    await limited('1h');
    await eventually(async () => expect(await answers()).toEqual(['200', 'waits', '200']));
    await limited('10ms');
    await eventually(async () => {
      expect(await answers()).toEqual(['200', 'closed', '200']);
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toContain('True Accepted');
    });
    // A listener with TLS counts for itself. A connection that has been closed counts a moment longer.
    await eventuallyOnce(async () => {
      const line = new HttpLine();
      try {
        expect(await line.asks()).toBe('200');
        const asked = await lab.ask('/', { port: HTTPS_PORT, serverName: 'a.com', host: 'a.com' });
        expect([asked.status, await line.asks()]).toEqual([200, '200']);
      } finally {
        line.close();
      }
    });
  });

  test('what a body has beyond its place in memory is in a file', async () => {
    const limited = (bufferLimit: string) => client({ connection: { bufferLimit } });
    /** Whether the body of a request that is under way is in a file. */
    const isInFile = async (bytes: number): Promise<boolean> => {
      const ending = new AbortController();
      const sent = fetch(`http://${lab.address}:${HTTP_PORT}/?sleep=2000`, {
        ...{ method: 'POST', body: 'x'.repeat(bytes), signal: ending.signal },
      });
      const before = lab.backends[0]?.requests() ?? 0;
      try {
        await eventually(() => expect(lab.backends[0]?.requests()).toBeGreaterThan(before));
        return bodiesInFiles() > 0;
      } finally {
        ending.abort();
        await sent.catch(() => undefined);
        await eventually(() => expect(bodiesInFiles()).toBe(0));
      }
    };
    await limited('128Ki');
    // A quarter more does not make nginx open one.
    await eventually(async () => {
      expect([await isInFile(120_000), await isInFile(200_000)]).toEqual([false, true]);
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toContain('True Accepted');
    });
    await limited('8Ki');
    await eventually(async () => expect([await isInFile(8_000), await isInFile(12_000)]).toEqual([false, true]));
    await expect(limited('much')).rejects.toThrow('spec.connection.bufferLimit');
  });

  test('connections on which nobody says anything are probed', async () => {
    await client({});
    await eventually(async () => expect(await timerOfConnection()).toBe('none'));
    await client({ tcpKeepalive: { probes: 3, idleTime: '60s', interval: '10s' } });
    await eventually(async () => expect(await timerOfConnection()).toBe('keepalive'));
  });
});

const WHILE_MS = 2000;

/** A connection on which one request follows another. */
class HttpLine {
  readonly #socket = connect({ host: lab.address, port: HTTP_PORT });
  #said = '';
  #isClosed = false;
  #tell: () => void = () => {};

  constructor() {
    this.#socket.setEncoding('utf8');
    this.#socket.on('error', () => {}); // 'close' follows
    this.#socket.on('data', (text: string) => {
      this.#said += text;
      this.#tell();
    });
    this.#socket.on('close', () => {
      this.#isClosed = true;
      this.#tell();
    });
  }

  /** The status of the answer, or `closed`; `waits`: neither comes for a while. */
  asks(): Promise<string> {
    this.#said = '';
    this.#socket.write('GET / HTTP/1.1\r\nHost: a.com\r\n\r\n');
    return new Promise((resolve) => {
      const waiting = setTimeout(() => resolve('waits'), WHILE_MS);
      this.#tell = () => {
        const [, status] = /^HTTP\/1\.1 (\d+).*\}(?:\r\n0\r\n\r\n)?$/s.exec(this.#said) ?? [];
        if (status === undefined && !this.#isClosed) return;
        clearTimeout(waiting);
        resolve(status ?? 'closed');
      };
      this.#tell();
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Of the Gateway, as a client is told them first. */
async function http2Settings(url: string): Promise<Settings> {
  const session = connectHttp2(url, { servername: 'a.com', rejectUnauthorized: false });
  try {
    const [settings] = (await once(session, 'remoteSettings')) as [Settings];
    return settings;
  } finally {
    session.destroy();
  }
}

/** Kinds of timers of /proc/net/tcp. */
const TIMERS: Readonly<Record<string, string>> = { '00': 'none', '02': 'keepalive' };

/** Which timer runs at the Gateway's end of an idle connection. */
async function timerOfConnection(): Promise<string> {
  const socket = connect({ host: lab.address, port: HTTP_PORT });
  try {
    await new Promise((resolve, reject) => socket.on('connect', resolve).on('error', reject));
    const local = `${hexOf(lab.address)}:${portText(HTTP_PORT)}`;
    return await eventually(() => {
      const rows = readFileSync('/proc/net/tcp', 'utf8')
        .split('\n')
        .map((row) => row.trim().split(/\s+/));
      const own = rows.find(
        ([, from, to = '']) => from === local && to.endsWith(`:${portText(socket.localPort ?? 0)}`),
      );
      const kind = own?.[5]?.slice(0, 2) ?? '';
      expect(Object.keys(TIMERS)).toContain(kind);
      return TIMERS[kind] ?? '';
    });
  } finally {
    socket.destroy();
  }
}

/** How many bodies of requests the workers of the Gateway have in files now. */
function bodiesInFiles(): number {
  return listeningPids(HTTP_PORT, lab.address).reduce((sum, pid) => {
    const folder = `/proc/${pid}/fd`;
    const files = readdirSync(folder).map((name) => {
      try {
        return readlinkSync(`${folder}/${name}`);
      } catch {
        return ''; // it was closed meanwhile
      }
    });
    return sum + files.filter((file) => file.includes('/temp/body/')).length;
  }, 0);
}

/** As the kernel of a little-endian machine writes it. */
function hexOf(address: string): string {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return bytes.reverse().join('').toUpperCase();
}

function portText(port: number): string {
  return port.toString(16).padStart(4, '0').toUpperCase();
}
