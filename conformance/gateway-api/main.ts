/** `causeway conformance gateway-api`: upstream's conformance suite against a `causeway up`; see README.md. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, Option } from 'commander';
import { goProgram, runtimeDirectory } from '../go-program.ts';
import { runCelTestsOf, runPublishedCelTests } from './crds/cel-tests.ts';
import { compareDefinitions } from './crds/compare.ts';
import { inSandbox, isInSandbox } from './sandbox.ts';
import { runSuite, summary, type TestResult } from './suite.ts';
import { TestBed } from './test-bed.ts';

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
    ? runPublishedCelTests(goProgram(runtimeDirectory(), 'gateway-api-cel'))
    : runCelTestsOf(path.resolve(flags.source)));
} else {
  process.exitCode = isInSandbox() ? await run() : await inSandbox();
}

async function run(): Promise<number> {
  const directory = mkdtempSync(path.join(tmpdir(), 'causeway-gateway-api-'));
  let bed: TestBed | undefined;
  let failed = true;
  try {
    const runtime = runtimeDirectory();
    bed = await TestBed.start({ directory, runtime, real: flags.real === true });
    const results: TestResult[] = [];
    const code = await runSuite({
      program: goProgram(runtime, 'gateway-api-suite'),
      test: 'TestConformance',
      kubeconfig: bed.kubeconfig,
      flags: suiteFlags(),
      logFile: path.join(directory, 'suite.log'),
      onResult(result) {
        results.push(result);
        if (result.outcome !== 'SKIP') console.log(`${result.outcome} ${result.name}`);
      },
    });
    console.log(summary(results));
    const mistakes = bed.mistakes();
    for (const mistake of mistakes) console.log(mistake);
    failed = code !== 0 || mistakes.length > 0;
  } finally {
    await bed?.stop();
    if (failed || flags.keep === true) console.log(`logs: ${directory}`);
    else rmSync(directory, { recursive: true, force: true });
  }
  return failed ? 1 : 0;
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

function version(): string {
  const text = readFileSync(path.join(import.meta.dirname, '../../package.json'), 'utf8');
  return String((JSON.parse(text) as { readonly version: unknown }).version);
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
