import { selfSigned } from '@causeway/dataplane/test/certificates';
import type { Secret } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import { expect, test } from 'vitest';
import { serverNameId, translateServerName } from './server-name.ts';

async function problemsOf(covered: string, host: string): Promise<readonly string[]> {
  const { chainPem, keyPem } = await selfSigned(covered);
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'n', name: 'c' },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': encoded(chainPem), 'tls.key': encoded(keyPem) },
  };
  const snapshot = new Snapshot();
  snapshot.put('Secret', secret);
  const { problems } = translateServerName(snapshot.view('test'), serverNameId({ certificate: 'n/c', host }));
  return problems.map(({ message }) => message);
}

test.each([
  ['a.com', 'a.com'],
  ['*.e.com', 'x.e.com'],
  ['*.e.com', '*.e.com'],
])('a certificate for %s covers %s', async (covered, host) => expect(await problemsOf(covered, host)).toEqual([]));

test.each([
  ['a.com', 'b.com'],
  ['*.e.com', 'x.y.e.com'],
  ['*.e.com', 'e.com'],
  ['x.e.com', '*.e.com'],
])('a certificate for %s does not cover %s', async (covered, host) => {
  expect(await problemsOf(covered, host)).toEqual([
    `data[tls.crt]: does not cover ${host}, for which it is shown; it is for DNS:${covered}`,
  ]);
});

test('a Secret that is missing is told elsewhere', () => {
  const view = new Snapshot().view('test');
  expect(translateServerName(view, 'n/c a.com')).toEqual({ problems: [] });
});
