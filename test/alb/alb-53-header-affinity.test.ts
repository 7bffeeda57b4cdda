import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { frontend, group } from '../acceptance/objects.ts';
import { ALB, answersWith, Lab, shares } from './lab.ts';

const PODS = ['a', 'b', 'c'];
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(PODS);
  await lab.serve('pods', PODS);
});
afterAll(() => lab.stop());

describe('ALB-53 header affinity', () => {
  test('20 requests x-user: u1 reach one pod; without the header they spread', async () => {
    const port = await lab.open('header', {
      serviceGroup: {
        ...group({ pods: 100 }),
        session_affinity_policy: 'header',
        session_affinity_attribute: 'X-User',
      },
    });
    await answersWith(200, port);
    const same = await shares(20, () => ask(port, '/', { headers: { 'x-user': 'u1' } }));
    expect(Object.values(same)).toEqual([20]);
    const spread = await shares(60, () => ask(port));
    expect(Object.keys(spread).sort()).toEqual(PODS);
    const users = await shares(60, (index) => ask(port, '/', { headers: { 'x-user': `u${index}` } }));
    expect(Object.keys(users).sort()).toEqual(PODS);
  });

  test('header without attribute: admission error', async () => {
    const { code, stderr } = await lab.home.tryApply(
      frontend(ALB, 'refused', 8099, {
        serviceGroup: { ...group({ pods: 100 }), session_affinity_policy: 'header' },
      }),
    );
    expect(code).toBe(1);
    expect(stderr).toContain('spec.serviceGroup.session_affinity_attribute: Required value: name of the header');
  });
});
