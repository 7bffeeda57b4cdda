/** `causeway agent`: runs the data planes of this machine. */
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { type ObjectKey, objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';
import {
  ALB_KINDS,
  DATA_PLANE_KINDS,
  type DataPlanes,
  KINDS_READ_FOR,
  startDataPlanes,
} from '@causeway/controllers/data-planes';
import { EndpointChecks } from '@causeway/controllers/health/endpoint-checks';
import { instanceName } from '@causeway/controllers/instance-report';
import { openidProviders } from '@causeway/controllers/openid/named-providers';
import { Discovery } from '@causeway/controllers/openid/provider-endpoints';
import { requestQuestions } from '@causeway/controllers/request-questions';
import { serviceAddresses } from '@causeway/controllers/service-addresses';
import { serviceFetch } from '@causeway/controllers/service-fetch';
import { serviceTls } from '@causeway/controllers/service-tls';
import { createClient } from '@causeway/protocols/kubernetes/client';
import { loadAccess } from '@causeway/protocols/kubernetes/in-cluster';
import { Snapshot } from '@causeway/resources/snapshot';
import { startHostNames } from '@causeway/sources/dns/host-names';
import { nameLookUp } from '@causeway/sources/dns/look-up';
import { startReflectors } from '@causeway/sources/kubernetes/reflectors';
import { type AddressRange, parseAddressRange } from '@causeway/targets/nginx/addresses';
import { NginxInstances } from '@causeway/targets/nginx/instances';
import { apiTargets } from '@causeway/targets/objects/api-targets';
import type { ValidCertificate } from '@causeway/translate/gateway/certificate-choice';
import { ingressNginxOf } from '@causeway/translate/gateway/ingress-nginx/settings';
import { classOfPlane } from '@causeway/translate/gateway-api/class/merged-class';
import { gatewayOf } from '@causeway/translate/gateway-api/plane/data-plane';
import { nameRefreshes } from '@causeway/translate/gateway-api/policy/name-refresh';
import { Command, InvalidArgumentError, Option } from 'commander';
import pino from 'pino';
import { firewallRuntime } from './agent/firewall-runtime.ts';
import { MemoryFile } from './agent/memory-file.ts';
import { passwordThread } from './agent/password-thread.ts';
import { readRuntimeFile } from './agent/runtime-file.ts';
import { tokenReview } from './agent/token-review.ts';
import { dnsServerOption } from './child/dns-server.ts';
import { collectWhenIdle } from './child/idle-collection.ts';
import { tellReady, untilEnd, untilLetGo } from './child/lifetime.ts';
import { type MetricsAddress, metricsAddressOption, serveProgramMetrics } from './child/program-metrics.ts';

interface Flags {
  readonly kubeconfig?: string;
  readonly runDir: string;
  readonly runtime: string;
  readonly dataplane: string;
  readonly stream: string;
  readonly instanceAddresses: AddressRange;
  readonly podNetwork?: true;
  readonly instanceName?: string;
  readonly node: string;
  readonly alb: readonly string[];
  readonly dnsServer: readonly string[];
  readonly all?: true;
  readonly logToStdout?: true;
  readonly metricsAddress?: MetricsAddress;
  readonly drain?: true;
  readonly held?: true;
}

/** RFC 2544: for tests of network devices, so never routed. */
const DEFAULT_RANGE = '198.18.0.0/15';

const program = new Command('causeway agent')
  .description('Runs the data planes of this machine and keeps them at what the API says.')
  .option('--kubeconfig <file>', 'how to reach the API server (default: as a pod of its cluster)')
  .requiredOption('--run-dir <dir>', 'for sockets, pid files and the last state of each data plane')
  .requiredOption('--runtime <file>', 'runtime.json of the private runtime')
  .option('--dataplane <dir>', 'compiled Lua', path.join(import.meta.dirname, 'dataplane'))
  .option('--stream <file>', 'bundled layer 4 program', path.join(import.meta.dirname, 'stream.js'))
  .addOption(
    new Option(
      '--instance-addresses <network>',
      'addresses for ALBs with networkMode container, on the loopback device',
    )
      .argParser(parseRange)
      .default(parseAddressRange(DEFAULT_RANGE), DEFAULT_RANGE),
  )
  .option('--pod-network', 'the network is that of a pod: ALBs with networkMode container use all of its addresses')
  .option('--instance-name <name>', 'name of the Instance object, with one --alb (default: <alb>-<node>)')
  .option('--node <name>', 'name of this machine in Instance objects', hostname())
  .option('--alb <namespace/name>', 'run this ALB (repeatable)', collect, [])
  .option('--all', 'run every ALB')
  .option('--drain', 'when asked to end: close the health port, and serve on for maxTermSeconds of each ALB first')
  .option('--log-to-stdout', 'copy access logs to stdout, and what nginx says of errors to stderr')
  .addOption(dnsServerOption())
  .addOption(metricsAddressOption())
  .addOption(new Option('--held', 'load, and wait until the parent process lets it begin').hideHelp())
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();
const flags = program.opts<Flags>();
if ((flags.all === true) === flags.alb.length > 0) program.error('error: give either --all or --alb');

if (flags.instanceName !== undefined && flags.alb.length !== 1) {
  program.error('error: --instance-name needs one --alb');
}

const log = pino({ base: { program: 'agent' } }, pino.destination({ dest: 2, sync: true }));
const end = untilEnd();
collectWhenIdle();
if (flags.held === true) await untilLetGo(end);
const access = await loadAccess(flags.kubeconfig);
const client = createClient(access);
const runDirectory = path.resolve(flags.runDir);
mkdirSync(runDirectory, { recursive: true, mode: 0o700 });
const snapshot = new Snapshot();
const forgetful = (error: unknown) => log.warn({ err: error }, 'cannot remember what is served over a restart');
const answers = new MemoryFile<readonly string[]>(path.join(runDirectory, 'host-names.json'), forgetful);
const keptCertificates = new MemoryFile<ValidCertificate>(path.join(runDirectory, 'certificates.json'), forgetful);
const hostNames = startHostNames(snapshot, { servers: flags.dnsServer, answers, refreshesOf: nameRefreshes });
const reflectors = startReflectors(client, snapshot, log, {
  kinds: servesOthers() ? DATA_PLANE_KINDS : ALB_KINDS,
  prerequisites: KINDS_READ_FOR,
});
const addressesOf = serviceAddresses({
  snapshot,
  lookUp: nameLookUp(flags.dnsServer),
  control: [
    addressOfUrl(access.server),
    ...(flags.metricsAddress === undefined ? [] : [asControl(flags.metricsAddress)]),
  ],
  loopback: flags.podNetwork !== true,
});
const verify = passwordThread(path.join(import.meta.dirname, 'passwords.js'));
const tlsOf = serviceTls(snapshot, () => performance.now());
const fetch = serviceFetch(addressesOf, tlsOf);
const discovery = new Discovery(fetch, () => performance.now());
const instances = new NginxInstances({
  runDirectory,
  runtime: readRuntimeFile(flags.runtime),
  dataplaneDirectory: path.resolve(flags.dataplane),
  streamScript: path.resolve(flags.stream),
  firewallRuntime: firewallRuntime(flags.runtime, path.join(import.meta.dirname, 'runtime.js'), log),
  instanceAddresses: flags.podNetwork === true ? 'pod' : flags.instanceAddresses,
  log,
  ...(flags.logToStdout === true && { logOutput: { access: process.stdout, errors: process.stderr } }),
  instanceName: (id) => flags.instanceName ?? instanceName(parseObjectKey(id), flags.node),
  authenticate: tokenReview(client, () => performance.now()),
  addressesOf,
  tlsOf,
  answer: requestQuestions({ snapshot, verify, addressesOf, fetch, discovery, tlsOf }),
  health: new EndpointChecks(log),
  providers: openidProviders(discovery),
});

const albs = new Set(flags.alb);
let dataPlanes: DataPlanes | undefined;
if (flags.metricsAddress !== undefined) {
  await serveProgramMetrics(flags.metricsAddress, { queues: () => dataPlanes?.stats() ?? [] });
}
void reflectors.synced
  .then(() => hostNames.settled())
  .then(() => {
    dataPlanes = startDataPlanes({
      snapshot,
      instances,
      targets: apiTargets(client),
      serves: (alb: ObjectKey) => flags.all === true || albs.has(objectKeyText(alb)),
      node: flags.node,
      ...(flags.instanceName === undefined ? {} : { instanceName: flags.instanceName }),
      observedResourceVersion: () => reflectors.observedResourceVersion(),
      now: () => new Date(),
      keptCertificates,
      log,
    });
    void dataPlanes.ready.then(tellReady);
  });

if ((await end) === 'asked') {
  if (flags.drain === true) await instances.drain();
  hostNames.stop();
  await reflectors.stop();
  await dataPlanes?.stop();
  await instances.stop();
  await dataPlanes?.withdrawReports();
} else {
  // The data planes go on serving until the next agent adopts them.
  await instances.leave();
}
process.exit(0);

function collect(value: string, previous: readonly string[]): readonly string[] {
  if (!/^[^/]+\/[^/]+$/.test(value)) throw new InvalidArgumentError('write namespace/name.');
  return [...previous, value];
}

/** Not only ALBs. */
function servesOthers(): boolean {
  const planes = flags.alb.map(parseObjectKey);
  const isOther = (key: ObjectKey) =>
    [ingressNginxOf(key), gatewayOf(key), classOfPlane(key)].some((owner) => owner !== undefined);
  return flags.all === true || planes.some(isOther);
}

function addressOfUrl(text: string): { readonly address: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(text);
  return { address: hostname, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}

function asControl({ host, port }: MetricsAddress): { readonly address: string; readonly port: number } {
  return { address: host, port };
}

function parseRange(value: string): AddressRange {
  try {
    return parseAddressRange(value);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
