/** `causeway conformance gateway-api`: upstream's conformance suite against a `causeway up`; see README.md. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient } from '@causeway/protocols/kubernetes/client';
import { loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import { Command, Option } from 'commander';
import { goProgram } from '../apiserver/kube-apiserver.ts';
import { TestAgent } from './agent/agent.ts';
import { LoadBalancer } from './agent/load-balancer.ts';
import { PodNetwork } from './agent/pod-network.ts';
import type { Pod } from './agent/pod-template.ts';
import { runCelTests, runCelTestsOf } from './crds/cel-tests.ts';
import { compareDefinitions } from './crds/compare.ts';
import { startHome } from './home.ts';
import { IMAGE, type RealHome, startRealHome } from './real-home.ts';
import { inSandbox, isInSandbox } from './sandbox.ts';
import { runSuite, type TestResult } from './suite.ts';

interface Flags {
  readonly runTest?: string;
  readonly profile: readonly string[];
  readonly features?: string;
  readonly allFeatures?: true;
  readonly skipTests?: string;
  readonly report?: string;
  readonly hurry?: true;
  readonly keep?: true;
  readonly real?: true;
  readonly only?: 'crds' | 'cel';
  readonly source?: string;
  readonly seed: number;
  readonly objects: number;
  readonly record?: true;
}

const PROFILES = ['GATEWAY-HTTP', 'GATEWAY-GRPC', 'GATEWAY-TLS', 'GATEWAY-TCP', 'GATEWAY-UDP'];

/** Features of service meshes, which a gateway has none of. */
const MESH_FEATURES = [
  'Mesh',
  'MeshClusterIPMatching',
  'MeshConsumerRoute',
  'MeshHTTPRouteRewritePath',
  'MeshHTTPRouteSchemeRedirect',
  'MeshHTTPRouteRedirectPort',
  'MeshHTTPRouteRedirectPath',
  'MeshHTTPRouteBackendRequestHeaderModification',
  'MeshHTTPRouteQueryParamMatching',
  'MeshHTTPRouteNamedRouteRule',
];

/** Of the test of static addresses. */
const ADDRESSES = ['--usable-address=198.18.255.1', '--unusable-address=203.0.113.1'];

/** Shorter waits, in seconds. */
const HURRY = [
  'GatewayMustHaveAddress:8',
  'GatewayMustHaveCondition:8',
  'GatewayStatusMustHaveListeners:8',
  'GatewayListenersMustHaveConditions:8',
  'ListenerSetMustHaveCondition:8',
  'ListenerSetListenersMustHaveConditions:8',
  'HTTPRouteMustHaveCondition:8',
  'HTTPRouteMustNotHaveParents:8',
  'TLSRouteMustHaveCondition:8',
  'TCPRouteMustHaveCondition:8',
  'UDPRouteMustHaveCondition:8',
  'RouteMustHaveParents:8',
  'LatestObservedGenerationSet:8',
  'MaxTimeToConsistency:10',
  'DefaultTestTimeout:10',
];

/** What the report says of us. */
const IMPLEMENTATION = {
  organization: 'causeway',
  project: 'causeway',
  url: 'https://causeway.io',
  contact: 'https://causeway.io',
};

const flags = new Command('causeway conformance gateway-api')
  .description("Runs upstream's conformance suite of the Gateway API against a causeway up of its own.")
  .option('--run-test <name>', 'only this test, e.g. HTTPRouteSimpleSameNamespace')
  .option('--profile <name>', `only this profile, of ${PROFILES.join(', ')}; may be repeated`, collect, [])
  .option('--features <names>', 'these features, instead of those in the status of the GatewayClass')
  .option('--all-features', 'every feature that the suite knows')
  .option('--skip-tests <names>', 'not these tests, separated by commas')
  .option('--report <file>', 'write the report of the suite')
  .option('--hurry', 'give up after seconds where the suite waits for minutes: a quick look at what is missing')
  .option('--keep', 'keep the folder with the logs')
  .option('--real', 'against our programs on a real kube-apiserver, installed as on a cluster; needs root')
  .addOption(
    new Option('--only <part>', "crds: only our definitions of the kinds, against upstream's").choices(['crds', 'cel']),
  )
  .option(
    '--source <folder>',
    "with --only cel: the tests of this clone of upstream's repository, instead of those published",
  )
  .option('--seed <n>', 'of the random objects that both judge', Number, 1)
  .option('--objects <n>', 'how many of each version of a kind', Number, 200)
  .option('--record', "keep digests of upstream's definitions for the tests")
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Flags>();

