import { setTimeout as sleep } from 'node:timers/promises';
import type { Read } from '@causeway/admission/read';
import type { ObjectKey } from '@causeway/apis/meta/object';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { Option } from 'commander';
import type { Logger } from 'pino';
import { type MetricsAddress, parseAddress } from '../child/program-metrics.ts';
import { parseNamespaced } from './namespaced.ts';
import { storedCredentials, trustAuthority } from './webhook-credentials.ts';
import { serveWebhook, useCredentials } from './webhook-server.ts';

export interface WebhookOptions {
  readonly client: KubernetesClient;
  /** By which the API server finds the webhook; its configuration has the same name. */
  readonly service: ObjectKey;
  readonly address: MetricsAddress;
  readonly read: () => Read | undefined;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const DEFAULT_PORT = 9443;
/** A certificate is renewed weeks before it ends; what is looked after this often is a configuration that was applied anew. */
const LOOK_MS = 10_000;

/** Serves the webhook until `signal` is aborted; never rejects: without it the API server writes unjudged, and is served all the same. */
export async function runWebhook({ client, service, address, read, log, signal }: WebhookOptions): Promise<void> {
  let server: Awaited<ReturnType<typeof serveWebhook>> | undefined;
  let served = '';
  while (!signal.aborted) {
    try {
      const credentials = await storedCredentials(client, service, new Date());
      server ??= await serveWebhook({ ...address, credentials, read, log });
      if (served !== '' && served !== credentials.certificate) useCredentials(server, credentials);
      served = credentials.certificate;
      await trustAuthority(client, service.name, service, credentials.caCertificate);
    } catch (error) {
      log.warn({ err: error }, 'the admission webhook is not set up; trying again');
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  server?.close();
}

/** `--webhook-service NAMESPACE/NAME`. */
export function webhookServiceOption(): Option {
  return new Option(
    '--webhook-service <namespace/name>',
    'serve the admission webhook behind this Service; its certificate is kept in a Secret of that name',
  ).argParser(parseNamespaced);
}

/** `--webhook-address HOST:PORT`. */
export function webhookAddressOption(): Option {
  return new Option('--webhook-address <host:port>', 'where the admission webhook listens')
    .argParser(parseAddress)
    .default({ host: '::', port: DEFAULT_PORT }, `[::]:${DEFAULT_PORT}`);
}
