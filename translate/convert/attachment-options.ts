import type { GatewayPlanOptions } from './gateway-plan.ts';

/** Which Gateway and listeners converted routes attach to. */
export interface AttachmentOptions extends GatewayPlanOptions {
  /** Without a namespace: one of that name in the namespace of each converted object. */
  readonly gateway: { readonly name: string; readonly namespace?: string };
  readonly tlsListener: string;
}

/** As the migration guide of the platform names them. */
export const DEFAULT_ATTACHMENT: AttachmentOptions = {
  gateway: { name: 'demo-gateway' },
  gatewayClass: 'envoy-gateway-operator-cpaas-default',
  emitGateway: false,
  httpListener: 'http',
  httpsListener: 'https',
  tlsListener: 'tls-passthrough',
  defaultCertificate: 'default-tls-cert',
};
