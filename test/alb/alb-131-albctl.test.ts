import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import type { AlbTraffic } from '@causeway/explain/alb/traffic';
import type { ALB2 } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { frontend, group, ingress, tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { launcher, type Outcome, run } from '../launcher/up-process.ts';
import { ALB, Lab } from './lab.ts';

/** Has no ports, so nothing of it runs beside nginx itself. */
const BANK: ALB2 = {
  apiVersion: 'crd.alauda.io/v2beta1',
  kind: 'ALB2',
  metadata: { name: 'bank', namespace: 'kube-system' },
  spec: { type: 'nginx', config: { projects: ['bank'], replicas: 0 } },
};

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['a']);
  await lab.home.apply(
    BANK,
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', labels: { 'cpaas.io/project': 'retail' } } },
    ingress('shop', '/shop', 'a', { className: ALB }),
    ingress('loan', '/loan', 'a', { className: 'bank' }),
  );
  await eventually(async () => expect(await lab.home.list('Rule')).toHaveLength(1));
});
afterAll(() => lab.stop());

function underPath(prefix: string) {
  return { type: 'URL', values: [['STARTS_WITH', prefix]] } as const;
}

/** `./causeway alb ARGS` against the running `up`. */
function alb(...args: readonly string[]): Promise<Outcome> {
  return run(launcher, ['alb', ...args, '--data-dir', lab.home.dataDirectory]);
}