if (flags.only === 'crds') {
  const { seed, objects, record = false } = flags;
  process.exitCode = (await compareDefinitions({ seed, objects, record })) ? 1 : 0;
} else if (flags.only === 'cel') {
  process.exitCode = await (flags.source === undefined
    ? runCelTests(programOf('gateway-api-cel'))
    : runCelTestsOf(path.resolve(flags.source)));
} else {
  process.exitCode = isInSandbox() ? await run() : await inSandbox();
}

async function run(): Promise<number> {
  const directory = mkdtempSync(path.join(tmpdir(), 'causeway-gateway-api-'));
  const stops: (() => Promise<void>)[] = [];
  let failed = true;
  try {
    const echoProgram = programOf('gateway-api-echo');
    const say = (line: string): void => console.error(line);
    const network = await PodNetwork.start();
    const real = flags.real === true ? await startRealHome(runtimeDirectory(), directory, network) : undefined;
    const home = real ?? (await startHome(directory));
    stops.push(() => home.stop());
    const client = createClient(await loadKubeconfig(home.kubeconfig));
    stops.push(() => client.close());
    const cluster = real && { isOurs: ({ spec }: Pod) => spec.containers.every(({ image }) => image !== IMAGE) };
    const agent = await TestAgent.start({ client, echoProgram, directory, network, say, ...(cluster && { cluster }) });
    stops.push(() => agent.stop());
    if (real !== undefined) {
      const balancer = new LoadBalancer({ client, network, say });
      stops.push(() => balancer.stop());
    }
    const results: TestResult[] = [];
    const code = await runSuite({
      program: programOf('gateway-api-suite'),
      kubeconfig: home.kubeconfig,
      flags: suiteFlags(),
      logFile: path.join(directory, 'suite.log'),
      onResult(result) {
        results.push(result);
        if (result.outcome !== 'SKIP') console.log(`${result.outcome} ${result.name}`);
      },
    });
    console.log(summary(results));
    const mistakes = mistakesOf(real);
    failed = code !== 0 || mistakes.length > 0;
  } finally {
    for (const stop of stops.reverse()) await stop();
    if (failed || flags.keep === true) console.log(`logs: ${directory}`);
    else rmSync(directory, { recursive: true, force: true });
  }
  return failed ? 1 : 0;
}

/** Told, too. */
function mistakesOf(real: RealHome | undefined): readonly string[] {
  const mistakes = real?.mistakes() ?? [];
  for (const mistake of mistakes) console.log(mistake);
  return mistakes;
}

function suiteFlags(): readonly string[] {
  const { runTest, profile, features, allFeatures, skipTests, report, hurry } = flags;
  const profiles = profile.length === 0 ? PROFILES : profile;
  const { organization, project, url, contact } = IMPLEMENTATION;
  return [
    '--gateway-class=causeway',
    `--conformance-profiles=${profiles.join(',')}`,
    ...(runTest === undefined ? [] : [`--run-test=${runTest}`]),
    ...(features === undefined ? [] : [`--supported-features=${features}`]),
    // The suite itself takes the features of the GatewayClass only when it runs all tests.
    ...(features === undefined && (allFeatures === true || runTest !== undefined)
      ? ['--all-features', `--exempt-features=${MESH_FEATURES.join(',')}`]
      : []),
    ...ADDRESSES,
    ...(skipTests === undefined ? [] : [`--skip-tests=${skipTests}`]),
    ...(hurry === true ? [`--timeout-config-overrides=${HURRY.join(';')}`] : []),
    ...(report === undefined
      ? []
      : [
          `--report-output=${path.resolve(report)}`,
          `--organization=${organization}`,
          `--project=${project}`,
          `--url=${url}`,
          `--contact=${contact}`,
          `--version=${version()}`,
        ]),
  ];
}

function summary(results: readonly TestResult[]): string {
  const count = (outcome: TestResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  return `${count('PASS')} passed, ${count('FAIL')} failed, ${count('SKIP')} skipped`;
}

function version(): string {
  const text = readFileSync(path.join(import.meta.dirname, '../../package.json'), 'utf8');
  return String((JSON.parse(text) as { readonly version: unknown }).version);
}

/** The program that the launcher built. */
function programOf(name: string): string {
  return goProgram(runtimeDirectory(), name);
}

function runtimeDirectory(): string {
  return process.env['CAUSEWAY_RUNTIME'] ?? path.join(process.env['HOME'] ?? '/', '.causeway/runtime');
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
