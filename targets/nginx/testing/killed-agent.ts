import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { OneRoute } from './one-route.ts';

/** Runs an agent with the one route in a process of its own until all its workers are ready, then kills it; its nginx runs on. */
export async function runAndKillAgent(one: OneRoute): Promise<void> {
  const { runDirectory, dataplaneDirectory } = one.home.options;
  const args = [runDirectory, dataplaneDirectory, one.port, one.metricsPort, one.backendPort].map(String);
  const script = join(import.meta.dirname, 'owner.ts');
  const owner = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    owner.once('exit', () => reject(new Error('the owner ended')));
    owner.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('"ready":true')) resolve();
    });
  });
  owner.removeAllListeners('exit');
  const ended = new Promise((resolve) => owner.once('exit', resolve));
  owner.kill('SIGKILL');
  await ended;
}
