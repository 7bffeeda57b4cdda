import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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

test('a second server on the same data directory is refused; SIGTERM ends the first cleanly', {
  timeout: 60_000,
}, async () => {
  const { child, client } = await startProcess();
  await expect(startTestServer({ dataDirectory: directory.path })).rejects.toThrow('another API server uses');
  const watch = client.watch(
    `${MAPS}?watch=1&resourceVersion=0&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dseen`,
    new AbortController().signal,
  );
  await client.post(MAPS, configMap('seen'));
  expect((await watch.next()).value).toMatchObject({ type: 'ADDED' });
  const end = watch.next();
  expect(await kill(child, 'SIGTERM')).toBe(0);
  expect((await end).done).toBe(true);
  await client.close();
});
