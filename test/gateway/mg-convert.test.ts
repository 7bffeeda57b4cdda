import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { startEchoBackend } from '../acceptance/echo-backend.ts';
import { BACKEND_ADDRESS } from '../acceptance/given-home.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { startTlsBackend, type TlsBackend } from '../acceptance/tls-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { launcher, type Outcome, outcomeOf, run } from '../launcher/up-process.ts';
import { GatewayLab, HTTP_PORT, HTTPS_PORT } from './gateway-lab.ts';

const H = 'haproxy.router.openshift.io/';
let lab: GatewayLab;
let folder = '';
let certificate: Awaited<ReturnType<typeof selfSigned>>;
let ofBackend: typeof certificate;
let encrypted: TlsBackend;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'causeway-convert-'));
  [certificate, ofBackend] = await Promise.all([selfSigned('shop.example'), selfSigned('raw.example')]);
  encrypted = await startTlsBackend('encrypted', ofBackend);
  lab = await GatewayLab.start(['a', 'b']);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await lab.stop();
  await encrypted.close();
});

function route(
  name: string,
  spec: object,
  annotations: Readonly<Record<string, string>> = {},
  namespace = 'default',
): object {
  const metadata = { name, namespace, annotations };
  return {
    apiVersion: 'route.openshift.io/v1',
    kind: 'Route',
    metadata,
    spec: { port: { targetPort: 8080 }, ...spec },
  };
}

function written(name: string, ...objects: readonly object[]): string {
  const file = path.join(folder, `${name}.yaml`);
  writeFileSync(file, objects.map((object) => stringify(object)).join('---\n'));
  return file;
}

function convert(...args: readonly string[]): Promise<Outcome> {
  return run(launcher, ['convert', ...args]);
}

/** Gateways of this machine have their ports where the user may listen. */
function onOwnPorts(yaml: string): string {
  return yaml.replace('port: 80\n', `port: ${HTTP_PORT}\n`).replaceAll('port: 443\n', `port: ${HTTPS_PORT}\n`);
}

function serialOf(pem: string): string {
  return new X509Certificate(pem).serialNumber;
}

