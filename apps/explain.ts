/** `causeway explain`: says why a request is answered as it is, without sending it. */
import { homedir } from 'node:os';
import path from 'node:path';
import { neededSecrets } from '@causeway/explain/alb/policies';
import { printable } from '@causeway/explain/printable';
import { explainRequest } from '@causeway/explain/request';
import { renderRequestExplanation } from '@causeway/explain/request-text';
import { createClient } from '@causeway/protocols/kubernetes/client';
import { loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import { Command, InvalidArgumentError } from 'commander';
import { dnsServerOption } from './child/dns-server.ts';
import { tellFailure } from './command/failure.ts';
import { allDataPlanes, gatewayDataPlanes, namedDataPlanes } from './inspection/data-planes.ts';
import { addSecrets, readSnapshot } from './inspection/snapshot.ts';

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

try {
  await program.parseAsync();
} catch (error) {
  tellFailure(error);
  process.exit(1);
}

async function explain(url: URL, flags: Flags): Promise<void> {
  if (flags.output !== 'text' && flags.output !== 'json')
    program.error(`--output: ${flags.output} is not text or json`);
  const kubeconfig = path.resolve(flags.kubeconfig ?? path.join(flags.dataDir, 'kubeconfig'));
  const client = createClient(await loadKubeconfig(kubeconfig));
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
