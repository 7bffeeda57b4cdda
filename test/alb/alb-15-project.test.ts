import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Installation } from '../acceptance/installation.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { ingressOf, rulesOf } from './ingresses.ts';

let home: Installation;

beforeAll(async () => {
  home = await Installation.join();
  await home.addAlb('demo', { projects: ['demo'] });
  await home.addAlb('all', { projects: ['ALL_ALL'] });
  await home.addAlb('none', { projects: [] });
  await home.apply(...serviceTo({ name: 'app', port: 9 }));
  for (const namespace of ['team', 'nobody']) await home.kubectl(['create', 'namespace', namespace]);
});
afterAll(() => home.stop());

describe('ALB-15 project', () => {
  async function expectServedBy(ingress: string, albs: readonly string[]): Promise<void> {
    await eventually(async () => {
      const rules = Object.values(await rulesOf(home, ingress));
      expect(rules.map(({ metadata }) => metadata.labels?.['alb2.cpaas.io/name'] ?? '').sort()).toEqual(albs);
    });
  }

  test('a namespace labelled demo: rules of the ALB of that project and of the one for all, with the label', async () => {
    await home.kubectl(['label', 'namespace', 'team', 'cpaas.io/project=demo']);
    await home.apply(ingressOf('web', { namespace: 'team', hosts: { 'a.com': [{}] } }));
    await expectServedBy('web', ['all', 'demo']);
    await eventually(async () => {
      for (const rule of Object.values(await rulesOf(home, 'web'))) {
        expect(rule.metadata.labels).toMatchObject({ 'cpaas.io/project': 'demo' });
      }
    });
  });

  test('the label changes to another: the rules of that project vanish; back: they return', async () => {
    await home.kubectl(['label', 'namespace', 'team', '--overwrite', 'cpaas.io/project=other']);
    await expectServedBy('web', ['all']);
    await home.kubectl(['label', 'namespace', 'team', '--overwrite', 'cpaas.io/project=demo']);
    await expectServedBy('web', ['all', 'demo']);
    await home.kubectl(['label', 'namespace', 'team', 'cpaas.io/project-']);
    await expectServedBy('web', ['all']);
  });

  test('an Ingress in an unlabelled namespace: only the ALB for all', async () => {
    await home.apply(ingressOf('stray', { namespace: 'nobody', hosts: { 'b.com': [{}] } }));
    await expectServedBy('stray', ['all']);
  });

  test('an Ingress that names an ALB of another project is warned of, at once and by an event', async () => {
    const named = ingressOf('named', { namespace: 'nobody', className: 'demo', hosts: { 'c.com': [{}] } });
    const { stderr } = await home.tryApply(named);
    expect(stderr).toContain(
      'Warning: spec.ingressClassName: ALB2 "demo" does not serve namespace "nobody", which has no project',
    );
    await eventually(async () => {
      expect(await eventsOf(home, 'Ingress', 'named')).toContain(
        'Warning RefNotPermitted ALB2 kube-system/demo does not serve this Ingress: its namespace has no project',
      );
    });
  });
});
