import type { GatewayPlanOptions } from '../gateway-plan.ts';

/** How Ingresses are converted. */
export interface IngressOptions extends GatewayPlanOptions {
  /** Who serves them today: it decides what paths and defaults mean. */
  readonly from: 'ingress-nginx' | 'alb';
  /** Without a namespace: one of that name in the namespace of each Ingress. */
  readonly gateway: { readonly name: string; readonly namespace?: string };
  readonly tlsListener: string;
  /** Convert what is protected in a way that cannot be kept, without that protection. */
  readonly allowOpen: boolean;
}

export const DEFAULT_INGRESS_OPTIONS: IngressOptions = {
  from: 'ingress-nginx',
  gateway: { name: 'demo-gateway' },
  gatewayClass: 'envoy-gateway-operator-cpaas-default',
  emitGateway: false,
  httpListener: 'http',
  httpsListener: 'https',
  tlsListener: 'tls-passthrough',
  defaultCertificate: 'default-tls-cert',
  allowOpen: false,
};
