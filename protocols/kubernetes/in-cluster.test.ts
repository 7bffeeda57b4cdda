import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inClusterConfig } from './in-cluster.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'causeway-pod-'));
  for (const [name, text] of Object.entries({ 'ca.crt': 'PEM', namespace: 'alb-system\n', token: 'secret\n' })) {
    writeFileSync(path.join(directory, name), text);
  }
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const cases = [
  { host: '10.96.0.1', server: 'https://10.96.0.1:443' },
  { host: 'fd00::1', server: 'https://[fd00::1]:443' },
];
for (const { host, server } of cases) {
  test(`in a pod: ${server}`, async () => {
    const environment = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: '443' };
    const config = await inClusterConfig(environment, directory);
    expect(config).toMatchObject({ server, ca: 'PEM', namespace: 'alb-system' });
    expect(await config.token?.()).toBe('secret');
  });
}

test('outside of a pod: an error that says so', async () => {
  await expect(inClusterConfig({}, directory)).rejects.toThrow('no pod');
});
