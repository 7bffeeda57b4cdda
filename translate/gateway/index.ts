/** Everything about gateways: pure functions of a view. One file per concept. */
export { translateAlbStatus } from './alb-status.ts';
export { translateCertificate } from './certificate.ts';
export { translateEndpointSet } from './endpoint-set.ts';
export { translateFrontend } from './frontend.ts';
export { translateFrontendStatus } from './frontend-status.ts';
export { type IngressTranslation, translateIngress } from './ingress.ts';
export { translateIngressClass } from './ingress-class.ts';
export { type IngressStatusFragment, translateIngressStatus } from './ingress-status.ts';
export { translateInstance } from './instance.ts';
export type { Need, Problem, ProblemReason } from './problem.ts';
export { translateRule } from './rule.ts';
