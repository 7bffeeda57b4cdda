/** `causeway conformance envoy-gateway`: Envoy Gateway's own tests of its kinds against a `causeway up`; see README.md. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ENVOY_GATEWAY_KINDS } from '@causeway/apis/envoy-gateway/index';
import { Command, Option } from 'commander';
import { Redis } from '../../test/acceptance/redis.ts';
import { runCelTests } from '../gateway-api/crds/cel-tests.ts';
import { inSandbox, isInSandbox } from '../gateway-api/sandbox.ts';
import { runSuite, summary, type TestResult } from '../gateway-api/suite.ts';
import { TestBed } from '../gateway-api/test-bed.ts';
import { goProgram, runtimeDirectory } from '../go-program.ts';
import { CEL_DIFFERENCES } from './cel-differences.ts';
import { DIFFERENCES } from './differences.ts';
import { classWithStore } from './gateway-class.ts';
import { imagesOf } from './images.ts';
import { NOT_RUN } from './not-run.ts';

/** That runs all others. */
const TEST = 'TestE2E';

interface Flags {
  readonly runTest?: readonly string[];
  readonly all?: true;
  readonly keep?: true;
  readonly only?: 'cel';
}

const flags = new Command('causeway conformance envoy-gateway')
  .description("Runs Envoy Gateway's own tests of its kinds against a causeway up of its own.")
  .option('--run-test <names...>', 'only these tests, e.g. BasicAuth')
  .option('--all', 'also those that are known to be about what Causeway has not')
  .option('--keep', 'keep the folder with the logs')
  .addOption(new Option('--only <part>', 'cel: only conditions of the definitions').choices(['cel']))
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Flags>();

if (flags.only === 'cel') {
  process.exitCode = await runCelTests({
    program: goProgram(runtimeDirectory(), 'envoy-gateway-cel'),
    kinds: ENVOY_GATEWAY_KINDS,
    // Not a server of its own: the one in KUBECONFIG, with the definitions that are there.
    environment: { USE_EXISTING_CLUSTER: 'true' },
    flags: ['-test.skip', '^TestEnvoyExtensionPolicy'],
    known: CEL_DIFFERENCES,
  });
} else {
  process.exitCode = isInSandbox() ? await run() : await inSandbox();
}

async function run(): Promise<number> {
  const directory = mkdtempSync(path.join(tmpdir(), 'causeway-envoy-gateway-'));
  const store = await Redis.start();
  let bed: TestBed | undefined;
  let failed = true;
  try {
    const runtime = runtimeDirectory();
    const program = goProgram(runtime, 'envoy-gateway-suite');
    bed = await TestBed.start({ directory, runtime, real: false, images: imagesOf(program, directory) });
    const gatewayClass = await classWithStore(bed.client, store.port);
    const results: TestResult[] = [];
    const code = await runSuite({
      program,
      test: TEST,
      kubeconfig: bed.kubeconfig,
      flags: suiteFlags(gatewayClass),
      logFile: path.join(directory, 'suite.log'),
      onResult(result) {
        results.push(result);
        const difference = result.outcome === 'FAIL' ? DIFFERENCES[result.name] : undefined;
        if (difference !== undefined) console.log(`DIFFERENT ${result.name}: ${difference}`);
        else if (result.outcome !== 'SKIP') console.log(`${result.outcome} ${result.name}`);
      },
    });
    if (flags.runTest === undefined && flags.all === undefined) {
      for (const [name, reason] of Object.entries(NOT_RUN)) console.log(`NOT RUN ${name}: ${reason}`);
    }
    console.log(summary(results));
    const failures = results.filter(({ outcome }) => outcome === 'FAIL');
    // Without any the program did not get that far.
    failed = failures.length === 0 ? code !== 0 : failures.some(({ name }) => DIFFERENCES[name] === undefined);
  } finally {
    await bed?.stop();
    await store.stop();
    if (failed || flags.keep === true) console.log(`logs: ${directory}`);
    else rmSync(directory, { recursive: true, force: true });
  }
  return failed ? 1 : 0;
}

function suiteFlags(gatewayClass: string): readonly string[] {
  const { runTest, all } = flags;
  // The release of the Gateway API that we serve is a later one than the suite's.
  const common = [`--gateway-class=${gatewayClass}`, '--allow-crds-mismatch'];
  if (runTest !== undefined) return [...common, `-test.run=^${TEST}$/^(${runTest.join('|')})$`];
  return all === true ? common : [...common, `-test.skip=^${TEST}$/^(${Object.keys(NOT_RUN).join('|')})$`];
}
