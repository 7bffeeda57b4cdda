import type { Rule } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { eventually } from '../e2e/eventually.ts';
import { ingressOf, rulesOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app']);
});
afterAll(() => lab.stop());

describe('ALB-20 update in place', () => {
  const web = (...paths: readonly string[]) =>
    ingressOf('web', { className: ALB, hosts: { 'a.com': paths.map((path) => ({ path })) } });
  const rules = () => rulesOf(lab.home, 'web');
  const namesOf = (found: Readonly<Record<string, Rule>>) => Object.values(found).map(({ metadata }) => metadata.name);
  const urlsOf = (found: Readonly<Record<string, Rule>>) => Object.values(found).map(({ spec }) => spec.url);
  const versions = (found: Readonly<Record<string, Rule>>) =>
    Object.values(found).map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);
  let before: Readonly<Record<string, Rule>>;

  test('an annotation that means nothing: names and resourceVersions stay', async () => {
    await lab.home.apply(web('/one', '/two'));
    before = await eventually(async () => {
      const found = await rules();
      expect(urlsOf(found)).toEqual(['/one', '/two']);
      return found;
    });
    await lab.home.kubectl(['annotate', 'ingress', 'web', 'a=1']);
    await lab.home.kubectl(['label', 'ingress', 'web', 'b=2']);
    // The next change goes through the same queue: when it is there, those before were handled.
    await lab.home.apply(ingressOf('after', { className: ALB, hosts: { 'after.com': [{}] } }));
    await answersWith(200, lab.ports.http, '/', { host: 'after.com' });
    expect(versions(await rules())).toEqual(versions(before));
  });

  test('a path inserted at position 0: existing names keep their index, contents shift', async () => {
    await lab.home.apply(web('/zero', '/one', '/two'));
    const after = await eventually(async () => {
      const found = await rules();
      expect(urlsOf(found)).toEqual(['/zero', '/one', '/two']);
      return found;
    });
    expect(namesOf(after).slice(0, 2)).toEqual(namesOf(before));
    await answersWith(200, lab.ports.http, '/zero', { host: 'a.com' });
  });

  test('a path removed: its Rule goes, the others stay', async () => {
    const [first, second] = namesOf(await rules());
    await lab.home.apply(web('/zero', '/one'));
    await eventually(async () => expect(namesOf(await rules())).toEqual([first, second]));
    await answersWith(404, lab.ports.http, '/two', { host: 'a.com' });
  });

  test('a second Rule of an index is removed', async () => {
    const [rule] = Object.values(await rules());
    const { name = '', labels, annotations, ownerReferences } = rule?.metadata ?? {};
    await lab.home.apply({
      ...rule,
      metadata: { name: `${name}-twin`, namespace: ALB_NAMESPACE, labels, annotations, ownerReferences },
    });
    await eventually(async () =>
      expect((await lab.home.list('Rule')).map(({ metadata }) => metadata.name)).not.toContain(`${name}-twin`),
    );
    expect(namesOf(await rules())).toContain(name);
  });

  test('what a user changed in a Rule of an Ingress is taken back', async () => {
    const [name = ''] = namesOf(await rules());
    await lab.home.kubectl([
      'patch',
      'rule',
      name,
      '-n',
      ALB_NAMESPACE,
      '--type=merge',
      '-p',
      '{"spec":{"priority":9}}',
    ]);
    await eventually(async () => expect(Object.values(await rules())[0]?.spec.priority).toBe(5));
  });
});
