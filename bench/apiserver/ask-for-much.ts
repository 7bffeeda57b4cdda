/**
 * A program that asks an API server for more than it can do, as fast as it answers: the bad client of `api-server.bench.ts`. Forked with
 * what to ask for; sends `begun` when each connection has sent its first request, and ends when it is killed.
 */
import { loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import { RawConnection } from './api-load.ts';

export interface AskForMuch {
  readonly kubeconfigFile: string;
  readonly user: string;
  readonly connections: number;
  /** Read in a loop, each answer to its end; absent: {@link written}. */
  readonly read?: string;
  /** A collection whose objects `c0` to `c<number - 1>` are changed in a loop. */
  readonly written?: { readonly collection: string; readonly number: number };
}

process.once('disconnect', () => process.exit());
process.once('message', (question: AskForMuch) => void ask(question));

async function ask({ kubeconfigFile, user, connections, read, written }: AskForMuch): Promise<void> {
  const kubeconfig = await loadKubeconfig(kubeconfigFile);
  let next = 0;
  const askOnce = (connection: RawConnection): Promise<number> => {
    if (written === undefined) return connection.drain(read ?? '/api');
    next += 1;
    const object = `${written.collection}/c${next % written.number}`;
    return connection.send('PATCH', object, { data: { round: String(next) } });
  };
  const run = async (): Promise<void> => {
    const connection = await RawConnection.open(kubeconfig, user);
    // A server that refuses some of it, or closes a connection, does what it should.
    for (;;) await askOnce(connection).catch(() => {});
  };
  for (let index = 0; index < connections; index += 1) void run();
  process.send?.('begun');
}
