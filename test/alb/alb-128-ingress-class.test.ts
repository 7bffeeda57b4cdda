import type { IngressClass } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { ingress } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ALB, answersWith, Lab } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app'], { projects: ['p1', 'p2'] });
});
afterAll(() => lab.stop());

function classOf(name = ALB): Promise<IngressClass | undefined> {
  return lab.home.read('IngressClass', { namespace: '', name });
}

describe('ALB-128 IngressClass', () => {
  test('named like the ALB, with its controller and projects; not the default', async () => {
    await eventually(async () =>
      expect(await classOf()).toMatchObject({
        metadata: {
          annotations: { 'alb.cpaas.io/project': 'p1,p2', 'ingressclass.kubernetes.io/is-default-class': 'false' },
        },
        spec: { controller: 'cpaas.io/alb2' },
      }),
    );
  });

  test('defaultIngressClass: a new Ingress without class gets it, and is served', async () => {
    await lab.home.configure(ALB, { defaultIngressClass: true, projects: ['ALL_ALL'] });
    await eventually(async () =>
      expect((await classOf())?.metadata.annotations).toEqual({
        'alb.cpaas.io/project': 'ALL_ALL',
        'ingressclass.kubernetes.io/is-default-class': 'true',
      }),
    );
    await lab.home.apply(ingress('classless', '/', 'app'));
    const stored = await lab.home.read('Ingress', { namespace: 'default', name: 'classless' });
    expect(stored?.spec?.ingressClassName).toBe(ALB);
    await answersWith(200, lab.ports.http);
  });

  test('deleted by hand or changed, it comes back; enableIngress "false": it goes, "true": it is there again', async () => {
    await lab.home.kubectl(['delete', 'ingressclass', ALB]);
    await eventually(async () => expect(await classOf()).toBeDefined());
    await lab.home.kubectl(['annotate', 'ingressclass', ALB, '--overwrite', 'alb.cpaas.io/project=x', 'foreign=stays']);
    await eventually(async () =>
      expect((await classOf())?.metadata.annotations).toMatchObject({
        'alb.cpaas.io/project': 'ALL_ALL',
        foreign: 'stays',
      }),
    );
    await lab.home.configure(ALB, { enableIngress: 'false' });
    await eventually(async () => expect(await classOf()).toBeUndefined());
    await lab.home.configure(ALB, { enableIngress: 'true' });
    await eventually(async () => expect(await classOf()).toBeDefined());
  });

  test('a class of that name that is not ours is not touched, neither when the ALB comes nor when it goes', async () => {
    const foreign = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'taken' },
      spec: { controller: 'example.com/other' },
    };
    await lab.home.apply(foreign);
    const before = await classOf('taken');
    await lab.home.addAlb('taken');
    await lab.home.kubectl(['delete', 'alb2', 'taken', '-n', ALB_NAMESPACE]);
    await eventually(async () =>
      expect(await lab.home.read('ALB2', { namespace: ALB_NAMESPACE, name: 'taken' })).toBeUndefined(),
    );
    expect(await classOf('taken')).toEqual(before);
  });
});
