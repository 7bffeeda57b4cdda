import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { eventually } from '../e2e/eventually.ts';
import { frontendName, ingressOf, rulesOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app']);
});
afterAll(() => lab.stop());

describe('ALB-21 deletion and resync', () => {
  const web = (path = '/') => ingressOf('web', { className: ALB, hosts: { 'a.com': [{ path }] } });
  const ask = (status: number, path = '/') => answersWith(status, lab.ports.http, path, { host: 'a.com' });

  /** Of Ingress web: `count component message`. */
  async function synced(): Promise<readonly string[]> {
    const columns = '{range .items[?(@.reason=="Synced")]}{.type} {.count} {.source.component} {.message}{"\\n"}{end}';
    const selector = '--field-selector=involvedObject.kind=Ingress,involvedObject.name=web';
    const text = await lab.home.kubectl(['get', 'events', selector, '-o', `jsonpath=${columns}`]);
    return text.trim().split('\n');
  }

  test('one event per change: Normal Synced from alb2-<alb>', async () => {
    await lab.home.apply(web());
    await ask(200);
    const once = `Normal 1 alb2-${ALB} Ingress synced successfully`;
    await eventually(async () => expect(await synced()).toEqual([once]));
    await lab.home.kubectl(['annotate', 'ingress', 'web', 'a=1']);
    await lab.home.apply(web('/changed'));
    await ask(200, '/changed');
    await ask(404);
    await eventually(async () => expect(await synced()).toEqual([once, once]));
  });

  test('a Rule deleted by hand is back at once', async () => {
    const [before] = Object.values(await rulesOf(lab.home, 'web'));
    await lab.home.kubectl(['delete', 'rule', '-n', ALB_NAMESPACE, before?.metadata.name ?? '']);
    await eventually(async () => {
      const [after] = Object.values(await rulesOf(lab.home, 'web'));
      expect(after?.metadata.name).toBe(before?.metadata.name);
      expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
    });
    await ask(200, '/changed');
  });

  test('a Rule whose Ingress never was, or went while nobody looked, is removed', async () => {
    const [rule] = Object.values(await rulesOf(lab.home, 'web'));
    const { labels, annotations } = rule?.metadata ?? {};
    const source = { type: 'ingress', namespace: 'default', name: 'never-was' };
    await lab.home.apply({
      ...rule,
      metadata: { name: 'orphan', namespace: ALB_NAMESPACE, labels, annotations },
      spec: { ...rule?.spec, source },
    });
    await eventually(async () => expect(await rulesOf(lab.home, 'never-was')).toEqual({}));
  });

  test('Ingress deleted: its Rules go; its Frontend loses serviceGroup, source and backendProtocol', async () => {
    const annotations = { 'nginx.ingress.kubernetes.io/backend-protocol': 'HTTP' };
    await lab.home.kubectl(['delete', 'ingress', 'web']);
    await ask(404, '/changed');
    await lab.home.kubectl(['delete', 'frontend', '-n', ALB_NAMESPACE, '--all']);
    await lab.home.apply(ingressOf('all', { className: ALB, defaultService: 'app', annotations }));
    await ask(200, '/any');
    const read = () => lab.home.read('Frontend', { namespace: ALB_NAMESPACE, name: frontendName(ALB, lab.ports.http) });
    expect((await read())?.spec).toMatchObject({
      backendProtocol: 'http',
      serviceGroup: { services: [{ name: 'app' }] },
      source: { name: 'all' },
    });
    await lab.home.kubectl(['delete', 'ingress', 'all']);
    await ask(404, '/any');
    expect((await read())?.spec).toEqual({ port: lab.ports.http, protocol: 'http' });
  });
});
