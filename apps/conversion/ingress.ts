import { convertIngresses } from '@causeway/translate/convert/ingress/convert';
import { DEFAULT_INGRESS_OPTIONS, type IngressOptions } from '@causeway/translate/convert/ingress/options';
import { message } from '@causeway/translate/convert/message';
import { Command, Option } from 'commander';
import { readInputs } from '../manifest/input.ts';
import { asStored } from '../manifest/stored-object.ts';
import { withAttachment } from './attachment.ts';
import { parseName } from './named-reference.ts';
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
  const command = new Command('ingress')
    .description(
      'Ingresses, with annotations of ingress-nginx or an ALB, as routes and policies of the Gateway API. Nothing is sent.',
    )
    .argument('<place...>', 'files, folders, or - for the standard input; Services in there tell ports')
    .addOption(
      new Option('--from <controller>', 'that serves them today, which decides what paths and defaults mean')
        .choices(['ingress-nginx', 'alb'])
        .default(defaults.from),
    );
  return withAttachment(command, 'Ingress')
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
