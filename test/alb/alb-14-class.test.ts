import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Installation } from '../acceptance/installation.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ingressOf, rulesOf } from './ingresses.ts';

let home: Installation;

beforeAll(async () => {
  home = await Installation.join();
  // Told apart in the status of an Ingress.
  await home.addAlb('alb-a', {}, '192.0.2.1');
  await home.addAlb('alb-b', {}, '192.0.2.2');
  await home.apply(...serviceTo({ name: 'app', port: 9 }));
});
afterAll(() => home.stop());

describe('ALB-14 class', () => {
  const hosts = { 'a.com': [{}] };

  async function expectServedBy(ingress: string, albs: Readonly<Record<string, string>>): Promise<void> {
    await eventually(async () => {
      const rules = Object.values(await rulesOf(home, ingress));
      expect(rules.map(({ metadata }) => metadata.labels?.['alb2.cpaas.io/name'] ?? '').sort()).toEqual(
        Object.keys(albs),
      );
      const { status } = (await home.read('Ingress', { namespace: 'default', name: ingress })) ?? {};
      const shown = (status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? '');
      expect(shown.sort()).toEqual(Object.values(albs));
    });
  }

  test('class alb-a: rules only for alb-a', async () => {
    await home.apply(ingressOf('named', { className: 'alb-a', hosts }));
    await expectServedBy('named', { 'alb-a': '192.0.2.1' });
  });

  test('the annotation of old names the class too', async () => {
    const annotations = { 'kubernetes.io/ingress.class': 'alb-b' };
    await home.apply(ingressOf('annotated', { annotations, hosts }));
    await expectServedBy('annotated', { 'alb-b': '192.0.2.2' });
  });

  test('no class, or a blank one: rules for both', async () => {
    await home.apply(
      ingressOf('unnamed', { hosts }),
      ingressOf('blank', { annotations: { 'kubernetes.io/ingress.class': ' ' }, hosts }),
    );
    for (const name of ['unnamed', 'blank']) await expectServedBy(name, { 'alb-a': '192.0.2.1', 'alb-b': '192.0.2.2' });
  });

  test('class changed to another: alb-a removes its rules, and its address from the status', async () => {
    await home.apply(ingressOf('named', { className: 'other', hosts }));
    await expectServedBy('named', {});
  });

  test('each ALB has an IngressClass of its own name', async () => {
    for (const name of ['alb-a', 'alb-b']) {
      expect(await home.read('IngressClass', { namespace: '', name })).toMatchObject({
        spec: { controller: 'cpaas.io/alb2' },
      });
    }
  });
});
