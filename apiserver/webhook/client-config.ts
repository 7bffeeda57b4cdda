import { type JsonObject, numberAt, objectAt, textAt } from '../schema/json.ts';

/** Where a webhook is, and by what it proves to be it. Source: apiextensions and admissionregistration v1, WebhookClientConfig. */
export interface WebhookClientConfig {
  readonly url: string | undefined;
  readonly service: WebhookService | undefined;
  /** PEM; undefined: the certificate authorities that the machine trusts. */
  readonly ca: string | undefined;
}

export interface WebhookService {
  readonly namespace: string;
  readonly name: string;
  /** `''`, or with a slash in front */
  readonly path: string;
  /** Of the Service. */
  readonly port: number;
}

/** Reads the `clientConfig` of an object that passed validation. */
export function webhookClientConfig(config: JsonObject): WebhookClientConfig {
  const service = objectAt(config, 'service');
  const caBundle = textAt(config, 'caBundle');
  const path = textAt(service, 'path');
  return {
    url: textAt(config, 'url') || undefined,
    service:
      service === undefined
        ? undefined
        : {
            namespace: textAt(service, 'namespace'),
            name: textAt(service, 'name'),
            path: path === '' || path.startsWith('/') ? path : `/${path}`,
            port: numberAt(service, 'port') ?? 443,
          },
    ca: caBundle === '' ? undefined : Buffer.from(caBundle, 'base64').toString(),
  };
}
