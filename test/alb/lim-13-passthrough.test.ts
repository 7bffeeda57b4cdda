import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { type MetricsPage, readMetrics } from '../acceptance/metrics-page.ts';
import { group, ingress, serviceTo, tlsSecret } from '../acceptance/objects.ts';
import { type SeenByTls, startTlsBackend, type TlsBackend } from '../acceptance/tls-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { launcher, run } from '../launcher/up-process.ts';
import { eventsOf } from './events.ts';
import { ALB, answersWith, Lab } from './lab.ts';
import { shown } from './tls-client.ts';

const PASSTHROUGH = { 'nginx.ingress.kubernetes.io/ssl-passthrough': 'true' };
/** Whose X-Forwarded-For is believed. */
const TRUSTED = '127.0.0.7';

let lab: Lab;
let port: number;
const raw: TlsBackend[] = [];

beforeAll(async () => {
  lab = await Lab.start(['app'], { trustedProxies: [`${TRUSTED}/32`] });
  port = lab.ports.https;
  for (const name of ['raw', 'twin']) raw.push(await startTlsBackend(name, await selfSigned(`${name}.example`)));
  const [service, slice] = serviceTo({ name: 'raw', port: raw[0]?.port ?? 0 });
  await lab.home.apply(
    tlsSecret('web', await selfSigned('web.example')),
    ...[service, slice],
    ...serviceTo({ name: 'twin', port: raw[1]?.port ?? 0 }),
    ingress('ended', '/', 'app', { className: ALB, host: 'ended.com', tls: 'web' }),
    ingress('clear', '/', 'app', { className: ALB, host: 'clear.com' }),
  );
  await eventually(async () => expect(await shown(port, 'ended.com')).toBe('web'));
  await answersWith(200, lab.ports.http, '/', { host: 'clear.com' });
  await eventually(async () => {
    const listening = (await lab.home.list('Instance'))[0]?.status?.ports?.filter(({ state }) => state === 'listening');
    expect(listening?.map((entry) => entry.port)).toEqual(expect.arrayContaining([lab.ports.http, port]));
  });
});
afterAll(async () => {
  await lab.stop();
  for (const backend of raw) await backend.close();
});

async function metrics(): Promise<MetricsPage> {
  return readMetrics(lab.home, lab.ports.metrics);
}

async function reloads(): Promise<number> {
  return (await metrics()).sum('causeway_nginx_reloads_total');
}

async function forwardedAs(options: Parameters<typeof ask>[2]): Promise<Partial<Echo['headers']>> {
  const { body } = await ask(port, '/', { host: 'ended.com', serverName: 'ended.com', ...options });
  const { headers } = JSON.parse(body) as Echo;
  return { 'x-real-ip': headers['x-real-ip'], 'x-forwarded-for': headers['x-forwarded-for'] };
}

