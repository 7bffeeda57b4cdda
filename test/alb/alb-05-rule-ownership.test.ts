import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { frontend, group, ingress, rule } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { eventsOf } from './events.ts';
import { ALB, answersWith, Lab } from './lab.ts';
import { addRules, expectMatch, startsWith, to } from './matching.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  port = await lab.open('web');
});
afterAll(() => lab.stop());

function kubectl(...args: readonly string[]): Promise<string> {
  return lab.home.kubectl([...args, '-n', ALB_NAMESPACE]);
}

describe('ALB-05 Rule ownership', () => {
  test('a Rule needs both labels; without one it is out', async () => {
    await addRules(lab, 'web', { owned: to('app', startsWith('/')) });
    await expectMatch(port, { name: 'both', want: 'app' });
    for (const [label, value] of [
      ['alb2.cpaas.io/frontend', 'web'],
      ['alb2.cpaas.io/name', ALB],
    ]) {
      await kubectl('label', 'rule', 'owned', `${label}-`);
      await expectMatch(port, { name: `without ${label}`, want: 404 });
      await eventually(async () =>
        expect(await eventsOf(lab.home, 'Rule', 'owned')).toContain(
          `Warning InvalidField metadata.labels[${label}]: Required value`,
        ),
      );
      await kubectl('label', 'rule', 'owned', `${label}=${value}`);
      await expectMatch(port, { name: `with ${label} again`, want: 'app' });
    }
  });

  test('the Frontend is deleted: Rules of Ingresses go with it, those of users stay and do nothing', async () => {
    await lab.home.apply(ingress('shop', '/shop', 'app'));
    await answersWith(200, lab.ports.http, '/shop');
    const name = `${ALB}-${String(lab.ports.http).padStart(5, '0')}`;
    await addRules(lab, name, { manual: to('app', startsWith('/manual')) });
    await answersWith(200, lab.ports.http, '/manual');
    // The Ingress would have the Frontend made again: a Rule that is owned like its own stands for them.
    await lab.home.kubectl(['delete', 'ingress', 'shop']);
    const ofIngress = async () => (await lab.home.list('Rule')).filter(({ spec }) => spec.source?.type === 'ingress');
    await eventually(async () => expect(await ofIngress()).toEqual([]));
    const owned = rule({ alb: ALB, frontend: name, name: 'of-ingress' }, to('app', startsWith('/owned')));
    const { uid } = (await lab.home.read('Frontend', { namespace: ALB_NAMESPACE, name }))?.metadata ?? {};
    const owner = { apiVersion: 'crd.alauda.io/v1', kind: 'Frontend', name, uid };
    await lab.home.apply({ ...owned, metadata: { ...owned.metadata, ownerReferences: [owner] } });
    await answersWith(200, lab.ports.http, '/owned');
    await kubectl('delete', 'frontend', name);
    await eventually(async () =>
      expect((await lab.home.list('Rule')).map(({ metadata }) => metadata.name).sort()).toEqual(['manual', 'owned']),
    );
    await eventually(async () =>
      expect(await eventsOf(lab.home, 'Rule', 'manual')).toContain(
        `Warning RefNotFound Frontend ${ALB_NAMESPACE}/${name} not found`,
      ),
    );
    await expectMatch(port, { name: 'other ports are served', want: 'app' });
  });

  test('bad input: a Rule of a tcp Frontend', async () => {
    await lab.home.apply(
      frontend(ALB, 'layer4', await freePort(), { protocol: 'tcp', serviceGroup: group({ app: 100 }) }),
    );
    const { code, stderr } = await lab.home.tryApply(
      rule({ alb: ALB, frontend: 'layer4', name: 'refused' }, to('app', startsWith('/'))),
    );
    expect(code).toBe(1);
    expect(stderr).toContain(
      'metadata.labels[alb2.cpaas.io/frontend]: Forbidden: Frontend "layer4" is tcp and takes no Rules',
    );
  });
});
