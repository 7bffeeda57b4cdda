import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { objectAt, objectsAt, textAt } from '../schema/json.ts';
import { configMap, startTestServer, TestClient, temporaryDirectory } from '../testing/server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

let directory: ReturnType<typeof temporaryDirectory>;

beforeEach(() => {
  directory = temporaryDirectory();
});

afterEach(() => directory.remove());

async function startProcess(): Promise<{ child: ChildProcess; client: TestClient }> {
  const child = fork(join(import.meta.dirname, '../testing/process.ts'), [directory.path], {
    execArgv: ['--import', 'tsx'],
  });
  const [message] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  expect(message).toEqual({ type: 'ready' });
  return { child, client: new TestClient(join(directory.path, 'kubeconfig')) };
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(child, 'exit');
  child.kill(signal);
  const [code] = await exited;
  return code;
}

test('kill -9 under load loses no acknowledged write and never takes a revision back', {
  timeout: 120_000,
}, async () => {
  const acknowledged = new Map<string, string>();
  let highest = 0;
  for (let round = 0; round < 3; round++) {
    const { child, client } = await startProcess();
    const { body } = await client.get(MAPS);
    expect(Number(textAt(objectAt(body, 'metadata'), 'resourceVersion'))).toBeGreaterThanOrEqual(highest);
    const found = new Map(
      objectsAt(body, 'items').map((item) => [
        textAt(objectAt(item, 'metadata'), 'name'),
        textAt(objectAt(item, 'metadata'), 'resourceVersion'),
      ]),
    );
    for (const [name, revision] of acknowledged) expect(found.get(name), name).toBe(revision);

    let killed = false;
    const writer = async (id: number): Promise<void> => {
      for (let index = 0; !killed; index++) {
        const name = `w${round}-${id}-${index}`;
        try {
          const answer = await client.post(MAPS, configMap(name, { text: 'x'.repeat(500) }));
          expect(answer.code).toBe(201);
          const revision = textAt(objectAt(answer.body, 'metadata'), 'resourceVersion');
          acknowledged.set(name, revision);
          highest = Math.max(highest, Number(revision));
        } catch (error) {
          if (!killed) throw error;
        }
      }
    };
    const before = acknowledged.size;
    const writers = Promise.allSettled(Array.from({ length: 16 }, (_, id) => writer(id)));
    while (acknowledged.size < before + 200) await new Promise((resolve) => setTimeout(resolve, 5));
    killed = true;
    await kill(child, 'SIGKILL');
    expect((await writers).filter(({ status }) => status === 'rejected')).toEqual([]);
    await client.close();
  }
  expect(acknowledged.size).toBeGreaterThanOrEqual(600);
});

test('a second server on the same data directory is refused; SIGTERM ends the first cleanly', {
  timeout: 60_000,
}, async () => {
  const { child, client } = await startProcess();
  await expect(startTestServer({ dataDirectory: directory.path })).rejects.toThrow('another API server uses');
  const watch = client.watch(
    `${MAPS}?watch=1&resourceVersion=0&allowWatchBookmarks=true`,
    new AbortController().signal,
  );
  await client.post(MAPS, configMap('seen'));
  expect((await watch.next()).value).toMatchObject({ type: 'ADDED' });
  const end = watch.next();
  expect(await kill(child, 'SIGTERM')).toBe(0);
  expect((await end).done).toBe(true);
  await client.close();
});
