/** `causeway explain`: says why a request is answered as it is, without sending it, and what a route hangs together with. */
import { homedir } from 'node:os';
import path from 'node:path';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { neededSecrets } from '@causeway/explain/alb/policies';
import { secretsOfTopology, topologyOf } from '@causeway/explain/gateway-api/topology';
import { renderTopology } from '@causeway/explain/gateway-api/topology-text';
import { printable } from '@causeway/explain/printable';
import { explainRequest } from '@causeway/explain/request';
import { renderRequestExplanation } from '@causeway/explain/request-text';
import { createClient } from '@causeway/protocols/kubernetes/client';
import { loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import { Command, InvalidArgumentError } from 'commander';
import { dnsServerOption } from './child/dns-server.ts';
import { tellFailure } from './command/failure.ts';
import { allDataPlanes, gatewayDataPlanes, namedDataPlanes } from './inspection/data-planes.ts';
import { addSecrets, readSnapshot, secretStates } from './inspection/snapshot.ts';

interface Flags {
  readonly request: string;
  readonly header: readonly (readonly [string, string])[];
  readonly sourceIp: string;
  readonly alb?: string;
  readonly output: string;
  readonly dataDir: string;
  readonly kubeconfig?: string;
  readonly dnsServer: readonly string[];
}

const program = new Command('causeway explain').exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
program
  .command('request')
  .description('Which frontend, rule and backend a request gets, and which rules nearly took it.')
  .argument('<url>', 'http:// or https:// URL as the client would ask for it', parseUrl)
  .option('-X, --request <method>', 'method', 'GET')
  .option('-H, --header <name:value>', 'header; may be repeated', collectHeader, [])
  .option('--source-ip <address>', 'address of the client', '127.0.0.1')
  .option('--alb <name>', 'only this ALB2, IngressNginx or Gateway: name or namespace/name (default: all)')
  .option('-o, --output <format>', 'text or json', 'text')
  .option('--data-dir <dir>', 'the data directory of the running `up`', path.join(homedir(), '.causeway'))
  .option('--kubeconfig <file>', 'instead of <data-dir>/kubeconfig')
  .addOption(dnsServerOption())
  .allowExcessArguments(false)
  .action(explain);

program
  .command('topology')
  .description('What an HTTPRoute hangs together with: Gateways, policies in force, and the objects that these name.')
  .argument(
    '<route>',
    'HTTPRoute as namespace/name, perhaps with its kind before: httproute/namespace/name',
    parseRoute,
  )
  .option('-o, --output <format>', 'text or json', 'text')
  .option('--data-dir <dir>', 'the data directory of the running `up`', path.join(homedir(), '.causeway'))
  .option('--kubeconfig <file>', 'instead of <data-dir>/kubeconfig')
  .allowExcessArguments(false)
  .action(tellTopology);

try {
  await program.parseAsync();
} catch (error) {
  tellFailure(error);
  process.exit(1);
}

async function explain(url: URL, flags: Flags): Promise<void> {
  const client = await clientOf(flags);
  const snapshot = await readSnapshot(client, flags.dnsServer);
  const view = snapshot.view('explain');
  const albs = namedDataPlanes(view, flags.alb, [...allDataPlanes(view), ...gatewayDataPlanes(view)]);
  const secrets = albs.flatMap((key) => neededSecrets(view, key, url.protocol === 'https:'));
  await addSecrets(snapshot, client, [...new Set(secrets)]);
  const question = {
    url,
    method: flags.request.toUpperCase(),
    headers: flags.header,
    sourceAddress: flags.sourceIp,
    now: Date.now(),
  };
  const explanations = albs.map((key) => explainRequest(view, key, question));
  process.stdout.write(
    flags.output === 'json'
      ? `${JSON.stringify(explanations, undefined, 2)}\n`
      : `${printable(explanations.map(renderRequestExplanation).join('\n\n'))}\n`,
  );
}

async function clientOf(
  flags: Pick<Flags, 'output' | 'dataDir' | 'kubeconfig'>,
): Promise<ReturnType<typeof createClient>> {
  if (flags.output !== 'text' && flags.output !== 'json') {
    program.error(`--output: ${flags.output} is not text or json`);
  }
  const kubeconfig = path.resolve(flags.kubeconfig ?? path.join(flags.dataDir, 'kubeconfig'));
  return createClient(await loadKubeconfig(kubeconfig));
}

async function tellTopology(key: ObjectKey, flags: Pick<Flags, 'output' | 'dataDir' | 'kubeconfig'>): Promise<void> {
  const client = await clientOf(flags);
  const view = (await readSnapshot(client)).view('explain');
  const states = await secretStates(client, secretsOfTopology(view, key).map(objectKeyText));
  const topology = topologyOf(view, key, (secret) => states.get(objectKeyText(secret)) ?? 'unknown');
  if (topology === undefined) throw new Error(`HTTPRoute ${objectKeyText(key)} not found`);
  const text = flags.output === 'json' ? JSON.stringify(topology, undefined, 2) : printable(renderTopology(topology));
  process.stdout.write(`${text}\n`);
}

function parseRoute(text: string): ObjectKey {
  const parts = text.split('/');
  const [kind = ''] = parts.length === 3 ? parts.splice(0, 1) : ['httproute'];
  const [namespace = '', name = ''] = parts;
  if (!/^httproutes?$/i.test(kind)) throw new InvalidArgumentError(`kind ${kind} has no topology, only HTTPRoute.`);
  if (parts.length !== 2 || namespace === '' || name === '') throw new InvalidArgumentError('write namespace/name.');
  return { namespace, name };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new InvalidArgumentError('must begin with http:// or https://');
  }
  return url;
}

function collectHeader(text: string, earlier: Flags['header']): Flags['header'] {
  const colon = text.indexOf(':');
  if (colon <= 0) throw new InvalidArgumentError('must be name:value');
  return [...earlier, [text.slice(0, colon).trim(), text.slice(colon + 1).trim()]];
}