async function albJson(...args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await alb(...args, '-o', 'json');
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

describe('ALB-131 causeway alb', () => {
  test('list and status', async () => {
    expect(await albJson('list')).toMatchObject([
      { name: ALB, state: 'Running', projects: ['ALL_ALL'], frontends: 1, rules: 1, instances: 1, readyInstances: 1 },
      { name: 'bank', projects: ['bank'], frontends: 0, instances: 0 },
    ]);
    await eventually(async () => {
      const { code, stdout } = await alb('status', ALB);
      expect(code).toBe(0);
      expect(stdout).toContain(`ALB kube-system/${ALB}: Running`);
      expect(stdout).toMatch(new RegExp(`${lab.ports.http} +http +${ALB}-\\d+ +1 +listening`));
    });
  });

  test('rules: in matching order, as a table and with everything as JSON', async () => {
    const port = await lab.open('hand');
    await lab.home.apply(frontend(ALB, 'hand', port, { serviceGroup: group({ a: 100 }) }));
    await lab.addRule('hand', 'wide', {
      dslx: [underPath('/')],
      serviceGroup: group({ a: 1 }),
    });
    await lab.addRule('hand', 'long', {
      dslx: [underPath('/long')],
      serviceGroup: group({ a: 1 }),
    });
    await lab.addRule('hand', 'early', {
      priority: 1,
      dslx: [{ type: 'METHOD', values: [['EQ', 'GET']] }],
      serviceGroup: group({ a: 1 }),
    });

    const { code, stdout } = await alb('rules', ALB);
    expect(code).toBe(0);
    const names = stdout.split('\n').flatMap((line) => /^(\d+) +\d+ +\d+ +(\S+)/.exec(line)?.slice(1).join(' ') ?? []);
    expect(names.filter((name) => name.startsWith(String(port)))).toEqual([
      `${port} early`,
      `${port} long`,
      `${port} wide`,
    ]);

    const full = await alb('rules', ALB, '--json');
    const { ports } = JSON.parse(full.stdout) as { readonly ports: readonly { readonly port: number }[] };
    expect(ports.find((one) => one.port === port)).toMatchObject({
      frontend: 'hand',
      rules: [{ name: 'early' }, { name: 'long', terms: ['path starts with "/long"'] }, { name: 'wide' }],
      fallback: { backends: [{ service: 'default/a:80', endpoints: [`127.0.0.1:${lab.backends['a']?.port}`] }] },
    });
  });

  test('policies: what the data plane holds of a port, certificates without keys', async () => {
    const { chainPem, keyPem } = await selfSigned('shop.example');
    await lab.home.apply(tlsSecret('shop', { chainPem, keyPem }));
    const port = await lab.open('tls', { protocol: 'https', certificate_name: 'default/shop' });
    await lab.addRule('tls', 'all', { dslx: [underPath('/')], serviceGroup: group({ a: 100 }) });
    const { code, stdout } = await alb('policies', ALB, '--port', String(port), '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ports: [{ port, name: 'tls', tls: { fallback: 'default/shop' } }],
      routes: [{ port, name: 'all', action: { type: 'forward', way: 'http' } }],
      groups: [{ affinity: 'roundRobin', peers: [{ address: '127.0.0.1', port: lab.backends['a']?.port, weight: 1 }] }],
      certificates: [{ id: 'default/shop', names: ['shop.example'] }],
    });
    expect(stdout).not.toMatch(/PRIVATE KEY|keyPem/);
  });

  test('check-ingress: the ALB that serves it, with ports and rules', async () => {
    expect(await albJson('check-ingress', 'default/shop')).toMatchObject({
      className: ALB,
      albs: [{ alb: `kube-system/${ALB}`, serves: true, ports: [{ port: lab.ports.http, rules: 1, rulesInPlace: 1 }] }],
    });
    const { stdout } = await alb('check-ingress', 'default/shop', '--all');
    expect(stdout).toMatch(/kube-system\/bank +no +- +class: the Ingress asks for class alb$/m);
  });

  test('check-ingress: an Ingress of a foreign project names the mismatch, and ends with 0', async () => {
    const { code, stdout } = await alb('check-ingress', 'default/loan');
    expect(stdout).toMatch(
      /kube-system\/bank +no +- +project: namespace default belongs to retail, this ALB serves bank$/m,
    );
    expect(code).toBe(0);
  });

  test('top: requests, errors and latency by rule, read with the token of the kubeconfig', async () => {
    let asking = true;
    const clients = (async () => {
      while (asking) await Promise.all([ask(lab.ports.http, '/shop'), ask(lab.ports.http, '/nowhere')]);
    })();
    const traffic = await albJson('top', ALB, '--seconds', '2');
    asking = false;
    await clients;
    expect(traffic).toMatchObject([{ alb: `kube-system/${ALB}`, instances: 1 }]);
    const [{ rules = [] } = {}] = traffic as readonly Partial<AlbTraffic>[];
    const shop = rules.find(({ source }) => source === 'Ingress default/shop');
    expect(shop).toMatchObject({ port: lab.ports.http, clientErrors: 0, serverErrors: 0 });
    expect(shop?.requests).toBeGreaterThan(0);
    expect(shop?.p99Ms).toBeGreaterThan(0);
    const unmatched = rules.find(({ port, rule }) => port === lab.ports.http && rule === '');
    expect(unmatched?.clientErrors).toBeGreaterThan(0);
  });

  test('top: a token that is nobody’s ends with 1', async () => {
    const file = path.join(lab.home.dataDirectory, 'no-token');
    writeFileSync(file, 'guessed\n');
    const { code, stderr } = await alb('top', ALB, '--seconds', '1', '--token-file', file);
    expect(stderr).toContain('the metrics want a token');
    expect(code).toBe(1);
  });

  describe('what does not exist ends with 1, wrong usage with 2', () => {
    const cases = [
      { args: ['check-ingress', 'default/shop', '--alb', 'none'], code: 1, says: 'there is no ALB2 none' },
      { args: ['check-ingress', 'default/none'], code: 1, says: 'there is no Ingress default/none' },
      { args: ['policies', 'none'], code: 1, says: 'there is no ALB2 none' },
      { args: ['status', 'none'], code: 1, says: 'there is no ALB2 none' },
      { args: ['check-ingress', 'shop'], code: 2, says: 'must be namespace/name' },
      { args: ['rules'], code: 2, says: "missing required argument 'name'" },
    ];
    for (const { args, code, says } of cases) {
      test.concurrent(args.join(' '), async ({ expect }) => {
        const outcome = await alb(...args);
        expect(outcome.stderr).toContain(says);
        expect(outcome.code).toBe(code);
      });
    }
  });
});
