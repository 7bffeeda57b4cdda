/** Unix sockets of the process, in the folder of its instance. */
import { renameSync } from 'node:fs';
import type { Server } from 'node:net';

const BACKLOG = 2_048;

/**
 * Listens under a name of its own first: a process that ends removes the name it listened under, and must not remove that of the
 * next one.
 *
 * @throws the error of the system
 */
export function listenInFolder(server: Server, directory: string, name: string): Promise<void> {
  // A socket's path may have 107 bytes: from here it is short.
  process.chdir(directory);
  const own = `${name}.${process.pid}`;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path: own, backlog: BACKLOG }, () => {
      server.off('error', reject);
      server.on('error', () => {}); // of single connections, e.g. no more files
      renameSync(own, name);
      resolve();
    });
  });
}
