import { spawn } from 'node:child_process';
import { once } from 'node:events';

const MARK = 'CAUSEWAY_CONFORMANCE_SANDBOX';

/** Whether this process is in a sandbox that {@link inSandbox} made. */
export function isInSandbox(): boolean {
  return process.env[MARK] === '1';
}

/**
 * Runs this program again, with the same arguments, where the whole network belongs to it: every port is free, addresses are its own, and nothing of it is
 * left when it ends, however it ends.
 *
 * @returns its exit code
 */
export async function inSandbox(): Promise<number> {
  const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const isolation = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  // Named network namespaces have their files in /run, which is a new one here.
  const inside = ['sh', '-c', 'mount -t tmpfs tmpfs /run && ip link set lo up && exec "$0" "$@"', process.execPath];
  const child = spawn('unshare', [...asRoot, ...isolation, ...inside, ...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, [MARK]: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
