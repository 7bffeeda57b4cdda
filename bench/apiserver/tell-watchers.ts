/**
 * A program of its own, so that nothing but the server and the reading itself is in what it measures: from the request for a change
 * until each of many watchers has its event. Forked with the kubeconfig, the watch, the object, how many watchers and how many changes;
 * sends one list of milliseconds, a number for each watcher and change.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import { ANSWER_MS, RawConnection } from './api-load.ts';
import { WatchConnection } from './watch-connection.ts';

/** kube-apiserver takes 100 streams on a connection. */
const CONNECTIONS = 10;
/** Between two changes, so that none waits for the one before. */
const PAUSE_MS = 50;

export interface TellWatchers {
  readonly kubeconfigFile: string;
  /** What each of them watches: one object, which exists. */
  readonly watch: string;
  readonly object: string;
  readonly watchers: number;
  /** Changes that are not counted: a server compiles what it does often. */
  readonly firstRounds: number;
  readonly rounds: number;
}

process.once('disconnect', () => process.exit());
process.once('message', (question: TellWatchers) => {
  void measure(question).then((latencies) => process.send?.(latencies, () => process.exit()));
});

/** @throws Error when a watch ends, or a watcher is told nothing for {@link ANSWER_MS}, or something twice */
async function measure(question: TellWatchers): Promise<readonly number[]> {
  const { kubeconfigFile, watch, object, watchers, firstRounds, rounds } = question;
  const kubeconfig = await loadKubeconfig(kubeconfigFile);
  const client = await RawConnection.open(kubeconfig);
  const latencies = new Float64Array(watchers * (1 + firstRounds + rounds));
  let count = 0;
  let sentAt = 0;
  let waiting = watchers;
  let allTold: () => void = () => {};
  let fail: (error: Error) => void = () => {};
  const broken = new Promise<never>((_resolve, reject) => (fail = reject));
  broken.catch(() => {}); // each round waits for it too
  const listener = {
    onEvent: (at: number): void => {
      latencies[count++] = at - sentAt;
      waiting -= 1;
      if (waiting === 0) allTold();
    },
    onEnd: (error: Error): void => fail(error),
  };
  const told = async (begin: () => unknown): Promise<void> => {
    waiting = watchers;
    const all = new Promise<void>((resolve) => (allTold = resolve));
    const late = setTimeout(() => fail(new Error(`${waiting} of ${watchers} watchers were told nothing`)), ANSWER_MS);
    sentAt = performance.now();
    await begin();
    await Promise.race([all, broken]).finally(() => clearTimeout(late));
  };
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => WatchConnection.open(kubeconfig, listener)),
  );
  // Each is told of the object as it is.
  await told(() => {
    for (let index = 0; index < watchers; index += 1) connections[index % CONNECTIONS]?.watch(watch);
  });
  for (let round = 0; round < firstRounds + rounds; round += 1) {
    if (round === firstRounds) count = 0;
    await sleep(PAUSE_MS);
    await told(() => client.send('PATCH', object, { data: { round: String(round) } }));
  }
  const events = connections.flatMap(({ events }) => [...events.values()]);
  if (events.some((number) => number !== 1 + firstRounds + rounds))
    throw new Error('a watcher was not told each change once');
  for (const connection of connections) connection.close();
  client.close();
  return [...latencies.subarray(0, count)];
}
