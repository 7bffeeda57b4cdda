import { Worker } from 'node:worker_threads';
import type { VerifyHash } from '@causeway/controllers/passwords/password-check';

/**
 * Verifies password hashes in a thread of its own, since they are slow on purpose; started with the first of them. When the thread dies
 * its questions fail, and the next one starts another.
 *
 * @param script the bundled program `passwords.js`
 */
export function passwordThread(script: string): VerifyHash {
  let thread: Worker | undefined;
  let lastId = 0;
  const waiting = new Map<number, { resolve: (right: boolean) => void; reject: (error: Error) => void }>();
  const start = (): Worker => {
    const worker = new Worker(script);
    const fail = (error: Error): void => {
      if (thread !== worker) return;
      thread = undefined;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    worker.unref();
    worker.on('message', ({ id, right }: { id: number; right: boolean }) => {
      waiting.get(id)?.resolve(right);
      waiting.delete(id);
    });
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('the password thread has ended')));
    return worker;
  };
  return (hash, password) =>
    new Promise((resolve, reject) => {
      thread ??= start();
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      // Without a copy the whole pool that the bytes are part of would be sent.
      thread.postMessage({ id: lastId, hash, password: Uint8Array.from(password) });
    });
}
