import type { ObjectKey } from '@causeway/apis/meta/object';
import { networkOf } from '@causeway/translate/convert/network-list';
import { convertRoutes } from '@causeway/translate/convert/ocp-route/convert';
import { DEFAULT_ROUTE_OPTIONS, type RouteOptions } from '@causeway/translate/convert/ocp-route/options';
import { isRouteHostname } from '@causeway/translate/convert/route-text';
import { Command, InvalidArgumentError, Option } from 'commander';
import { readInputs } from '../manifest/input.ts';
import { withAttachment } from './attachment.ts';
import { parseName, parseReference } from './named-reference.ts';
import { inNamespace } from './namespace.ts';
import { EXIT_CODES, type ReportFormat, reportOption, writeConversion } from './output.ts';

interface Flags
  extends Pick<RouteOptions, 'style' | 'gateway' | 'gatewayClass' | 'httpListener' | 'httpsListener' | 'tlsListener'> {
  readonly namespace: string;
  readonly report: ReportFormat;
  readonly emitGateway?: true;
  readonly defaultCertificate: string;
  readonly ingressDomain?: string;
  readonly routerDefaults?: true;
  readonly serviceCa?: ObjectKey;
  readonly backendHostname?: string;
  readonly blocklist: readonly string[];
  readonly allowOpen?: true;
  readonly applyRequiredHsts?: true;
  readonly strict?: true;
}

/** `causeway convert ocp-route`. Source: spec MG section 1. */
export function ocpRouteCommand(): Command {
  const defaults = DEFAULT_ROUTE_OPTIONS;
  const command = new Command('ocp-route')
    .description('OpenShift Routes as routes and policies of the Gateway API. Nothing is sent.')
    .argument('<place...>', 'files, folders, or - for the standard input; Services in there tell ports')
    .addOption(
      new Option(
        '--style <style>',
        'docs: as the migration guide writes it; faithful: as close to the router as can be',
      )
        .choices(['docs', 'faithful'])
        .default(defaults.style),
    );
  return withAttachment(command, 'Route')
    .option('--ingress-domain <domain>', 'of hosts that Routes leave to the router', parseDomain)
    .option('--router-defaults', 'also write what the router does without being told')
    .option('--service-ca <namespace/configmap>', 'with who signs certificates of Services, in ca.crt', parseReference)
    .option(
      '--backend-hostname <name>',
      'in certificates of backends (default: <service>.<namespace>.svc)',
      parseDomain,
    )
    .option('--blocklist <networks>', 'between commas: they may use no Route', parseNetworks, [])
    .option('--allow-open', 'convert Routes whose list of addresses cannot be kept, open for everybody')
    .option('--apply-required-hsts', "write the cluster's required Strict-Transport-Security into each route")
    .option('--strict', 'write nothing of a Route of which something cannot be converted')
    .option('--namespace <name>', 'of objects that name none', parseName, 'default')
    .addOption(reportOption())
    .addHelpText('after', EXIT_CODES)
    .action(run);
}

async function run(places: readonly string[], { namespace, report, ...flags }: Flags): Promise<void> {
  const options = { ...DEFAULT_ROUTE_OPTIONS, ...flags };
  if (options.routerDefaults && options.style === 'docs') {
    throw new Error('--router-defaults cannot be used with --style=docs');
  }
  const objects = await readInputs(places);
  writeConversion(
    convertRoutes(
      objects.map((object) => inNamespace(object, namespace)),
      options,
    ),
    report,
  );
}

function parseDomain(text: string): string {
  if (text.startsWith('*') || !isRouteHostname(text)) throw new InvalidArgumentError('must be a host name');
  return text;
}

function parseNetworks(text: string): readonly string[] {
  return text.split(',').map((entry) => {
    const network = networkOf(entry.trim());
    if (network === undefined)
      throw new InvalidArgumentError(`${JSON.stringify(entry.trim())} is no address or network`);
    return network;
  });
}
