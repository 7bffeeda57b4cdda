import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { objectAt, objectsAt, textAt } from '../schema/json.ts';
import { configMap, startTestServer, type TestServer, temporaryDirectory } from '../testing/server.ts';
import { backUp } from './backup.ts';
import { restore } from './restore.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const NOW = new Date('2026-01-01T00:00:00Z');

let place: ReturnType<typeof temporaryDirectory>;
let server: TestServer;
let file: string;

beforeEach(async () => {
  place = temporaryDirectory();
  file = join(place.path, 'backup');
  server = await startTestServer({ dataDirectory: join(place.path, 'data') });
});

afterEach(async () => {
  await server.stop();
  place.remove();
});

async function names(of: TestServer): Promise<readonly string[]> {
  const { body } = await of.client.get(MAPS);
  return objectsAt(body, 'items').map((item) => textAt(objectAt(item, 'metadata'), 'name'));
}

test('a backup made under writes is one moment; restored, everything is there, old revisions are gone, credentials are good', async () => {
  for (let n = 0; n < 50; n++) await server.client.post(MAPS, configMap(`m${n}`, { text: 'x'.repeat(n * 30) }));
  let writing = true;
  const writer = (async () => {
    for (let n = 0; writing; n++) {
      // The second of a pair never exists without the first.
      await server.client.post(MAPS, configMap(`a${n}`));
      await server.client.post(MAPS, configMap(`b${n}`));
    }
  })();
  const summary = await backUp(server.directory, file, NOW);
  writing = false;
  await writer;
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { body } = await server.client.get(MAPS);
  const told = textAt(objectAt(body, 'metadata'), 'resourceVersion');
  const token = server.client.token;
  await server.client.post(MAPS, configMap('after'));
  await server.stop({ keep: true });

  const restored = await restore(file, server.directory, NOW);
  expect(restored.objects).toBe(summary.objects);
  expect(restored.aside).toContain('before-restore-2026-01-01T00-00-00');
  server = await startTestServer({ dataDirectory: server.directory });
  const found = new Set(await names(server));
  expect([...Array(50).keys()].every((n) => found.has(`m${n}`))).toBe(true);
  expect(found.has('after')).toBe(false);
  expect([...found].filter((name) => name.startsWith('b')).every((name) => found.has(name.replace('b', 'a')))).toBe(
    true,
  );
  expect(server.client.token).toBe(token);
  const watch = await server.client.get(`${MAPS}?watch=1&resourceVersion=${told}&timeoutSeconds=1`);
  expect(JSON.stringify(watch)).toContain('Expired');
});

test('into an empty directory', async () => {
  await server.client.post(MAPS, configMap('kept'));
  await backUp(server.directory, file, NOW);
  const elsewhere = join(place.path, 'elsewhere');
  expect((await restore(file, elsewhere, NOW)).aside).toBeUndefined();
  const other = await startTestServer({ dataDirectory: elsewhere });
  expect(await names(other)).toContain('kept');
  await other.stop();
});

test('a server that runs is not replaced', async () => {
  await backUp(server.directory, file, NOW);
  await expect(restore(file, server.directory, NOW)).rejects.toThrow('another API server uses');
});

describe('refused, and nothing is changed:', () => {
  const lines = (text: string, change: (lines: string[]) => string[]): Buffer =>
    gzipSync(`${change(text.trimEnd().split('\n')).join('\n')}\n`);
  const cases: readonly [string, string, (whole: Buffer, text: string) => Buffer][] = [
    ['something else', 'is not a backup of Causeway', () => Buffer.from('hello')],
    ['something else, packed', 'is not a backup of Causeway', () => gzipSync('hello\n')],
    ['JSON of another program', 'is not a backup of Causeway', () => gzipSync('{"kind":"List"}\n')],
    ['an empty file', 'damaged', () => Buffer.alloc(0)],
    ['a file that is cut off', 'damaged: unexpected end of file', (whole) => whole.subarray(0, whole.length - 100)],
    [
      'a flipped byte',
      'damaged',
      (whole) => whole.map((byte, at) => (at === whole.length >> 1 ? byte ^ 255 : byte)) as Buffer,
    ],
    ['a missing line', 'its checksum is wrong', (_, text) => lines(text, (all) => all.toSpliced(-3, 1))],
    ['a missing end', 'it is cut off', (_, text) => lines(text, (all) => all.slice(0, -1))],
    ['a changed object', 'its checksum is wrong', (_, text) => gzipSync(text.replaceAll('kept', 'kepx'))],
    [
      'a later version',
      'version 2, and this release reads versions up to 1',
      (_, text) => gzipSync(text.replace('"version":1', '"version":2')),
    ],
    [
      'a file outside',
      'holds a file named',
      (_, text) => gzipSync(text.replace('"pki/admin.token"', '"pki/../../admin.token"')),
    ],
  ];

  test.each(cases)('%s', async (_name, message, change) => {
    await server.client.post(MAPS, configMap('kept'));
    await backUp(server.directory, file, NOW);
    const whole = readFileSync(file);
    writeFileSync(file, change(whole, gunzipSync(whole).toString()));
    await server.stop({ keep: true });
    await expect(restore(file, server.directory, NOW)).rejects.toThrow(message);
    server = await startTestServer({ dataDirectory: server.directory });
    expect(await names(server)).toContain('kept');
  });
});

test('a store that is damaged says what to do, and a backup brings it back', async () => {
  await server.client.post(MAPS, configMap('kept', { text: 'x'.repeat(5_000) }));
  await backUp(server.directory, file, NOW);
  await server.stop({ keep: true });
  const data = join(server.directory, 'store/data.mdb');
  truncateSync(data, statSync(data).size >> 1);
  await expect(startTestServer({ dataDirectory: server.directory })).rejects.toThrow(
    /the store in .* is damaged: .* Restore a backup with `causeway restore FILE --data-dir DIR`/s,
  );
  await restore(file, server.directory, NOW);
  server = await startTestServer({ dataDirectory: server.directory });
  expect(await names(server)).toContain('kept');
});
