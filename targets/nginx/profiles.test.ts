/** Location profiles with a real nginx: design D4. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RouteIR } from '@causeway/ir/gateway';
import { expect, test } from 'vitest';
import { createSelfSigned } from './self-signed.ts';
import { forward, route } from './testing/fragments.ts';
import { eventually } from './testing/home.ts';
import { runAndKillAgent } from './testing/killed-agent.ts';
import { OneRoute } from './testing/one-route.ts';

const one = OneRoute.forTests();

/** Absent: no limit. */
function limited(bytes: number | undefined): RouteIR {
  return route('r', '/', one.port, { filters: bytes === undefined ? [] : [{ type: 'bodyLimit', bytes }] });
}

/** Status of a POST whose body is sent in chunks, without its length. */
async function postChunked(bytes: number): Promise<number> {
  const socket = connect(one.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n');
  socket.write(`${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n0\r\n\r\n`);
  let text = '';
  for await (const part of socket.setEncoding('utf8')) text += String(part);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
}

async function answers(bytes: number, status: number): Promise<void> {
  await eventually(`${bytes} bytes are answered ${status}`, async () =>
    (await postChunked(bytes)) === status ? true : undefined,
  );
}

test('a new one costs a reload, and its route is served all the time, never without a limit', async () => {
  one.putRoutes(limited(2000));
  const { reloads } = await one.instances.ready();
  expect(reloads).toBe(0);
  await answers(1000, 200);
  await answers(3000, 413);

  let under = true;
  const seen = new Set<number>();
  const asking = (async () => {
    while (under) {
      seen.add(await postChunked(1000));
      expect(await postChunked(9000)).toBe(413);
    }
  })();
  one.putRoutes(limited(4000));
  await answers(3000, 200);
  await sleep(200);
  under = false;
  await asking;
  expect([...seen]).toEqual([200]);
  expect((await one.instances.ready()).reloads).toBe(1);
}, 20_000);

test('what nobody uses any more is worth no reload, and comes back for nothing', async () => {
  one.putRoutes(limited(2000));
  await one.instances.ready();
  await answers(3000, 413);
  one.putRoutes(limited(undefined));
  await answers(3000, 200);
  one.putRoutes(limited(2000));
  await answers(3000, 413);
  expect((await one.instances.ready()).reloads).toBe(0);
});

test('the prebuilt ones cost none; many new ones together cost one or two', async () => {
  one.putRoutes(limited(undefined));
  await one.instances.ready();
  one.putRoutes(limited(1024 * 1024));
  await answers(1024 * 1024 + 1, 413);
  expect((await one.instances.ready()).reloads).toBe(0);
  for (let n = 1; n <= 20; n++) {
    one.putRoutes(limited(undefined), ...Array.from({ length: n }, (_, i) => other(i)));
    await sleep(20);
  }
  const status = await one.instances.until('nothing waits', ({ reloads }) => reloads === 2);
  expect(status.warnings).toEqual([]);
}, 20_000);

function other(index: number): RouteIR {
  return route(`o${index}`, `/o${index}`, one.port, {
    action: forward(['default/svc:80'], { retry: { attempts: 5, withinMs: index + 1 } }),
  });
}

test('keys and certificates are files for nginx alone, only as long as they are used', async () => {
  const pair = await createSelfSigned(new Date());
  const certificate = { chainPem: pair.certificate, keyPem: pair.key };
  const { backends, ...rest } = forward(['default/svc:80']);
  const tls = { name: '', sendName: false, certificate };
  const action = { ...rest, backends: backends.map((each) => ({ ...each, protocol: 'https' as const, tls })) };
  one.putRoutes(route('r', '/', one.port, { action }));
  await one.instances.ready();
  const keyFiles = (): string[] =>
    [...readFileSync(join(one.home.directory, 'nginx.conf'), 'utf8').matchAll(/proxy_ssl_certificate_key (\S+);/g)].map(
      ([, file = '']) => file,
    );
  const path = keyFiles()[0] ?? '';
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);

  const other = await createSelfSigned(new Date());
  const replaced = { ...tls, certificate: { chainPem: other.certificate, keyPem: other.key } };
  one.putRoutes(
    route('r', '/', one.port, {
      action: { ...action, backends: backends.map((each) => ({ ...each, protocol: 'https', tls: replaced })) },
    }),
  );
  await one.instances.until('the other key is in use', ({ reloads }) => reloads === 1);
  await eventually('the old key is gone', () => (existsSync(path) ? undefined : true));
  // nginx.conf keeps the location of the old one: leaving it out is worth no reload.
  const next = keyFiles().find((file) => file !== path) ?? '';
  expect(existsSync(next)).toBe(true);
  await one.instances.stop();
  expect(existsSync(next)).toBe(false);
}, 20_000);

test('an agent that finds an nginx without them reloads it before it pushes', async () => {
  await runAndKillAgent(one);
  expect(await postChunked(3000)).toBe(200);

  let under = true;
  const seen = new Set<number>();
  const asking = (async () => {
    while (under) seen.add(await postChunked(1000));
  })();
  one.putRoutes(limited(2000));
  await answers(3000, 413);
  under = false;
  await asking;
  expect([...seen]).toEqual([200]);
  expect((await one.instances.ready()).reloads).toBe(1);
}, 20_000);
