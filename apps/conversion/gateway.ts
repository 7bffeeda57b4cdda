import { convertGateways, DEFAULT_GATEWAY_OPTIONS } from '@causeway/translate/convert/gateway/convert';
import { Command } from 'commander';
import { readInputs } from '../manifest/input.ts';
import { parseName } from './named-reference.ts';
import { inNamespace } from './namespace.ts';
import { EXIT_CODES, type ReportFormat, reportOption, writeConversion } from './output.ts';

interface Flags {
  readonly gatewayClass: string;
  readonly namespace: string;
  readonly report: ReportFormat;
}

/** `causeway convert gateway`. Source: spec GW-49. */
export function gatewayCommand(): Command {
  return new Command('gateway')
    .description(
      'Gateways of class exclusive-gateway, and older versions of routes, as written today. Nothing is sent.',
    )
    .argument('<place...>', 'files, folders, or - for the standard input; ALB2s in there tell annotations of Services')
    .option('--gateway-class <name>', 'of the Gateways', parseName, DEFAULT_GATEWAY_OPTIONS.gatewayClass)
    .option('--namespace <name>', 'of objects that name none', parseName, 'default')
    .addOption(reportOption())
    .addHelpText('after', EXIT_CODES)
    .action(async (places: readonly string[], { gatewayClass, namespace, report }: Flags) => {
      const objects = await readInputs(places);
      writeConversion(
        convertGateways(
          objects.map((object) => inNamespace(object, namespace)),
          { gatewayClass },
        ),
        report,
      );
    });
}
