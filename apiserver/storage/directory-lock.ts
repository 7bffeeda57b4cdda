import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/**
 * Takes a data directory for this process, by an abstract unix socket named after it: the kernel releases it however the
 * process ends. Two servers on one store would give out the same resourceVersions.
 *
 * @throws Error when another process has it
 */
export function lockDirectory(directory: string): Promise<Server> {
  const id = createHash('sha256').update(realpathSync(directory)).digest('hex');
  const lock = createServer((connection) => connection.destroy());
  return new Promise((resolve, reject) => {
    lock.once('error', (error) => {
      const taken = 'code' in error && error.code === 'EADDRINUSE';
      reject(taken ? new Error(`another API server uses ${directory}`, { cause: error }) : error);
    });
    lock.listen(`\0causeway-apiserver-${id}`, () => {
      lock.unref();
      resolve(lock);
    });
  });
}
