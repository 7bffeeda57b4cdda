import { RISK_LEVELS, type RiskLevel } from './annotation/risk.ts';
import type { IngressNginx } from './ingress-nginx.ts';

/** What an IngressNginx asks of its Ingresses; admission and translation judge by the same. */
export interface IngressNginxRules {
  /** Name of its IngressClass. */
  readonly className: string;
  /** Controller of its IngressClass. */
  readonly controller: string;
  /** Annotations above it are refused. */
  readonly riskLevel: RiskLevel;
  /** The type of a path limits what it may hold. */
  readonly strictPaths: boolean;
}

/** Source: spec/ingress-nginx.md section 1, IN-05, IN-23. */
export function ingressNginxRules({ metadata, spec }: IngressNginx): IngressNginxRules {
  const { ingressClassResource, config } = spec.controller ?? {};
  const usual = `${metadata.namespace ?? ''}-${metadata.name}`;
  const level = String(config?.['annotations-risk-level'] ?? '').trim();
  return {
    className: ingressClassResource?.name ?? usual,
    controller: ingressClassResource?.controllerValue ?? `ingress-nginx.cpaas.io/${usual}`,
    riskLevel: RISK_LEVELS.find((one) => one === level) ?? 'High',
    strictPaths: String(config?.['strict-validate-path-type'] ?? '').trim() !== 'false',
  };
}
