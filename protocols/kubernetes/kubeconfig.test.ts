import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Kubeconfig, KubeconfigError, loadInClusterConfig, loadKubeconfig } from './kubeconfig.ts';
import { TestClock } from './test-clock.ts';
import { tokenFile } from './token-file.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
afterAll(() => rm(directory, { recursive: true }));

const base64 = (text: string) => Buffer.from(text).toString('base64');

async function load(options: {
  cluster?: string;
  user?: string;
  context?: string;
  current?: string;
}): Promise<Kubeconfig> {
  const {
    cluster = 'server: https://h:6443',
    user = 'token: t',
    context = 'cluster: c, user: u',
    current = 'x',
  } = options;
  const path = join(directory, 'config');
  await writeFile(
    path,
    `apiVersion: v1
kind: Config
current-context: ${current}
contexts: [{ name: other, context: { cluster: nowhere } }, { name: x, context: { ${context} } }]
clusters: [{ name: c, cluster: { ${cluster} } }]
users: [{ name: u, user: { ${user} } }]
`,
  );
  return loadKubeconfig(path);
}

describe('loadKubeconfig', () => {
  test('credentials as data', async () => {
    const config = await load({
      cluster: `server: https://h:6443, certificate-authority-data: ${base64('CA')}, tls-server-name: api`,
      user: `client-certificate-data: ${base64('CERT')}, client-key-data: ${base64('KEY')}`,
      context: 'cluster: c, user: u, namespace: team',
    });
    expect(config).toEqual({
      server: 'https://h:6443',
      namespace: 'team',
      ca: 'CA',
      tlsServerName: 'api',
      clientCertificate: 'CERT',
      clientKey: 'KEY',
    });
  });

  test('credentials in files are relative to the kubeconfig', async () => {
    await writeFile(join(directory, 'ca.pem'), 'CA FILE');
    await writeFile(join(directory, 'token'), 'from-file\n');
    const config = await load({
      cluster: 'server: https://h, certificate-authority: ca.pem',
      user: 'token: ignored, tokenFile: token',
    });
    expect(config.ca).toBe('CA FILE');
    expect(await config.token?.()).toBe('from-file');
  });

  test('user and password', async () => {
    const config = await load({ user: 'username: u, password: p' });
    expect(config.basic).toEqual({ username: 'u', password: 'p' });
  });

  test('a context without user, with the default namespace', async () => {
    expect(await load({ context: 'cluster: c' })).toEqual({ server: 'https://h:6443', namespace: 'default' });
  });

  const refused = [
    { name: 'no such context', options: { current: 'absent' }, want: 'contexts has no entry named absent' },
    { name: 'no current context', options: { current: '""' }, want: 'current-context is not set' },
    { name: 'no such cluster', options: { context: 'cluster: y' }, want: 'clusters has no entry named y' },
    { name: 'no such user', options: { context: 'cluster: c, user: y' }, want: 'users has no entry named y' },
    { name: 'no server', options: { cluster: 'server: ""' }, want: 'server is not set' },
    { name: 'a credential plugin', options: { user: 'exec: { command: aws }' }, want: 'exec is not supported' },
    { name: 'a proxy', options: { cluster: 'server: s, proxy-url: p' }, want: 'proxy-url is not supported' },
  ];
  for (const c of refused) {
    test(`refused: ${c.name}`, async () => {
      const error: unknown = await load(c.options).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(KubeconfigError);
      expect(String(error)).toContain(c.want);
    });
  }

  test('a file that is no mapping', async () => {
    await writeFile(join(directory, 'list'), '- 1');
    await expect(loadKubeconfig(join(directory, 'list'))).rejects.toThrow('not a kubeconfig');
  });
});

describe('loadInClusterConfig', () => {
  test('reads the mounted service account', async () => {
    for (const [name, text] of Object.entries({ token: 'sa-token\n', 'ca.crt': 'CA', namespace: 'kube-system' })) {
      await writeFile(join(directory, name), text);
    }
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const config = await loadInClusterConfig(directory, env);
    expect(config).toMatchObject({ server: 'https://[fd00::1]:443', ca: 'CA', namespace: 'kube-system' });
    expect(await config.token?.()).toBe('sa-token');
  });

  test('outside of a Pod it says so', async () => {
    await expect(loadInClusterConfig(directory, {})).rejects.toThrow('not in a Pod');
  });
});

test('a token file is read again after a minute; while it is absent the last token is used', async () => {
  const path = join(directory, 'rotating');
  const clock = new TestClock();
  await writeFile(path, 'one');
  const token = tokenFile(path, clock);
  expect(await token()).toBe('one');
  await writeFile(path, 'two');
  clock.advance(59_999);
  expect(await token()).toBe('one');
  clock.advance(1);
  expect(await token()).toBe('two');
  await rm(path);
  clock.advance(60_000);
  expect(await token()).toBe('two');
  await writeFile(path, 'three');
  clock.advance(60_000);
  expect(await token()).toBe('three');
});
