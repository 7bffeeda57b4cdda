import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EchoBackend, startEchoBackend } from '../acceptance/echo-backend.ts';
import { ask } from '../acceptance/http-request.ts';
import { Installation } from '../acceptance/installation.ts';
import { ingress, serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { alb } from '../e2e/quick-start.ts';
import { freePort } from '../e2e/traffic.ts';

let home: Installation;
let backend: EchoBackend;
let ports: { readonly http: number; readonly https: number; readonly metrics: number };
let frontendName: string;

beforeAll(async () => {
  [home, backend] = await Promise.all([Installation.start(), startEchoBackend('hello')]);
  ports = { http: await freePort(), https: await freePort(), metrics: await freePort() };
  frontendName = `alb-demo-${String(ports.http).padStart(5, '0')}`;
});

afterAll(async () => {
  await home.stop();
  await backend.close();
});

test('ALB-01 Quick start: kubectl apply of ALB2, Service, EndpointSlice and Ingress, and the backend answers', async () => {
  await home.apply(alb('alb-demo', ports), ...serviceTo(backend), ingress('hello', '/', 'hello'));
  const applied = performance.now();
  const answer = await eventually(async () => {
    const got = await ask(ports.http);
    expect(got.status).toBe(200);
    return got;
  });
  console.log(`quick start: 200 after ${Math.round(performance.now() - applied)} ms`);
  expect(JSON.parse(answer.body)).toMatchObject({ backend: 'hello', method: 'GET', url: '/' });
  expect(answer.headers).toMatchObject({ via: 'alb' });
  expect(answer.headers['x-alb-err-reason']).toBeUndefined();
});

test('ALB-01 kubectl get alb2,ft,rule -A: the ALB is Running, one Frontend, one Rule', async () => {
  await home.kubectl([
    'wait',
    'alb2/alb-demo',
    '-n',
    'kube-system',
    '--for=jsonpath={.status.state}=Running',
    '--timeout=30s',
  ]);
  const table = await home.kubectl(['get', 'alb2,ft,rule', '-A']);
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  const albRow = rows.find(([, name]) => name === 'alb2.crd.alauda.io/alb-demo');
  expect(albRow?.join(' ')).toMatch(/^kube-system .*alb-demo 127\.0\.0\.1,alb\.example\.com .*Running/);
  const frontendRow = rows.find(([, name]) => name === `frontend.crd.alauda.io/${frontendName}`);
  expect(frontendRow).toEqual([
    'kube-system',
    `frontend.crd.alauda.io/${frontendName}`,
    `${ports.http}`,
    'http',
    'ingress',
    'default',
    'hello',
  ]);
  const ruleRow = rows.find(([, name]) => name?.startsWith('rule.crd.alauda.io/'));
  expect(ruleRow?.[1]).toMatch(new RegExp(`^rule\\.crd\\.alauda\\.io/${frontendName}-[a-z0-9]{4,}$`));
  expect(ruleRow?.slice(-3)).toEqual(['ingress', 'default', 'hello']);
  expect(rows.filter(([, name]) => name?.startsWith('rule.'))).toHaveLength(1);
});

test('the Rule says where it came from (ALB-19)', async () => {
  const [found] = await home.list('Rule');
  expect(found).toMatchObject({
    metadata: {
      namespace: 'kube-system',
      labels: {
        'alb2.cpaas.io/name': 'alb-demo',
        'alb2.cpaas.io/frontend': frontendName,
        'alb2.cpaas.io/source-type': 'ingress',
        'alb2.cpaas.io/source-name': 'hello',
        'alb2.cpaas.io/source-ns': 'default',
        'alb2.cpaas.io/source-index': '0-0',
      },
      annotations: { 'alb2.cpaas.io/source-ingress-rule-index': '0', 'alb2.cpaas.io/source-ingress-path-index': '0' },
      ownerReferences: [{ kind: 'Frontend', name: frontendName }],
    },
    spec: {
      priority: 5,
      url: '/',
      dslx: [{ type: 'URL', values: [['STARTS_WITH', '/']] }],
      description: `default/hello:${ports.http}:0`,
      serviceGroup: { services: [{ namespace: 'default', name: 'hello', port: 80, weight: 100 }] },
      source: { type: 'ingress', namespace: 'default', name: 'hello' },
    },
  });
});

test('kubectl shows the IngressClass and the address of the Ingress (ALB-25, ALB-128)', async () => {
  expect(await home.kubectl(['get', 'ingressclass', 'alb-demo', '-o', 'jsonpath={.spec.controller}'])).toBe(
    'cpaas.io/alb2',
  );
  await home.kubectl([
    'wait',
    'ingress/hello',
    '--for=jsonpath={.status.loadBalancer.ingress[0].ip}=127.0.0.1',
    '--timeout=30s',
  ]);
  expect(await home.kubectl(['get', 'ingress', 'hello'])).toContain('127.0.0.1');
  const described = await home.kubectl(['describe', 'ingress', 'hello']);
  expect(described).toMatch(/Normal\s+Synced\s.*alb2-alb-demo\s+Ingress synced successfully/);
});

test('kubectl delete of the Ingress: 404 with the reason (ALB-21, ALB-110)', async () => {
  await home.kubectl(['delete', 'ingress', 'hello']);
  const answer = await eventually(async () => {
    const got = await ask(ports.http);
    expect(got.status).toBe(404);
    return got;
  });
  expect(answer).toMatchObject({
    body: 'X-Error: 404\n',
    headers: { 'x-alb-err-reason': 'InvalidUpstream : no rule match' },
  });
  expect(await home.list('Rule')).toEqual([]);
});
