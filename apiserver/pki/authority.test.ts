import { X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryDirectory } from '../testing/server.ts';
import { clientCredentials, serverCredentials } from './authority.ts';

const DAY_MS = 24 * 3600_000;
const NOW = new Date('2026-01-01T00:00:00Z');

let directory: ReturnType<typeof temporaryDirectory>;

beforeEach(() => {
  directory = temporaryDirectory();
});

afterEach(() => directory.remove());

test('the server is known by every name it is reached at, and only the owner can read the keys', async () => {
  const made = await serverCredentials(directory.path, '127.0.0.1', NOW);
  const server = new X509Certificate(made.certificate);
  for (const name of ['localhost', 'kubernetes', 'kubernetes.default.svc'])
    expect(server.checkHost(name), name).toBe(name);
  for (const address of ['127.0.0.1', '::1']) expect(server.checkIP(address), address).toBeDefined();
  expect(server.verify(new X509Certificate(made.caCertificate).publicKey)).toBe(true);
  for (const file of ['ca.key', 'apiserver.key'])
    expect(statSync(join(directory.path, file)).mode & 0o777, file).toBe(0o600);
});

test('what is good stays; what expires soon or lacks a name is made anew under the same authority', async () => {
  const made = await serverCredentials(directory.path, '127.0.0.1', NOW);
  expect(await serverCredentials(directory.path, '127.0.0.1', new Date(NOW.getTime() + 200 * DAY_MS))).toEqual(made);
  const later = await serverCredentials(directory.path, '127.0.0.1', new Date(NOW.getTime() + 320 * DAY_MS));
  expect(later.certificate).not.toBe(made.certificate);
  expect(later.caCertificate).toBe(made.caCertificate);
  const moved = await serverCredentials(directory.path, '192.0.2.7', new Date(NOW.getTime() + 320 * DAY_MS));
  expect(new X509Certificate(moved.certificate).checkIP('192.0.2.7')).toBeDefined();
  expect(moved.caCertificate).toBe(made.caCertificate);
});

test('a client certificate names a user and groups, is of this authority and no server', async () => {
  const { caCertificate } = await serverCredentials(directory.path, '127.0.0.1', NOW);
  const made = await clientCredentials(directory.path, { name: 'a b@c', groups: ['one', 'x:y'], days: 2 }, NOW);
  const client = new X509Certificate(made.certificate);
  expect(client.subject).toBe('CN=a b@c\nO=one\nO=x:y');
  expect(client.verify(new X509Certificate(caCertificate).publicKey)).toBe(true);
  expect(Date.parse(client.validTo)).toBe(NOW.getTime() + 2 * DAY_MS);
  expect(client.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
});
