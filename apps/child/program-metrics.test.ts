import type { AddressInfo } from 'node:net';
import { WorkQueue } from '@causeway/reconcile/work-queue';
import pino from 'pino';
import { expect, test } from 'vitest';
import { serveProgramMetrics } from './program-metrics.ts';

test('queues and process, as Prometheus reads them', async () => {
  let failed = false;
  const queue = new WorkQueue({
    name: 'rule',
    log: pino({ level: 'silent' }),
    reconcile: (key) => {
      const fails = key === 'b' && !failed;
      failed ||= fails;
      return fails ? Promise.reject(new Error('once')) : Promise.resolve({});
    },
  });
  for (const key of ['a', 'b']) queue.add(key);
  await expect.poll(() => queue.stats).toMatchObject({ depth: 0, adds: 3, runs: 3, retries: 1 });

  const server = await serveProgramMetrics(
    { host: '127.0.0.1', port: 0 },
    { queues: () => [queue.stats], leads: () => true },
  );
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  const lines = (await answer.text()).split('\n');
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(lines).toContain('leader_election_master_status 1');
  expect(lines).toContain('workqueue_depth{name="rule"} 0');
  expect(lines).toContain('workqueue_adds_total{name="rule"} 3');
  expect(lines).toContain('workqueue_retries_total{name="rule"} 1');
  expect(lines).toContain('workqueue_work_duration_seconds_count{name="rule"} 3');
  expect(lines.find((line) => line.startsWith('process_resident_memory_bytes'))).toMatch(/ \d{7,}$/);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  server.closeAllConnections();
  server.close();
  await queue.stop();
});
