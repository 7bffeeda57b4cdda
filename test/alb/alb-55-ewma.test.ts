import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { group } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { answersWith, Lab } from './lab.ts';

const CONCURRENCY = 10;
let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['a', 'b'], { workerLimit: 1 });
  await lab.serve('pods', ['a', 'b']);
  port = await lab.open('ewma', { serviceGroup: { ...group({ pods: 100 }), session_affinity_policy: 'ewma' } });
  await answersWith(200, port);
});
afterAll(() => lab.stop());

/** Percent of the requests that backend `a` gets. */
async function shareOfA(requests: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  let left = requests;
  let a = 0;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { status, headers } = await ask(port, '/', { agent });
      expect(status).toBe(200);
      if (headers['x-backend'] === 'a') a += 1;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, client));
  agent.destroy();
  return (a / requests) * 100;
}

describe('ALB-55 EWMA', () => {
  test('5 ms and 100 ms, 1000 requests at concurrency 10: the fast pod gets more than 80 percent', async () => {
    lab.backends['a']?.slowDown(5);
    lab.backends['b']?.slowDown(100);
    await eventually(async () => expect(await shareOfA(1000)).toBeGreaterThan(80));
  });

  test('when the slow one becomes fast, both get 35 to 65 percent', async () => {
    lab.backends['b']?.slowDown(5);
    await eventually(async () => {
      const share = await shareOfA(500);
      expect(share).toBeGreaterThan(35);
      expect(share).toBeLessThan(65);
    }, 30_000);
  });
});
