/** `causeway demo`: the quick start, applied to a running `causeway up` and requested. */
import { homedir } from 'node:os';
import path from 'node:path';
import { createClient } from '@causeway/protocols/kubernetes/client';
import { loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import { Command, InvalidArgumentError } from 'commander';
import { tellFailure } from './command/failure.ts';
import { deleteDemo, showDemo } from './demo/steps.ts';

interface Flags {
  readonly dataDir: string;
  readonly kubeconfig?: string;
  readonly port: number;
  readonly httpsPort: number;
  readonly metricsPort: number;
  readonly once: boolean;
  readonly delete: boolean;
}

const flags = new Command('causeway demo')
  .description(
    'Applies the quick start (ALB2, Service, EndpointSlice, Ingress) with backends on this machine, and requests it.',
  )
  .option('--data-dir <dir>', 'the data directory of the running `up`', path.join(homedir(), '.causeway'))
  .option('--kubeconfig <file>', 'instead of <data-dir>/kubeconfig')
  .option('--port <port>', 'HTTP port of the Ingress', parsePort, 80)
  .option('--https-port <port>', 'HTTPS port of the Ingress', parsePort, 443)
  .option('--metrics-port <port>', 'metrics and health port of the ALB', parsePort, 1936)
  .option('--once', 'end after the requests', false)
  .option('--delete', 'delete the objects of an earlier demo, and nothing else', false)
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Flags>();

const kubeconfigFile = path.resolve(flags.kubeconfig ?? path.join(flags.dataDir, 'kubeconfig'));
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const interrupted = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
});

try {
  const client = createClient(await loadKubeconfig(kubeconfigFile));
  if (flags.delete) await deleteDemo({ client, say });
  else {
    await showDemo({
      client,
      say,
      kubeconfigFile,
      httpPort: flags.port,
      httpsPort: flags.httpsPort,
      metricsPort: flags.metricsPort,
      untilDone: flags.once ? Promise.resolve() : interrupted,
      keepOpen: !flags.once,
    });
  }
  process.exit(0);
} catch (error) {
  tellFailure(error);
  process.exit(1);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('a port is 1 to 65535.');
  return port;
}
