import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { group } from '../acceptance/objects.ts';
import { answersWith, Lab, shares } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['a', 'b', 'c']);
  await lab.serve('svc-1', ['a', 'b']);
  await lab.serve('svc-2', ['c']);
});
afterAll(() => lab.stop());

describe('ALB-61 weights', () => {
  test('svc-1 with 2 pods and svc-2 with 1, weights 1:1: 25, 25, 50 percent of 4000 requests, within 2 points', async () => {
    const port = await lab.open('even', { serviceGroup: group({ 'svc-1': 1, 'svc-2': 1 }) });
    await answersWith(200, port);
    const { a = 0, b = 0, c = 0 } = await shares(4000, () => ask(port));
    for (const [got, percent] of [
      [a, 25],
      [b, 25],
      [c, 50],
    ] as const) {
      expect(Math.abs(got / 40 - percent)).toBeLessThan(2);
    }
  });

  test('weights 100:0: svc-2 gets nothing', async () => {
    const port = await lab.open('one', { serviceGroup: group({ 'svc-1': 100, 'svc-2': 0 }) });
    await answersWith(200, port);
    const { a = 0, b = 0, ...others } = await shares(200, () => ask(port));
    expect(others).toEqual({});
    // Each of the two workers shares its own requests evenly.
    expect(Math.abs(a - b)).toBeLessThanOrEqual(2);
  });

  test('all weights 0: 500 InvalidBalancer', async () => {
    const port = await lab.open('none', { serviceGroup: group({ 'svc-1': 0, 'svc-2': 0 }) });
    const answer = await answersWith(500, port);
    expect(answer.headers['x-alb-err-reason']).toBe('InvalidBalancer : no peer');
    expect(answer.body).toBe('X-Error: 500\n');
  });
});
