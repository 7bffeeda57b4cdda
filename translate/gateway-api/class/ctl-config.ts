import type { EnvoyGatewayCtl } from '@causeway/resources/kinds';
import { type Fields, objectAt } from './config-fields.ts';
import { readRateLimitBackend } from './rate-limit-backend.ts';

export interface CtlConfig {
  /** What is wrong with the one that is written, with the paths of the fields. */
  readonly mistakes: readonly string[];
  /** The one that is written or, while that is wrong, the last that was good. */
  readonly inForce: Fields;
}

/** What the configuration of Envoy Gateway knows. Source: Envoy Gateway v1.7, EnvoyGateway. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['admin', 'apiVersion', 'extensionApis', 'extensionManager', 'gateway', 'gatewayAPI', 'kind', 'logging'],
  ...['provider', 'rateLimit', 'runtimeFlags', 'sdsServer', 'telemetry', 'xdsServer', 'envoyProxy'],
]);

/** The configuration of an EnvoyGatewayCtl, that of `spec.config.envoyGateway`. Source: GW-02. */
export function readCtlConfig({ spec, status }: EnvoyGatewayCtl): CtlConfig {
  const { envoyGateway: _, ...others } = { ...spec.config };
  const written = objectAt({ ...spec.config }, 'envoyGateway') ?? {};
  const mistakes = [
    ...Object.keys(others).map((name) => `spec.config.${name}: unknown`),
    ...Object.keys(written).flatMap((name) => (KNOWN.has(name) ? [] : `spec.config.envoyGateway.${name}: unknown`)),
    ...readRateLimitBackend(written).mistakes,
  ];
  return { mistakes, inForce: mistakes.length === 0 ? written : (status?.config ?? {}) };
}

/** Where the objects of Gateways of its class are on a cluster: beside it, or beside each of them. Source: GW-02. */
export function deploysBesideGateways(ctl: EnvoyGatewayCtl): boolean {
  const kubernetes = objectAt(objectAt(readCtlConfig(ctl).inForce, 'provider'), 'kubernetes');
  return objectAt(kubernetes, 'deploy')?.['type'] === 'GatewayNamespace';
}
