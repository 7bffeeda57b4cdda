import { KIND_REFS, type KindMap, type KindName } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { frontend, group, rule, serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { Home } from '../e2e/home.ts';
import { alb, ingress } from '../e2e/quick-start.ts';
import { freePort } from '../e2e/traffic.ts';
import { Lab } from './lab.ts';

describe('ALB-127 an ALB2 that is deleted', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.start(['app']);
  });
  afterAll(() => lab.stop());

  test('takes its ports with it while traffic flows; other ALBs and the programs stay', async () => {
    const { home } = lab;
    const kept = await lab.open('kept', { serviceGroup: group({ app: 100 }) });
    await home.addAlb('going');
    const port = await freePort();
    await home.apply(frontend('going', 'going-port', port, { serviceGroup: group({ app: 100 }) }));
    await eventually(async () => expect(await ask(port)).toMatchObject({ status: 200 }));
    const { masters } = home.nginx(port);
    const others = home.programs();
    await home.kubectl(['delete', 'alb2', 'going', '-n', ALB_NAMESPACE]);
    await eventually(() => expect(ask(port)).rejects.toThrow('ECONNREFUSED'));
    await eventually(() => expect(home.nginx(port)).toEqual({ masters: [], workers: [] }));
    expect(masters).toHaveLength(1);
    expect(await ask(kept)).toMatchObject({ status: 200 });
    expect(home.programs()).toEqual(others);
  });
});

describe('ALB-127 without a living instance', () => {
  const home = new Home();
  beforeAll(async () => {
    await home.start('apiserver');
    await home.start('controllers');
  });
  afterAll(() => home.stop());

  async function list<K extends KindName>(kind: K): Promise<readonly KindMap[K][]> {
    return (await home.api.list(KIND_REFS[kind])).items as unknown as readonly KindMap[K][];
  }

  const addressesOf = (object: KindMap['Ingress'] | undefined) => object?.status?.loadBalancer?.ingress ?? [];

  test('an ALB2 with Ingresses and 500 Rules of its own is gone within 15 s; nothing with its name is left', async () => {
    const key = { namespace: ALB_NAMESPACE, name: 'gone' };
    const objects = [
      alb('gone', { http: 18_080, https: 18_443, metrics: 18_936 }),
      frontend('gone', 'own', 18_081, { serviceGroup: group({ app: 100 }) }),
      ...serviceTo({ name: 'app', port: 1 }),
      ...Array.from({ length: 20 }, (_, index) => ingress(`app-${index}`, `/${index}`, 'app')),
      ...Array.from({ length: 500 }, (_, index) =>
        rule(
          { alb: 'gone', frontend: 'own', name: `own-${index}` },
          { dslx: [{ type: 'URL', values: [['EQ', `/${index}`]] }], serviceGroup: group({ app: 100 }) },
        ),
      ),
    ];
    for (const object of objects) await home.api.create(KIND_REFS[object.kind as KindName], object);
    await eventually(async () => {
      for (const each of await list('Ingress')) expect(addressesOf(each)).toHaveLength(2);
    });
    const stored = (await home.api.get(KIND_REFS.ALB2, key)) as KindMap['ALB2'] | undefined;
    expect(stored?.metadata.finalizers?.toSorted()).toEqual(['alb2.finalizer', 'alb2_instance.finalizer']);

    await home.api.delete(KIND_REFS.ALB2, key);
    await eventually(async () => expect(await home.api.get(KIND_REFS.ALB2, key)).toBeUndefined(), 15_000);
    for (const kind of ['Frontend', 'Rule', 'IngressClass', 'Instance'] as const) expect(await list(kind)).toEqual([]);
    for (const each of await list('Ingress')) expect(addressesOf(each)).toEqual([]);
  });
});
