/**
 * A stand-in for the agent that tests can kill: `owner.ts RUN_DIRECTORY BUILD PORT METRICS_PORT BACKEND_PORT`
 * serves one route and prints its status as JSON lines.
 */
import pino from 'pino';
import { NginxInstances } from '../instances.ts';
import { endpoints, instance, listener, route } from './fragments.ts';
import { testRuntime } from './runtime.ts';

const [runDirectory = '', dataplaneDirectory = '', port = '', metricsPort = '', backendPort = ''] =
  process.argv.slice(2);
const instances = new NginxInstances({
  runDirectory,
  dataplaneDirectory,
  runtime: testRuntime(),
  log: pino({ level: 'silent' }),
});
instances.onStatus((_, status) => process.stdout.write(`${JSON.stringify(status)}\n`));
instances.put('all', [
  instance({ metricsPort: Number(metricsPort) }),
  listener(Number(port)),
  route('r', '/', Number(port)),
  endpoints('default/svc:80', Number(backendPort)),
]);
instances.settle();