describe('LIM-13 TLS passthrough by SNI on the shared https port', () => {
  test('ALB-28 ssl-passthrough: the client sees the certificate of the backend; other hosts of the port are served as before', async () => {
    const before = await reloads();
    // Connections of the other host, one after the other, while the port changes hands.
    let failed = 0;
    let done = false;
    let served = 0;
    const traffic = (async () => {
      while (!done) {
        const answer = await ask(port, '/', { host: 'ended.com', serverName: 'ended.com' }).catch(() => undefined);
        if (answer?.status === 200) served += 1;
        else failed += 1;
      }
    })();
    await lab.home.apply(ingress('raw', '/', 'raw', { className: ALB, host: 'raw.com', annotations: PASSTHROUGH }));
    // Workers of before take connections until the reload is over, which is when it is counted.
    await eventually(async () => expect(await reloads()).toBe(before + 1));
    expect(await shown(port, 'raw.com')).toBe('raw');
    const { status, body } = await ask(port, '/any/path', { host: 'raw.com', serverName: 'raw.com' });
    const seen = JSON.parse(body) as SeenByTls;
    expect({ status, backend: seen.backend, serverName: seen.serverName }).toEqual({
      status: 200,
      backend: 'raw',
      serverName: 'raw.com',
    });
    expect(await shown(port, 'ended.com')).toBe('web');
    expect(await shown(port, 'RAW.com')).toBe('raw');
    done = true;
    await traffic;
    expect({ failed, some: served > 0 }).toEqual({ failed: 0, some: true });
    expect(await reloads()).toBe(before + 1);
  });

  test('HTTP in clear text of that host is served by its rules', async () => {
    await lab.home.apply(ingress('plain', '/plain', 'app', { className: ALB, host: 'raw.com' }));
    const { headers } = await answersWith(200, lab.ports.http, '/plain', { host: 'raw.com' });
    expect(headers['x-backend']).toBe('app');
  });

  test('who does not pass through keeps its address, and trusted proxies their word', async () => {
    expect(await forwardedAs({ from: '127.0.0.5', headers: { 'x-forwarded-for': '192.0.2.1' } })).toEqual({
      'x-real-ip': '127.0.0.5',
      'x-forwarded-for': '192.0.2.1, 127.0.0.5',
    });
    expect(await forwardedAs({ from: TRUSTED, headers: { 'x-forwarded-for': '192.0.2.1' } })).toEqual({
      'x-real-ip': '192.0.2.1',
      'x-forwarded-for': `192.0.2.1, ${TRUSTED}`,
    });
    expect(await forwardedAs({ from: TRUSTED, headers: { 'x-real-ip': '192.0.2.2' } })).toEqual({
      'x-real-ip': '192.0.2.2',
      'x-forwarded-for': TRUSTED,
    });
    expect(await forwardedAs({ from: TRUSTED })).toEqual({ 'x-real-ip': TRUSTED, 'x-forwarded-for': TRUSTED });
  });

  test('a ClientHello in pieces, of the network and of TLS; and bytes that are none', async () => {
    const tooSlow = connect(port, '127.0.0.1');
    tooSlow.write(Buffer.from([0x16, 3, 1]));
    const plain = connect(port, '127.0.0.1');
    plain.end('GET / HTTP/1.1\r\nHost: raw.com\r\n\r\n');
    const [answer] = (await once(plain, 'data')) as [Buffer];
    expect(answer.toString()).toContain('400');
    expect(await shownInPieces('raw.com')).toContain('raw.example');
    expect(await shownInPieces('ended.com')).toContain('web.example');
    tooSlow.destroy();
  });

  test('a wildcard takes one label; of the hosts the exact one wins; connections alternate between endpoints', async () => {
    const frontend = (await lab.home.list('Frontend')).find(({ spec }) => spec.port === port)?.metadata.name ?? '';
    await lab.addRule(frontend, 'wild', {
      dslx: [{ type: 'HOST', values: [['ENDS_WITH', '*.wild.com']] }],
      serviceGroup: group({ raw: 50, twin: 50 }),
      config: { sslPassthrough: true },
    });
    await lab.addRule(frontend, 'exact', {
      dslx: [{ type: 'HOST', values: [['EQ', 'twin.wild.com']] }],
      serviceGroup: group({ twin: 100 }),
      config: { sslPassthrough: true },
    });
    await eventually(async () => {
      expect(await shown(port, 'a.wild.com')).toMatch(/raw|twin/);
      expect(await shown(port, 'twin.wild.com')).toBe('twin');
      // New names are a reload, during which workers of before may still accept.
      const got = [];
      for (let index = 0; index < 6; index += 1) got.push(await shown(port, 'a.wild.com'));
      expect(got.sort()).toEqual(['raw', 'raw', 'raw', 'twin', 'twin', 'twin']);
    });
    for (let index = 0; index < 3; index += 1) expect(await shown(port, 'twin.wild.com')).toBe('twin');
    expect(await shown(port, 'b.a.wild.com')).toBe('fails'); // no certificate of ours either
  });

  test('endpoints change without a reload; one that refuses costs no connection', async () => {
    const before = await reloads();
    const [, slice] = serviceTo({ name: 'raw', port: raw[1]?.port ?? 0, addresses: ['127.0.0.9', '127.0.0.1'] });
    await lab.home.apply(slice);
    await eventually(async () => expect(await shown(port, 'raw.com')).toBe('twin'));
    for (let index = 0; index < 4; index += 1) expect(await shown(port, 'raw.com')).toBe('twin');
    expect(await reloads()).toBe(before);
  });

  test('connections are counted and logged like those of tcp ports', async () => {
    const labels = { port: String(port), protocol: 'tls', status: '200', upstream_ip: `127.0.0.1:${raw[0]?.port}` };
    await eventually(async () => {
      const page = await metrics();
      expect(page.sum('causeway_stream_sessions_total', labels)).toBeGreaterThan(0);
      expect(page.sum('causeway_stream_received_bytes_total', { protocol: 'tls' })).toBeGreaterThan(0);
    });
    const [instance] = await lab.home.list('Instance');
    await eventually(() => {
      const log = readFileSync(path.join(instance?.status?.logDirectory ?? '', 'stream.log'), 'utf8');
      expect(log).toMatch(new RegExp(`\\] 127\\.0\\.0\\.1 TLS ${port} 200 \\d+ \\d+ `));
    });
  });

  test('explain request and events say so', async () => {
    const asked = [
      'explain',
      'request',
      `https://raw.com:${port}/`,
      '--alb',
      ALB,
      '--data-dir',
      lab.home.dataDirectory,
    ];
    const { stdout } = await run(launcher, asked);
    expect(stdout).toContain('TLS passes through as it is');
    expect(stdout).toContain('default/raw');
    await lab.home.apply(
      ingress('late', '/x', 'app', { className: ALB, host: 'raw.com', tls: 'web' }),
      ingress('paths', '/x', 'twin', { className: ALB, host: 'paths.com', annotations: PASSTHROUGH }),
    );
    await eventually(async () => {
      expect(await eventsOf(lab.home, 'Ingress', 'raw')).toContainEqual(expect.stringContaining('default/late'));
      expect(await eventsOf(lab.home, 'Ingress', 'paths')).toContainEqual(
        expect.stringContaining('ignored: paths.com/x'),
      );
    });
  });

  test('nothing passes through any more: the port ends TLS for all, at no connection lost', async () => {
    await lab.home.kubectl(['delete', 'ingress', 'raw', 'paths', '-n', 'default']);
    await lab.home.kubectl(['delete', 'rule', 'wild', 'exact', '-n', ALB_NAMESPACE]);
    await eventually(async () => {
      expect(await shown(port, 'ended.com')).toBe('web');
      expect(await shown(port, 'raw.com')).toBe('web');
    });
  });
});

/** The subject of the certificate that a client gets whose ClientHello comes byte by byte, in records of 40 bytes. */
async function shownInPieces(serverName: string): Promise<string> {
  const wire = connect(port, '127.0.0.1').setNoDelay(true);
  let first = true;
  const cut = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      if (!first) {
        wire.write(chunk, () => done());
        return;
      }
      first = false;
      const body = chunk.subarray(5);
      const records: Buffer[] = [];
      for (let at = 0; at < body.length; at += 40) {
        const part = body.subarray(at, at + 40);
        records.push(Buffer.concat([Buffer.from([0x16, 3, 1, 0, part.length]), part]));
      }
      void (async () => {
        for (const record of records) {
          wire.write(record);
          await new Promise((resolve) => setImmediate(resolve));
        }
        done();
      })();
    },
  });
  wire.on('data', (chunk) => cut.push(chunk)).on('end', () => cut.push(null));
  const secure = connectTls({ socket: cut, servername: serverName, rejectUnauthorized: false });
  await once(secure, 'secureConnect');
  const { subject } = secure.getPeerCertificate();
  secure.destroy();
  wire.destroy();
  return String(subject.CN);
}
