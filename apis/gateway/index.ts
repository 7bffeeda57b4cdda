import { ENVOY_GATEWAY_KINDS } from '../envoy-gateway/index.ts';
import { GATEWAY_API_KINDS } from '../gateway-api/index.ts';
import type { KindDefinition } from '../meta/crd.ts';
import { ALB2Kind } from './alb2.ts';
import { FrontendKind } from './frontend.ts';
import { IngressNginxKind } from './ingress-nginx.ts';
import { InstanceKind } from './instance.ts';
import { RuleKind } from './rule.ts';
import { TimeoutPolicyKind } from './timeout-policy.ts';

export { ALB2Kind, FrontendKind, InstanceKind, RuleKind };

/** Every kind that Causeway brings; installed as CRDs. */
export const CAUSEWAY_KINDS: readonly KindDefinition[] = [
  ALB2Kind,
  FrontendKind,
  RuleKind,
  InstanceKind,
  IngressNginxKind,
  TimeoutPolicyKind,
  ...GATEWAY_API_KINDS,
  ...ENVOY_GATEWAY_KINDS,
];
