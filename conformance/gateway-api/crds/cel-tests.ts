import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { GATEWAY_API_KINDS } from '@causeway/apis/gateway-api/index';
import { crdOf, type KindDefinition } from '@causeway/apis/meta/crd';
import { startTestServer } from '@causeway/apiserver/testing/server';
import { runProgram } from '../../../tools/runtime/run-program.ts';

const RESULT = /^\s*--- (PASS|FAIL|SKIP): (\S+)/;

/**
 * What the release of the definitions says otherwise than v1.4.1, of which the published tests are: how these must fail. The definitions themselves are compared
 * by `--only crds`.
 */
const CHANGED: Readonly<Record<string, string>> = {
  'TestBackendTLSPolicyValidation/invalid_BackendTLSPolicyValidation_with_Unsupported_value_for_WellKnownCACertificates':
    'spec.validation.wellKnownCACertificates in body should match',
  'TestBackendTrafficPolicyConfig/invalid_BackendTrafficPolicyConfig_budgetInterval_too_long':
    'interval cannot be greater than one hour or less than one second',
  'TestBackendTrafficPolicyConfig/invalid_BackendTrafficPolicyConfig_budgetInterval_too_short':
    'interval cannot be greater than one hour or less than one second',
  'TestBackendTrafficPolicyConfig/invalid_BackendTrafficPolicyConfig_minRetryRate_interval':
    'interval cannot be greater than one hour',
  'TestValidateGateway/tls_config_not_set_with_tls_protocol': 'tls mode must be set for protocol TLS',
};

/**
 * `--only cel --source FOLDER`: the tests of a clone of upstream's repository, whose module is not published, of which none may fail.
 *
 * @returns the exit code
 */
export async function runCelTestsOf(source: string): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'causeway-cel-'));
  try {
    const program = path.join(folder, 'cel');
    console.error('building the tests with go; this takes a few minutes the first time');
    // Not with what go.work has besides: the tests alone.
    const env = { GOWORK: 'off', GOFLAGS: '-buildvcs=false' };
    const args = ['test', '-c', '-tags', 'experimental', '-o', program, './cel'];
    await runProgram('go', args, { cwd: path.join(source, 'tests'), env });
    return await runCelTests({ program, kinds: GATEWAY_API_KINDS });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface CelTests {
  readonly program: string;
  /** That are served. */
  readonly kinds: readonly KindDefinition[];
  /** Besides KUBECONFIG. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Of the program. */
  readonly flags?: readonly string[];
  /** By name of a test that must fail: a part of how. */
  readonly known?: Readonly<Record<string, string>>;
}

/** `--only cel`: upstream's published tests of the conditions in CEL against our API server, with our definitions. @returns the exit code */
export function runPublishedCelTests(program: string): Promise<number> {
  return runCelTests({ program, kinds: GATEWAY_API_KINDS, known: CHANGED });
}

/**
 * Tests of conditions in CEL against our API server, with our definitions.
 *
 * @returns the exit code: 0 when nothing fails but what is known
 */
export async function runCelTests({ program, kinds, environment, flags = [], known = {} }: CelTests): Promise<number> {
  const { server, stop } = await startTestServer({ customResources: kinds.map(crdOf) });
  try {
    const child = spawn(program, ['-test.v', ...flags], {
      env: { ...process.env, ...environment, KUBECONFIG: server.kubeconfig },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const counts = { PASS: 0, FAIL: 0, SKIP: 0 };
    const failed: string[] = [];
    const said: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, outcome, name = ''] = RESULT.exec(line) ?? [];
      if (outcome === undefined) said.push(line);
      // A group fails with one of its tests, which are named like it.
      else if (outcome === 'FAIL') failed.push(name);
      else counts[outcome as keyof typeof counts] += 1;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    const tests = failed.filter((name) => !failed.some((other) => other.startsWith(`${name}/`)));
    const isChanged = (name: string): boolean => {
      const now = known[name];
      return now !== undefined && said.some((line) => line.includes(now));
    };
    const changed = tests.filter(isChanged);
    const wrong = tests.filter((name) => !isChanged(name));
    if (wrong.length > 0) console.log(said.join('\n'));
    for (const name of wrong) console.log(`FAIL ${name}`);
    for (const name of changed) console.log(`CHANGED ${name}: ${known[name]}`);
    counts.FAIL = wrong.length;
    console.log(
      `${counts.PASS} passed, ${counts.FAIL} failed, ${changed.length} changed since, ${counts.SKIP} skipped`,
    );
    // Without a result of its own the program did not get that far.
    return wrong.length > 0 || (code !== 0 && failed.length === 0) ? 1 : 0;
  } finally {
    await stop();
  }
}
