/** `causeway up`: everything on this machine, in the foreground. */
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { parseAddressRange } from '@causeway/targets/nginx/addresses';
import { Command, InvalidArgumentError, Option } from 'commander';
import pino from 'pino';
import { dnsServerOption } from './child/dns-server.ts';
import { type DataDirectory, DataDirectoryInUse, openDataDirectory } from './up/data-directory.ts';
import { relayAsText } from './up/log-text.ts';
import { Up } from './up/run.ts';

interface Flags {
  readonly dataDir: string;
  readonly apiPort: number;
  readonly manifests: readonly string[];
  readonly dnsServer: readonly string[];
  readonly instanceAddresses?: string;
  readonly logFormat: 'json' | 'text';
}

const flags = new Command('causeway up')
  .description('Runs API server, controllers and data planes on this machine until it is interrupted.')
  .option('--data-dir <dir>', 'where everything is kept', path.join(homedir(), '.causeway'))
  .option('--api-port <port>', 'port of the Kubernetes API on 127.0.0.1; 0: any free one', parsePort, 6443)
  .option(
    '--manifests <dir>',
    'apply the YAML files of this folder, now and when they change (repeatable)',
    collect,
    [],
  )
  .addOption(dnsServerOption())
  .option(
    '--instance-addresses <network>',
    'addresses for ALBs with networkMode container, put on the loopback device (default: 198.18.0.0/15)',
    parseNetwork,
  )
  .addOption(new Option('--log-format <format>', 'log on stderr').choices(['json', 'text']).default('json'))
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Flags>();

const logStream = new PassThrough();
if (flags.logFormat === 'text') relayAsText(logStream, 'up');
const log = pino(
  { base: { program: 'up' } },
  flags.logFormat === 'text' ? logStream : pino.destination({ dest: 2, sync: true }),
);

const dataDirectory = openOrExit(path.resolve(flags.dataDir));
const up = new Up({
  dataDirectory,
  programDirectory: import.meta.dirname,
  runtimeFile: path.join(process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime'), 'runtime.json'),
  apiPort: flags.apiPort,
  manifests: flags.manifests.map((directory) => path.resolve(directory)),
  dnsServers: flags.dnsServer,
  instanceAddresses: flags.instanceAddresses,
  logFormat: flags.logFormat,
  log,
});

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stopping) up.kill();
    else void stop(0);
  });
}

try {
  const server = await up.start();
  const kubectl = `kubectl --kubeconfig ${up.kubeconfigFile} get alb2,ft,rule -A`;
  process.stdout.write(`causeway is ready: API ${server}, kubeconfig ${up.kubeconfigFile}, try: ${kubectl}\n`);
} catch (error) {
  if (!stopping) {
    process.stderr.write(`causeway: ${error instanceof Error ? error.message : String(error)}\n`);
    await stop(1);
  }
}

async function stop(code: number): Promise<void> {
  stopping = true;
  await up.stop();
  process.exit(code);
}

function openOrExit(directory: string): DataDirectory {
  try {
    return openDataDirectory(directory);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const advice = error instanceof DataDirectoryInUse ? '; stop it first, or give this one another --data-dir' : '';
    process.stderr.write(`causeway: ${reason}${advice}\n`);
    process.exit(1);
  }
}

function parseNetwork(text: string): string {
  try {
    return parseAddressRange(text).text;
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('a port is 0 to 65535.');
  return port;
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  if (!statSync(value, { throwIfNoEntry: false })?.isDirectory()) throw new InvalidArgumentError('no such folder.');
  return [...previous, value];
}
