/** The thread in which an agent verifies slow password hashes; not a command of users. */
import { parentPort } from 'node:worker_threads';
import { verifyHash } from '@causeway/controllers/passwords/verify-hash';

parentPort?.on('message', ({ id, hash, password }: { id: number; hash: string; password: Uint8Array }) => {
  void verifyHash(hash, password).then((right) => parentPort?.postMessage({ id, right }));
});
