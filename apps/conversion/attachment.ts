import { DEFAULT_ATTACHMENT as defaults } from '@causeway/translate/convert/attachment-options';
import type { Command } from 'commander';
import { parseGateway, parseName } from './named-reference.ts';

/**
 * Gives a command the options that say which Gateway and listeners its routes attach to.
 *
 * @param kind of what is converted, for the help
 */
export function withAttachment(command: Command, kind: string): Command {
  return command
    .option(
      '--gateway <namespace/name>',
      `to attach to; without a namespace: that of each ${kind}`,
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
    );
}