describe('convert ocp-route', () => {
  test('MG-02 to MG-04, MG-07, MG-11 to MG-16 what comes out is accepted, and serves what Routes said', async () => {
    const elsewhere = serviceTo(lab.backends[1] ?? encrypted).map((object) => ({
      ...object,
      metadata: { ...object.metadata, namespace: 'mg-16' },
    }));
    const behindTls = ['raw', 'unknown'].flatMap((name) => serviceTo({ name, port: encrypted.port }));
    await lab.home.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mg-16' } });
    await lab.home.apply(...elsewhere, ...behindTls);
    const services = [...lab.backends.flatMap((backend) => serviceTo(backend)), ...behindTls, ...elsewhere].filter(
      ({ kind }) => kind === 'Service',
    );
    const hsts = 'max-age=31536000;includeSubDomains;preload';
    const tls = { termination: 'edge', certificate: certificate.chainPem, key: certificate.keyPem };
    const reencrypt = (authority: string) => ({
      ...tls,
      termination: 'reencrypt',
      destinationCACertificate: authority,
    });
    const routes = [
      route('api', { host: 'a.example', path: '/api', to: { name: 'a' } }, { [`${H}timeout`]: '45s' }),
      route('rest', {
        host: 'a.example',
        to: { name: 'a', weight: 0 },
        alternateBackends: [{ name: 'b', weight: 10 }],
      }),
      route(
        'old',
        { host: 'old.example', path: '/old-path', to: { name: 'a' } },
        { [`${H}rewrite-target`]: '/new-path' },
      ),
      route('eaten', { host: 'old.example', path: '/eaten', to: { name: 'a' } }, { [`${H}rewrite-target`]: '/' }),
      route('far', { host: 'far.example', to: { name: 'b' } }, {}, 'mg-16'),
      route('passed', { host: 'raw.example', to: { name: 'raw' }, tls: { termination: 'passthrough' } }),
      route('sealed', { host: 'sealed.example', to: { name: 'raw' }, tls: reencrypt(ofBackend.chainPem) }),
      route('doubted', { host: 'doubted.example', to: { name: 'unknown' }, tls: reencrypt(certificate.chainPem) }),
      route('closed', { host: 'closed.example', to: { name: 'a' } }, { [`${H}ip_allowlist`]: '192.0.2.1' }),
      route(
        'shop',
        { host: 'shop.example', to: { name: 'b' }, tls: { ...tls, insecureEdgeTerminationPolicy: 'Redirect' } },
        { [`${H}hsts_header`]: hsts },
      ),
    ];
    const file = written('routes', ...services, ...routes);
    const args = ['ocp-route', file, '--emit-gateway', '--gateway-class', 'causeway', '--gateway', 'default/converted'];
    args.push('--backend-hostname', 'raw.example');
    const { code, stdout, stderr } = await convert(...args);
    expect(code).toBe(0);
    expect(stderr).toContain(`I I207 default/closed metadata.annotations[${H}ip_allowlist]: `);
    expect((await convert(...args)).stdout).toBe(stdout);
    await lab.home.kubectl(['apply', '-f', '-'], onOwnPorts(stdout));
    const to = await lab.programmed('converted');

    const asked = (host: string, url: string, serverName?: string) =>
      lab.ask(url, { to, host, ...(serverName === undefined ? {} : { serverName, port: HTTPS_PORT }) });
    await eventually(async () => {
      const answerers = [];
      for (const url of ['/api', '/api/x', '/apix', '/']) {
        answerers.push((await asked('a.example', url)).headers['x-backend']);
      }
      expect(answerers).toEqual(['a', 'a', 'b', 'b']);
      const rewritten = await asked('old.example', '/old-path/x');
      expect(JSON.parse(rewritten.body)).toMatchObject({ url: '/new-path/x' });
      expect((await asked('old.example', '/old-pathx')).status).toBe(404);
      const eaten = await asked('old.example', '/eaten/x');
      expect(JSON.parse(eaten.body)).toMatchObject({ url: '/x' });
      expect((await asked('far.example', '/')).headers['x-backend']).toBe('b');
      expect((await asked('closed.example', '/')).status).toBe(403);
      const redirected = await asked('shop.example', '/a?b=1');
      expect([redirected.status, redirected.headers.location]).toEqual([302, 'https://shop.example/a?b=1']);
      const shown = await asked('shop.example', '/?header=Strict-Transport-Security:max-age=1', 'shop.example');
      expect([shown.headers['x-backend'], shown.headers['strict-transport-security']]).toEqual(['b', hsts]);
      expect(shown.serial).toBe(serialOf(certificate.chainPem));
      const passed = await asked('raw.example', '/', 'raw.example');
      expect([passed.status, passed.serial]).toEqual([200, serialOf(ofBackend.chainPem)]);
      const sealed = await asked('sealed.example', '/', 'sealed.example');
      expect([sealed.status, sealed.serial]).toEqual([200, serialOf(certificate.chainPem)]);
      expect(JSON.parse(sealed.body)).toMatchObject({ backend: 'encrypted', serverName: 'raw.example' });
      expect((await asked('doubted.example', '/', 'doubted.example')).status).toBe(502);
    });
    // Who serves may be ahead of who tells.
    await eventually(async () => {
      for (const [namespace, name] of [
        ['default', 'api'],
        ['mg-16', 'far'],
      ] as const) {
        const found = await lab.home.read('HTTPRoute', { namespace, name });
        expect(found?.status?.parents[0]?.conditions).toContainEqual(
          expect.objectContaining({ type: 'Accepted', status: 'True' }),
        );
      }
    });
  });

  test('MG-01 exit codes, the standard input, and messages', async () => {
    const child = spawn(launcher, ['convert', 'ocp-route', '-', '--report', 'json']);
    child.stdin.end(stringify(route('bad', { host: '-bad', to: { name: 'a' } })));
    const { code, stdout, stderr } = await outcomeOf(child);
    expect([code, stdout]).toEqual([2, '']);
    const { messages } = JSON.parse(stderr) as { messages: readonly object[] };
    const object = 'default/bad';
    expect(messages).toContainEqual({
      level: 'E',
      code: 'E102',
      object,
      field: 'spec.host',
      text: '"-bad" is not a host name',
    });

    const broken = path.join(folder, 'broken.yaml');
    writeFileSync(broken, 'a: 1\nb: [');
    const unreadable = await convert('ocp-route', broken);
    expect([unreadable.code, unreadable.stdout]).toEqual([1, '']);
    expect(unreadable.stderr).toMatch(/broken\.yaml.*line \d/s);
    writeFileSync(broken, '');
    expect(await convert('ocp-route', broken)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('MG-17 defaults of the router are nothing of the guide', async () => {
    const { code, stderr } = await convert('ocp-route', '--style=docs', '--router-defaults', folder);
    expect([code, stderr]).toEqual([1, 'causeway: --router-defaults cannot be used with --style=docs\n']);
  });
});

describe('convert ingress', () => {
  test('what comes out is accepted, and serves what the Ingress said', async () => {
    const service = (name: string) => ({ backend: { service: { name, port: { number: 80 } } } });
    const ingress = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: {
        name: 'rewritten',
        namespace: 'default',
        annotations: {
          'nginx.ingress.kubernetes.io/rewrite-target': '/$2',
          'nginx.ingress.kubernetes.io/enable-cors': 'true',
        },
      },
      spec: {
        rules: [
          {
            host: 'b.example',
            http: { paths: [{ path: '/shop(/|$)(.*)', pathType: 'ImplementationSpecific', ...service('b') }] },
          },
        ],
      },
    };
    const { code, stdout } = await convert('ingress', written('ingress', ingress), '--gateway', 'demo');
    expect(code).toBe(0);
    await lab.home.kubectl(['apply', '-f', '-'], stdout);
    await eventually(async () => {
      const { headers, body } = await lab.ask('/shop/cart', {
        host: 'b.example',
        headers: { origin: 'https://x.example' },
      });
      expect(JSON.parse(body)).toMatchObject({ backend: 'b', url: '/cart' });
      expect(headers['access-control-allow-origin']).toBeDefined();
      expect((await lab.ask('/shopping', { host: 'b.example' })).status).toBe(404);
    });
  });
});

/** A port whose packets nobody takes: its program does not run on, and no more connections may wait for it. */
async function standingStill(): Promise<{ readonly port: number; readonly end: () => void }> {
  const listen = `require('net').createServer().listen({ port: 0, host: '${BACKEND_ADDRESS}', backlog: 1 }, function () { console.log(this.address().port); })`;
  const child = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  child.kill('SIGSTOP');
  const waiting = Array.from({ length: 8 }, () => connect(port, BACKEND_ADDRESS).on('error', () => undefined));
  await Promise.race(waiting.map((socket) => once(socket, 'connect')));
  return {
    port,
    end() {
      for (const socket of waiting) socket.destroy();
      child.kill('SIGKILL');
    },
  };
}

describe('convert verify', () => {
  test('MG-19 the same answers, others, and none', async () => {
    const file = written('asked', route('asked', { host: 'nobody.example', path: '/x', to: { name: 'a' } }));
    const [one, other] = await Promise.all([startEchoBackend('same'), startEchoBackend('same')]);
    const at = (port: number) => `${BACKEND_ADDRESS}:${port},1`;
    const verify = (after: string) => convert('verify', '--old', at(one.port), '--new', after, file);
    const url = 'default/asked http://nobody.example/x';
    try {
      expect(await verify(at(other.port))).toMatchObject({ code: 0, stdout: `equal ${url}: 200\n` });
      const different = await verify(`${lab.address}:${HTTP_PORT},${HTTPS_PORT}`);
      expect(different.code).toBe(3);
      expect(different.stdout).toContain(`different ${url}: old 200, new 404 (status, `);
    } finally {
      await Promise.all([one.close(), other.close()]);
    }
    // Connections to it end, and nothing is said.
    const mute = createServer((socket) => socket.resume());
    mute.listen(0, BACKEND_ADDRESS);
    await once(mute, 'listening');
    const muteAt = at((mute.address() as AddressInfo).port);
    const unanswered = await convert('verify', '--old', muteAt, '--new', muteAt, '--timeout', '1', file);
    expect(unanswered).toMatchObject({
      code: 3,
      stdout: `different ${url}: old nothing within 1 s, new nothing within 1 s (no answer)\n`,
    });
    mute.close();
    const still = await standingStill();
    const lost = await convert('verify', '--old', at(still.port), '--new', at(still.port), '--timeout', '1', file);
    still.end();
    expect([lost.code, lost.stderr]).toEqual([
      1,
      expect.stringMatching(/cannot reach \S+ port \d+: nothing within 1 s/),
    ]);
    const none = await verify(at(other.port));
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining(`cannot reach ${BACKEND_ADDRESS} port`)]);
  });
});
