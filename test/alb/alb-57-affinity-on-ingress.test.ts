import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ingress } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ALB, answersWith, Lab } from './lab.ts';

const POLICY = 'alb.ingress.cpaas.io/session-affinity-policy';
const ATTRIBUTE = 'alb.ingress.cpaas.io/session-affinity-attribute';
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['a']);
});
afterAll(() => lab.stop());

describe('ALB-57 affinity on Ingress', () => {
  test('cookie and route: the Rule has them, the response sets cookie route', async () => {
    const annotations = { [POLICY]: 'cookie', [ATTRIBUTE]: 'route' };
    await lab.home.apply(ingress('sticky', '/', 'a', { className: ALB, annotations }));
    const answer = await answersWith(200, lab.ports.http);
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^route=/);
    const [rule] = await lab.home.list('Rule');
    expect(rule?.spec.serviceGroup).toMatchObject({
      session_affinity_policy: 'cookie',
      session_affinity_attribute: 'route',
    });
  });

  test('an unknown policy: an event names it, requests are served', async () => {
    await lab.home.apply(ingress('odd', '/odd', 'a', { className: ALB, annotations: { [POLICY]: 'best' } }));
    await answersWith(200, lab.ports.http, '/odd');
    await eventually(async () => {
      const events = await lab.home.kubectl(['get', 'events', '-o', 'jsonpath={.items[*].message}']);
      expect(events).toContain('session_affinity_policy: Unsupported value: "best"; round robin is used');
    });
  });
});
