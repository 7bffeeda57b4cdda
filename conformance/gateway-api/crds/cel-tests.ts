import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { GATEWAY_API_KINDS } from '@causeway/apis/gateway-api/index';
import { crdOf } from '@causeway/apis/meta/crd';
import { startTestServer } from '@causeway/apiserver/testing/server';

const RESULT = /^\s*--- (PASS|FAIL|SKIP): (\S+)/;

/**
 * `--only cel`: upstream's tests of the conditions in CEL against our API server, with our definitions.
 *
 * @returns the exit code
 */
export async function runCelTests(program: string): Promise<number> {
  const { server, stop } = await startTestServer({ customResources: GATEWAY_API_KINDS.map(crdOf) });
  try {
    const child = spawn(program, ['-test.v'], {
      env: { ...process.env, KUBECONFIG: server.kubeconfig },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const counts = { PASS: 0, FAIL: 0, SKIP: 0 };
    // What a test says comes before its result.
    let said: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, outcome, name] = RESULT.exec(line) ?? [];
      if (outcome === undefined) {
        said.push(line);
        return;
      }
      counts[outcome as keyof typeof counts] += 1;
      if (outcome === 'FAIL') console.log(`FAIL ${name}\n${said.join('\n')}`);
      said = [];
    });
    const [code] = (await once(child, 'close')) as [number | null];
    console.log(`${counts.PASS} passed, ${counts.FAIL} failed, ${counts.SKIP} skipped`);
    return code ?? 1;
  } finally {
    await stop();
  }
}
