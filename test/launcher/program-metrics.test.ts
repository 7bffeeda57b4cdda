/** `--metrics-address`: our programs say what their queues do, and who leads. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Installation } from '../acceptance/installation.ts';
import { MetricsPage } from '../acceptance/metrics-page.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { launcher } from './up-process.ts';

let home: Installation;

beforeAll(async () => {
  home = await Installation.start();
  await home.addAlb('alb');
});
afterAll(() => home.stop());

/** Runs a second one beside that of `up`, until what it serves is as wanted. */
async function untilMetrics(args: readonly string[], check: (page: MetricsPage) => void): Promise<void> {
  const port = await freePort();
  const line = [...args, '--kubeconfig', `${home.dataDirectory}/kubeconfig`, '--metrics-address', `127.0.0.1:${port}`];
  const child = spawn(launcher, line, { stdio: 'ignore' });
  const ended = once(child, 'close');
  try {
    await eventually(async () =>
      check(new MetricsPage(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text())),
    );
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

test('controllers: one that waits says that it does not lead', async () => {
  const args = ['controllers', '--identity', 'second'];
  await untilMetrics(args, (page) => {
    expect(page.types.get('leader_election_master_status')).toBe('gauge');
    expect(page.sum('leader_election_master_status')).toBe(0);
    expect(page.sum('process_resident_memory_bytes')).toBeGreaterThan(1e7);
  });
});

test('a program refuses an address that is none', async () => {
  const child = spawn(launcher, ['controllers', '--kubeconfig', 'none', '--metrics-address', 'here'], {
    stdio: 'ignore',
  });
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(2);
});
