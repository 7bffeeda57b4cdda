/** `causeway apiserver`: the embedded Kubernetes-compatible API server, with Causeway's kinds and admission. */
import { review } from '@causeway/admission/review';
import { CAUSEWAY_KINDS } from '@causeway/apis/gateway/index';
import { crdOf } from '@causeway/apis/meta/crd';
import type { Admit } from '@causeway/apiserver/admission';
import { startApiServer } from '@causeway/apiserver/server';
import { Command, InvalidArgumentError } from 'commander';
import pino from 'pino';
import { admissionView } from './apiserver/admission-view.ts';
import { collectWhenIdle } from './child/idle-collection.ts';
import { tellReady, untilEnd } from './child/lifetime.ts';

interface Flags {
  readonly dataDir: string;
  readonly port: number;
  readonly bind: string;
}

const flags = new Command('causeway apiserver')
  .description('Serves the Kubernetes API from a data directory; writes a kubeconfig there.')
  .requiredOption('--data-dir <directory>', 'where objects, keys and the kubeconfig are kept')
  .requiredOption('--port <number>', 'TLS port; 0 for any free one', portNumber)
  .option('--bind <address>', 'address to listen on', '127.0.0.1')
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Flags>();

const log = pino({ base: { program: 'apiserver' } }, pino.destination({ dest: 2, sync: true }));
const end = untilEnd();
collectWhenIdle();

const admit: Admit = (request, reader) => {
  const { subresource, ...rest } = request;
  return review({ ...rest, ...(subresource === '' ? {} : { subresource }) }, admissionView(reader));
};

try {
  const server = await startApiServer({
    dataDirectory: flags.dataDir,
    port: flags.port,
    bind: flags.bind,
    log,
    customResources: CAUSEWAY_KINDS.map(crdOf),
    admit,
  });
  log.info({ port: server.port, kubeconfig: server.kubeconfig }, 'serving');
  tellReady();
  await end;
  await server.close();
} catch (error) {
  log.fatal({ err: error }, 'the API server cannot run');
  process.exitCode = 1;
}
process.exit();

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('not a port number');
  return port;
}
