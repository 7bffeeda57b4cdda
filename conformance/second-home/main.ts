/** `causeway conformance second-home`: our programs on a real Kubernetes API server; see README.md. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient } from '@causeway/protocols/kubernetes/client';
import { loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import { Command } from 'commander';
import { slateOf } from '../../test/acceptance/clean-slate.ts';
import { Kubectl } from '../../test/kubectl/kubectl.ts';
import { kubectlPath } from '../../test/kubectl/kubectl-path.ts';
import { controllersDeployment } from '../../tools/deploy/programs.ts';
import { runtimeDirectory } from '../go-program.ts';
import { Admin } from './admin.ts';
import { startCluster } from './cluster.ts';
import { install } from './install.ts';
import { Kubelet } from './kubelet.ts';
import { mistakesIn } from './logs.ts';
import { LoopbackPlaces, NODE_ADDRESS } from './pod-place.ts';
import { SELECTION } from './selection.ts';

interface Flags {
  readonly only?: readonly string[];
  readonly keep?: true;
}

const flags = new Command('causeway conformance second-home')
  .description(
    'Installs deploy/ on a real kube-apiserver, and runs acceptance tests against what serves there. Needs root.',
  )
  .option('--only <texts...>', 'only test files whose path holds one of these texts')
  .option('--keep', 'keep logs and data')
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Flags>();

const repository = path.resolve(import.meta.dirname, '../..');
const runtime = runtimeDirectory();
const directory = mkdtempSync(path.join(tmpdir(), 'causeway-second-home-'));
const image = controllersDeployment().spec?.template.spec?.containers[0]?.image ?? '';
const ending: (() => Promise<void>)[] = [];
let failed = true;
const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort());
try {
  const cluster = await startCluster(runtime, path.join(directory, 'cluster'));
  ending.push(() => cluster.stop());
  const admin = new Admin(cluster);
  ending.push(() => admin.close());
  const pods = path.join(directory, 'pods');
  mkdirSync(pods);
  const places = await LoopbackPlaces.start();
  ending.push(() => places.stop());
  const kubelet = new Kubelet({
    admin,
    subject: cluster,
    directory: pods,
    repository,
    runtimeDirectory: runtime,
    image,
    places,
  });
  ending.push(() => kubelet.stop());
  await kubelet.start();
  const kubectl = new Kubectl(await kubectlPath(), cluster.kubeconfig, path.join(directory, 'kubectl-cache'));
  await install(kubectl, path.join(repository, 'deploy'));
  console.log('installed; two replicas of the controllers are ready, and the API server asks the webhook');
  failed = !(await acceptance(cluster.kubeconfig));
  const mistakes = mistakesIn(kubelet.logs());
  for (const mistake of mistakes) console.log(mistake);
  failed ||= mistakes.length > 0;
} finally {
  for (const end of ending.toReversed()) await end().catch((error: unknown) => console.error(error));
  if (failed || flags.keep === true) console.log(`logs: ${directory}`);
  else rmSync(directory, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);

/** Acceptance tests, with what is installed in the place of an `up` that test files share. @returns whether all pass */
async function acceptance(kubeconfig: string): Promise<boolean> {
  const shared = path.join(directory, 'shared');
  const slot = path.join(shared, 'up-1');
  mkdirSync(path.join(slot, 'data'), { recursive: true });
  const access = await loadKubeconfig(kubeconfig);
  const client = createClient(access);
  writeFileSync(path.join(slot, 'slate.json'), JSON.stringify(await slateOf(client)));
  await client.close();
  writeFileSync(path.join(slot, 'pid'), String(process.pid));
  copyFileSync(kubeconfig, path.join(slot, 'data', 'kubeconfig'));
  const files = SELECTION.filter((file) => (flags.only ?? ['']).some((text) => file.includes(text)));
  const vitest = path.join(repository, 'node_modules/.bin/vitest');
  const running = spawn(vitest, ['run', '--project', 'checks', '--no-file-parallelism', ...files], {
    cwd: repository,
    stdio: ['ignore', 'inherit', 'inherit'],
    signal: interrupted.signal,
    env: { ...process.env, CAUSEWAY_SHARED_INSTALLATIONS: shared, CAUSEWAY_BACKEND_ADDRESS: NODE_ADDRESS },
  });
  // Aborted: the error is thrown here, and what was started is ended.
  const [code] = (await once(running, 'exit')) as [number | null];
  return code === 0;
}
