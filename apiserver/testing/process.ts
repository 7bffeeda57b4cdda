/** Runs an API server on the data directory in argv, tells its parent when it serves: for tests that kill it. */
import { startApiServer } from '../server.ts';
import { silentLog } from './server.ts';

const server = await startApiServer({
  dataDirectory: process.argv[2] ?? '',
  port: 0,
  bind: '127.0.0.1',
  log: silentLog,
});
process.send?.({ type: 'ready' });
process.on('SIGTERM', () => {
  void server.close().then(() => process.exit(0));
});
// A test that failed must not leave it behind.
process.on('disconnect', () => process.exit(1));
