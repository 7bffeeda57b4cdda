import { convertIngresses } from '@causeway/translate/convert/ingress/convert';
import { DEFAULT_INGRESS_OPTIONS, type IngressOptions } from '@causeway/translate/convert/ingress/options';
import { message } from '@causeway/translate/convert/message';
import { Command, Option } from 'commander';
import { readInputs } from '../manifest/input.ts';
import { asStored } from '../manifest/stored-object.ts';
import { parseGateway, parseName } from './named-reference.ts';
import { EXIT_CODES, type ReportFormat, reportOption, writeConversion } from './output.ts';

interface Flags extends Omit<IngressOptions, 'emitGateway' | 'allowOpen'> {
  readonly namespace: string;
  readonly report: ReportFormat;
  readonly emitGateway?: true;
  readonly allowOpen?: true;
}

/** `causeway convert ingress`. */
export function ingressCommand(): Command {
  const defaults = DEFAULT_INGRESS_OPTIONS;
  return new Command('ingress')
    .description(
      'Ingresses, with annotations of ingress-nginx or an ALB, as routes and policies of the Gateway API. Nothing is sent.',
    )
    .argument('<place...>', 'files, folders, or - for the standard input; Services in there tell ports')
    .addOption(
      new Option('--from <controller>', 'that serves them today, which decides what paths and defaults mean')
        .choices(['ingress-nginx', 'alb'])
        .default(defaults.from),
    )
    .option(
      '--gateway <namespace/name>',
      'to attach to; without a namespace: that of each Ingress',
      parseGateway,
      defaults.gateway,
    )
    .option('--gateway-class <name>', 'of written Gateways', parseName, defaults.gatewayClass)
    .option('--emit-gateway', 'also write the Gateway, with the listeners that are needed')
    .option('--http-listener <name>', 'for HTTP', parseName, defaults.httpListener)
    .option('--https-listener <name>', 'for HTTPS', parseName, defaults.httpsListener)
    .option('--tls-listener <name>', 'for TLS that is passed through', parseName, defaults.tlsListener)
    .option(
      '--default-certificate <secret>',
      'of a written Gateway, for hosts without one',
      parseName,
      defaults.defaultCertificate,
    )
    .option('--allow-open', 'convert Ingresses whose protection cannot be kept, without it')
    .option('--namespace <name>', 'of objects that name none', parseName, 'default')
    .addOption(reportOption())
    .addHelpText('after', EXIT_CODES)
    .action(run);
}

async function run(places: readonly string[], { namespace, report, ...flags }: Flags): Promise<void> {
  const stored = (await readInputs(places)).map((object) => asStored(object, namespace));
  const bad = stored.flatMap(({ object: { metadata }, mistakes }) =>
    mistakes.map((mistake) => {
      const [field = '', ...text] = mistake.split(': ');
      return message('E103', `${metadata.namespace ?? namespace}/${metadata.name}`, field, text.join(': '));
    }),
  );
  const good = stored.filter(({ mistakes }) => mistakes.length === 0).map(({ object }) => object);
  const { objects, messages } = convertIngresses(good, { ...DEFAULT_INGRESS_OPTIONS, ...flags });
  writeConversion({ objects, messages: [...bad, ...messages] }, report);
}
