import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { frontendName, ingressOf, rulesOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';

let lab: Lab;
let frontend: string;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  frontend = frontendName(ALB, lab.ports.http);
});
afterAll(() => lab.stop());

describe('ALB-19 one Rule per path per port', () => {
  const hosts = (secondPath: object = {}) => ({
    'a.com': [{ path: '/one' }, { path: '/two', ...secondPath }],
    'b.com': [{ path: '/one', port: 'http' }, { path: '/two' }],
  });

  test('2 hosts x 2 paths: 4 Rules with their indexes', async () => {
    await lab.home.apply(ingressOf('web', { className: ALB, hosts: hosts() }));
    await eventually(async () =>
      expect(Object.keys(await rulesOf(lab.home, 'web'))).toEqual(
        ['0-0', '0-1', '1-0', '1-1'].map((index) => `${frontend} ${index}`),
      ),
    );
    await answersWith(200, lab.ports.http, '/two/x', { host: 'b.com' });
  });

  test('what a Rule says', async () => {
    const rule = (await rulesOf(lab.home, 'web'))[`${frontend} 1-0`];
    expect(rule?.metadata.name).toMatch(new RegExp(`^${frontend}-[a-z0-9]{4,}$`));
    expect(rule).toMatchObject({
      metadata: {
        namespace: 'kube-system',
        labels: {
          'alb2.cpaas.io/name': ALB,
          'alb2.cpaas.io/frontend': frontend,
          'alb2.cpaas.io/source-type': 'ingress',
          'alb2.cpaas.io/source-name': 'web',
          'alb2.cpaas.io/source-ns': 'default',
          'alb2.cpaas.io/source-index': '1-0',
        },
        annotations: { 'alb2.cpaas.io/source-ingress-rule-index': '1', 'alb2.cpaas.io/source-ingress-path-index': '0' },
        ownerReferences: [{ kind: 'Frontend', name: frontend }],
      },
      spec: {
        domain: 'b.com',
        url: '/one',
        rewrite_base: '/one',
        priority: 5,
        dslx: [
          { type: 'HOST', values: [['EQ', 'b.com']] },
          { type: 'URL', values: [['STARTS_WITH', '/one']] },
        ],
        // The Service's port is called http.
        serviceGroup: { services: [{ namespace: 'default', name: 'app', port: 80, weight: 100 }] },
        source: { type: 'ingress', namespace: 'default', name: 'web' },
        description: `default/web:${lab.ports.http}:0`,
      },
    });
  });

  test('path 2 uses a port name that the Service does not have: 3 Rules, and an event', async () => {
    await lab.home.apply(ingressOf('web', { className: ALB, hosts: hosts({ port: 'nope' }) }));
    await eventually(async () =>
      expect(Object.keys(await rulesOf(lab.home, 'web'))).toEqual(
        ['0-0', '1-0', '1-1'].map((index) => `${frontend} ${index}`),
      ),
    );
    await eventually(async () =>
      expect(await eventsOf(lab.home, 'Ingress', 'web')).toContain(
        'Warning RefNotFound spec.rules[0].http.paths[1].backend.service: Service default/app has no port named nope',
      ),
    );
  });

  test('priority by annotation; 0 and what is no number: 5', async () => {
    const priority = 'alb.cpaas.io/ingress-rule-priority-';
    const annotations = { [`${priority}0-0`]: '2', [`${priority}1-0`]: '0', [`${priority}1-1`]: 'high' };
    await lab.home.apply(ingressOf('web', { className: ALB, hosts: hosts(), annotations }));
    await eventually(async () => {
      const rules = await rulesOf(lab.home, 'web');
      expect(Object.values(rules).map(({ spec }) => spec.priority)).toEqual([2, 5, 5, 5]);
    });
  });

  test('names of more than 63 characters are cut in labels', async () => {
    const name = `${'long-'.repeat(13)}name`;
    await lab.home.apply(ingressOf(name, { className: ALB, hosts: { 'long.com': [{}] } }));
    await answersWith(200, lab.ports.http, '/', { host: 'long.com' });
    const [rule] = Object.values(await rulesOf(lab.home, name));
    expect(rule?.metadata.labels?.['alb2.cpaas.io/source-name']).toBe(
      'long-'.repeat(13).slice(0, 63).replace(/-$/, ''),
    );
  });

  test('a number needs no Service: the Rule is there, and its requests are answered with the reason', async () => {
    await lab.home.apply(ingressOf('made-up', { className: ALB, hosts: { 'c.com': [{ service: 'none', port: 1 }] } }));
    const answer = await answersWith(500, lab.ports.http, '/', { host: 'c.com' });
    expect(answer.headers['x-alb-err-reason']).toMatch(/^InvalidBalancer/);
  });
});
