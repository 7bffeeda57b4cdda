import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { group } from '../acceptance/objects.ts';
import { answersWith, Lab, shares } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['a', 'b'], { workerLimit: 1 });
});
afterAll(() => lab.stop());

describe('ALB-51 round robin', () => {
  test('2 pods, 100 sequential requests on one worker: 50/50', async () => {
    await lab.serve('both', ['a', 'b']);
    const port = await lab.open('equal', { serviceGroup: group({ both: 100 }) });
    await answersWith(200, port);
    expect(await shares(100, () => ask(port))).toEqual({ a: 50, b: 50 });
  });

  test('weights 70:30 with one pod each: 70/30 per 100', async () => {
    const port = await lab.open('weighted', { serviceGroup: group({ a: 70, b: 30 }) });
    await answersWith(200, port);
    expect(await shares(100, () => ask(port))).toEqual({ a: 70, b: 30 });
  });

  test('a pod that refuses connections costs no request', async () => {
    await lab.serve('dying', ['a', 'b']);
    const port = await lab.open('dying', { serviceGroup: group({ dying: 100 }) });
    await answersWith(200, port);
    await lab.backends['b']?.close();
    expect(await shares(30, () => ask(port))).toEqual({ a: 30 });
  });
});
