import { printable } from '@causeway/explain/printable';
import { routeRequests } from '@causeway/translate/convert/ocp-route/requests';
import { Command, InvalidArgumentError, Option } from 'commander';
import { readInputs } from '../manifest/input.ts';
import { type Comparison, compare, type Side } from './comparison.ts';
import { parseName } from './named-reference.ts';
import { inNamespace } from './namespace.ts';

interface Flags {
  readonly old: Side;
  readonly new: Side;
  readonly header: readonly string[];
  readonly timeout: number;
  readonly ingressDomain?: string;
  readonly namespace: string;
  readonly output: 'text' | 'json';
}

const HEADERS = ['content-type', 'location', 'strict-transport-security'];

/** `causeway convert verify`. Source: spec MG-19. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'Sends the same requests, one for each OpenShift Route and scheme, to a router and a gateway, and compares answers.',
    )
    .argument('<place...>', 'files, folders, or - for the standard input, with the Routes')
    .requiredOption('--old <address>', 'of the router: address, or address:80,443 with its ports', parseSide)
    .requiredOption('--new <address>', 'of the gateway, likewise', parseSide)
    .option('--header <name...>', 'of answers, that must be alike', HEADERS)
    .option('--timeout <seconds>', 'until an answer is complete', parseSeconds, 30)
    .option('--ingress-domain <domain>', 'of hosts that Routes leave to the router', parseName)
    .option('--namespace <name>', 'of Routes that name none', parseName, 'default')
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      '\nExit codes: 0 all answers are alike, 1 an address cannot be reached or the input not be read, 3 answers differ.',
    )
    .action(run);
}

async function run(places: readonly string[], flags: Flags): Promise<void> {
  const objects = (await readInputs(places)).map((object) => inNamespace(object, flags.namespace));
  const options = { headers: flags.header.map((name) => name.toLowerCase()), timeoutMs: flags.timeout * 1000 };
  const comparisons: Comparison[] = [];
  for (const wanted of routeRequests(objects, flags.ingressDomain))
    comparisons.push(await compare(wanted, flags, options));
  const text = flags.output === 'json' ? JSON.stringify(comparisons, undefined, 2) : comparisons.map(lineOf).join('\n');
  if (comparisons.length > 0 || flags.output === 'json') process.stdout.write(`${text}\n`);
  if (comparisons.some(({ equal }) => !equal)) process.exitCode = 3;
}

/** `different demo/web https://a.com/: old 200, new 503 (status, body)` */
function lineOf({ route, scheme, host, path, equal, differences, ...sides }: Comparison): string {
  const url = `${scheme}://${host}${path}`;
  const outcome = equal ? sides.old : `old ${sides.old}, new ${sides.new} (${differences.join(', ')})`;
  return printable(`${equal ? 'equal' : 'different'} ${route} ${url}: ${outcome}`);
}

function parseSeconds(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('must be whole seconds, 1 to 9999');
  return Number(text);
}

function parseSide(text: string): Side {
  const [, bracketed, bare, http = '80', https = '443'] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+))(?::(\d{1,5}),(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? bare;
  const [httpPort, httpsPort] = [Number(http), Number(https)];
  if (address === undefined || Math.max(httpPort, httpsPort) > 65_535) {
    throw new InvalidArgumentError('must be an address, or address:80,443 with its ports');
  }
  return { address, httpPort, httpsPort };
}
