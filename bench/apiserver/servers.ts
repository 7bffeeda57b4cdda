import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { kubernetesPrograms, startKubeApiServer } from '../../conformance/apiserver/kube-apiserver.ts';
import { runtimeDirectory } from '../../conformance/go-program.ts';
import type { BenchmarkOptions } from '../benchmark.ts';

/** As `up` starts it; see apps/up/supervised-program.ts. */
const ENGINE_FLAGS = ['--max-semi-space-size=4', '--expose-gc', '--liftoff-only'];
const ENVIRONMENT = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '262144' };

/** An API server under test. */
export interface Server {
  readonly name: string;
  readonly pids: readonly number[];
  readonly kubeconfigFile: string;
  stop(): Promise<void>;
}

export async function startCauseway({ dataplaneDirectory }: BenchmarkOptions, within: string): Promise<Server> {
  const directory = path.join(within, 'causeway');
  mkdirSync(directory, { recursive: true });
  const program = path.join(path.dirname(dataplaneDirectory), 'apiserver.js');
  const log = openSync(path.join(directory, 'apiserver.log'), 'a');
  const child = fork(program, ['--data-dir', directory, '--port', '0'], {
    stdio: ['ignore', log, log, 'ipc'],
    execArgv: ENGINE_FLAGS,
    env: { ...process.env, ...ENVIRONMENT },
  });
  await once(child, 'message');
  return {
    name: 'causeway',
    pids: [child.pid ?? 0],
    kubeconfigFile: path.join(directory, 'kubeconfig'),
    async stop() {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

/** Absent where it is not built. Slow to start, and not needed to see that the benchmark works. */
export async function startKubernetes({ quick }: BenchmarkOptions, within: string): Promise<Server | undefined> {
  const runtime = runtimeDirectory();
  if (quick || !['etcd.json', 'kube-apiserver.json'].every((name) => existsSync(path.join(runtime, name)))) {
    return undefined;
  }
  const directory = path.join(within, 'kubernetes');
  const { kubeconfig, pids, stop } = await startKubeApiServer(kubernetesPrograms(runtime), directory, {
    durable: true,
  });
  return { name: 'kube-apiserver, etcd', pids, kubeconfigFile: kubeconfig, stop };
}
