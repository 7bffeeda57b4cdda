/** A disk that is full, for real: a small tmpfs in a mount namespace of the server's own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../schema/json.ts';
import { type Answer, configMap, TestClient, temporaryDirectory } from '../testing/server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const SIZE_MB = 24;
const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

describe.runIf(canMount)('a full disk', { timeout: 60_000 }, () => {
  const directory = temporaryDirectory();
  let child: ChildProcess;
  let client: TestClient;
  /** The directory as the server sees it. */
  let inside: string;

  beforeAll(async () => {
    const script = join(import.meta.dirname, '../testing/process.ts');
    const command = `mount -t tmpfs -o size=${SIZE_MB}m tmpfs "$0" && exec "$@"`;
    const node = [process.execPath, '--import', 'tsx', script, directory.path];
    child = spawn('unshare', ['--mount', 'sh', '-c', command, directory.path, ...node], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [message] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    expect(message).toEqual({ type: 'ready' });
    inside = `/proc/${child.pid}/root${directory.path}`;
    client = new TestClient(join(inside, 'kubeconfig'));
  });

  afterAll(async () => {
    await client.close();
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    directory.remove();
  });

  async function put(name: string, round: string): Promise<Answer> {
    return client.call('PATCH', `${MAPS}/${name}?fieldManager=test&force=true`, configMap(name, { round }), {
      contentType: 'application/apply-patch+yaml',
    });
  }

  test('refuses writes with a clear error, serves reads and watches, and is over when there is space', async () => {
    expect((await put('before', '1')).code).toBe(201);
    const ballast = join(inside, 'ballast');
    spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k']);
    expect(existsSync(ballast)).toBe(true);
    const refused = await until(async () => {
      const answer = await client.post(MAPS, large());
      return answer.code === 201 ? undefined : answer;
    });
    expect(refused.code).toBe(500);
    expect(refused.body).toMatchObject({ kind: 'Status', reason: 'InternalError' });
    expect(refused.body['message']).toBe(
      'Internal error occurred: the change could not be stored: no space is left on the disk of the API server',
    );

    const many = await Promise.all(Array.from({ length: 20 }, () => client.post(MAPS, large())));
    expect(new Set(many.map(({ code }) => code))).toEqual(new Set([500]));

    // Nothing of what was refused is there, neither now nor for the next write.
    const list = await client.get(MAPS);
    expect(list.code).toBe(200);
    const stop = new AbortController();
    const { resourceVersion } = list.body['metadata'] as { readonly resourceVersion: string };
    const events = client.watch(`${MAPS}?watch=1&resourceVersion=${resourceVersion}`, stop.signal);
    expect((await client.get(`${MAPS}/before`)).code).toBe(200);
    expect((await client.get('/readyz')).code).toBe(200);

    rmSync(ballast);
    const written = await until(async () => {
      const answer = await put('after', '1');
      return answer.code === 201 ? answer : undefined;
    });
    const { value } = await events.next();
    stop.abort();
    expect(value).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'after' } } });
    const { metadata } = written.body as unknown as { readonly metadata: { readonly resourceVersion: string } };
    expect(Number(metadata.resourceVersion)).toBeGreaterThan(Number(resourceVersion));
  });
});

function large(): JsonObject {
  return { ...configMap('', { text: noise() }), metadata: { generateName: 'g-' } };
}

/** Does not shrink. */
function noise(): string {
  return Array.from({ length: 4_000 }, () => Math.random().toString(36)).join('');
}

async function until<Result>(attempt: () => Promise<Result | undefined>): Promise<Result> {
  for (let count = 0; count < 2_000; count += 1) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw new Error('it did not happen');
}
