/** `causeway controllers`: translates Ingresses and writes derived objects and status, one leader at a time. */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';
import type { ObjectKey } from '@causeway/apis/meta/object';
import { VERSION } from '@causeway/apis/meta/version';
import { startLeader } from '@causeway/controllers/leader';
import type { Queues } from '@causeway/controllers/queues';
import { createClient } from '@causeway/protocols/kubernetes/client';
import { loadAccess } from '@causeway/protocols/kubernetes/in-cluster';
import { runLeaderElection } from '@causeway/reconcile/leader-election';
import { CLUSTER_KIND_NAMES, CONTROLLER_KIND_NAMES, KIND_NAMES } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import { startHostNames } from '@causeway/sources/dns/host-names';
import { startReflectors } from '@causeway/sources/kubernetes/reflectors';
import { apiTargets } from '@causeway/targets/objects/api-targets';
import { nameRefreshes } from '@causeway/translate/gateway-api/policy/name-refresh';
import { Command, Option } from 'commander';
import pino from 'pino';
import { dnsServerOption } from './child/dns-server.ts';
import { collectWhenIdle } from './child/idle-collection.ts';
import { tellReady, untilEnd, untilLetGo } from './child/lifetime.ts';
import { type MetricsAddress, metricsAddressOption, serveProgramMetrics } from './child/program-metrics.ts';
import { deploymentOption } from './controllers/own-deployment.ts';
import { ownImage } from './controllers/own-image.ts';
import { runWebhook, webhookAddressOption, webhookServiceOption } from './controllers/webhook.ts';

interface Flags {
  readonly kubeconfig?: string;
  readonly identity?: string;
  readonly instances: 'home' | 'cluster';
  readonly image?: string;
  readonly deployment?: ObjectKey;
  readonly dnsServer: readonly string[];
  readonly metricsAddress?: MetricsAddress;
  readonly webhookService?: ObjectKey;
  readonly webhookAddress: MetricsAddress;
  readonly held?: true;
}

const DEFAULT_IMAGE = `causeway:${VERSION}`;

const flags = new Command('causeway controllers')
  .description('Runs the controllers against an API server; of several processes, one works at a time.')
  .option('--kubeconfig <file>', 'how to reach the API server (default: as a pod of its cluster)')
  .option(
    '--identity <text>',
    'name in the Lease; two processes that run at once need two (default: host and kubeconfig)',
  )
  .addOption(dnsServerOption())
  .addOption(
    new Option('--instances <where>', 'where data planes run: agents of this machine (home), or pods of the cluster')
      .choices(['home', 'cluster'])
      .default('home'),
  )
  .option('--image <name>', `what pods of data planes run (default: what this pod runs, else ${DEFAULT_IMAGE})`)
  .addOption(deploymentOption())
  .addOption(webhookServiceOption())
  .addOption(webhookAddressOption())
  .addOption(metricsAddressOption())
  .addOption(new Option('--held', 'load, and wait until the parent process lets it begin').hideHelp())
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Flags>();

const log = pino({ base: { program: 'controllers' } }, pino.destination({ dest: 2, sync: true }));
const end = untilEnd();
collectWhenIdle();
if (flags.held === true) await untilLetGo(end);
const client = createClient(await loadAccess(flags.kubeconfig));
const snapshot = new Snapshot();
startHostNames(snapshot, { servers: flags.dnsServer, refreshesOf: nameRefreshes });
const reflectors = startReflectors(client, snapshot, log, {
  kinds: [...KIND_NAMES, ...CONTROLLER_KIND_NAMES, ...(flags.instances === 'home' ? [] : CLUSTER_KIND_NAMES)],
});

const instances =
  flags.instances === 'home'
    ? 'home'
    : { image: flags.image ?? (await ownImage(client)) ?? DEFAULT_IMAGE, deployment: flags.deployment };

let leader: Queues | undefined;
if (flags.metricsAddress !== undefined) {
  const leads = (): boolean => leader !== undefined;
  await serveProgramMetrics(flags.metricsAddress, { queues: () => leader?.stats() ?? [], leads });
}
const stopping = new AbortController();
if (flags.webhookService !== undefined) {
  let isComplete = false;
  void reflectors.synced.then(() => {
    isComplete = true;
  });
  const read = () => (isComplete ? snapshot.present : undefined);
  const { webhookService: service, webhookAddress: address } = flags;
  void runWebhook({ client, service, address, read, log, signal: stopping.signal });
}
const election = runLeaderElection({
  client,
  lease: { namespace: 'kube-system', name: 'causeway-controllers' },
  identity: flags.identity ?? stableIdentity(flags.kubeconfig),
  signal: stopping.signal,
  log,
  onStarted: (term) => {
    void reflectors.synced.then(() => {
      if (term.aborted) return;
      leader = startLeader({
        snapshot,
        targets: apiTargets(client),
        instances,
        log,
        now: () => new Date(),
      });
      leader.whenIdle(tellReady);
    });
  },
  onStopped: async () => {
    await leader?.stop();
    if (stopping.signal.aborted) return;
    // What was under way when the lease was lost is not known: start anew, with nothing remembered.
    log.error('lost the lease');
    process.exit(1);
  },
});

if ((await end) === 'asked') {
  stopping.abort();
  await election;
}
process.exit(0);

/**
 * The same for every process that serves this machine's kubeconfig, so that one
 * that is started again after a kill takes over its own Lease without waiting
 * for it to run out. In a cluster the host name is the Pod's and tells them apart.
 */
function stableIdentity(file = ''): string {
  return `${hostname()}_${createHash('sha256').update(path.resolve(file)).digest('hex').slice(0, 8)}`;
}
