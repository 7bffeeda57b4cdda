import type { IngressAnnotation } from '@causeway/apis/gateway/annotation/index';
import type { RuleSpec } from '@causeway/apis/gateway/rule';
import { ACCESS_FEATURE } from './ingress-access.ts';
import { BACKEND_ANSWER_FEATURE } from './ingress-backend-answer.ts';
import { BACKEND_TLS_FEATURE } from './ingress-backend-tls.ts';
import { CLIENT_CERTIFICATE_FEATURE } from './ingress-client-certificate.ts';
import { CORS_FEATURE } from './ingress-cors.ts';
import { CUSTOM_ERRORS_FEATURE, DEFAULT_BACKEND_FEATURE } from './ingress-default-backend.ts';
import { FIREWALL_FEATURE } from './ingress-firewall.ts';
import { HEADERS_FEATURE } from './ingress-headers.ts';
import { HOST_FEATURE } from './ingress-host.ts';
import { GLOBAL_LIMIT_FEATURE, LIMIT_FEATURE } from './ingress-limit.ts';
import { MIRROR_FEATURE } from './ingress-mirror.ts';
import type { IngressReader } from './ingress-reader.ts';
import { REDIRECT_FEATURE } from './ingress-redirect.ts';
import { RETRY_FEATURE } from './ingress-retry.ts';
import { REWRITE_FEATURE } from './ingress-rewrite.ts';
import type { IngressPath } from './ingress-rule.ts';
import { TIMEOUT_FEATURE } from './ingress-timeout.ts';
import { TRACING_FEATURE } from './ingress-tracing.ts';
import { ACCESS_LOG_FEATURE, SERVICE_UPSTREAM_FEATURE, TRANSFER_FEATURE } from './ingress-transfer.ts';

/** Some annotations and what they become in the Rule of a path. */
export interface IngressFeature {
  /** Of an Ingress that has none of these, nobody asks the feature. */
  readonly annotations: readonly IngressAnnotation[];
  /** Those among them that `index.<rule>-<path>.` may stand before (section 5.6). */
  readonly byPath: readonly IngressAnnotation[];
  readonly translate: (read: IngressReader, path: IngressPath, context: FeatureContext) => RulePart;
}

/** What features may ask about the port and the Ingress of a path. */
export interface FeatureContext {
  /** Of the Ingress: what it names without namespace is in there. */
  readonly namespace: string;
  readonly port: number;
  /** Whether clients speak TLS on this port. */
  readonly isTls: boolean;
  /** Whether the Ingress brings a certificate for this host, in any case of letters. */
  readonly hasCertificate: (host: string) => boolean;
}

/** Fields of a Rule that a feature gives; absent ones stay as they are. */
export interface RulePart {
  readonly spec?: Partial<Omit<RuleSpec, 'config'>>;
  readonly config?: Partial<NonNullable<RuleSpec['config']>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Of several that give the same field the last wins. */
const FEATURES: readonly IngressFeature[] = [
  TIMEOUT_FEATURE,
  REDIRECT_FEATURE,
  HOST_FEATURE,
  CORS_FEATURE,
  REWRITE_FEATURE,
  RETRY_FEATURE,
  TRANSFER_FEATURE,
  ACCESS_LOG_FEATURE,
  SERVICE_UPSTREAM_FEATURE,
  BACKEND_TLS_FEATURE,
  HEADERS_FEATURE,
  ACCESS_FEATURE,
  TRACING_FEATURE,
  BACKEND_ANSWER_FEATURE,
  LIMIT_FEATURE,
  GLOBAL_LIMIT_FEATURE,
  MIRROR_FEATURE,
  FIREWALL_FEATURE,
  DEFAULT_BACKEND_FEATURE,
  CLIENT_CERTIFICATE_FEATURE,
  CUSTOM_ERRORS_FEATURE,
];

/** Names that have an effect, and those that have one for single paths. */
export const FEATURE_ANNOTATIONS: ReadonlySet<string> = new Set(FEATURES.flatMap(({ annotations }) => annotations));
export const FEATURE_ANNOTATIONS_BY_PATH: ReadonlySet<string> = new Set(FEATURES.flatMap(({ byPath }) => byPath));

/** What all features together give to the Rule of one path. */
export function featureParts(read: IngressReader, path: IngressPath, context: FeatureContext): Required<RulePart> {
  const whole: Required<RulePart> = { spec: {}, config: {}, annotations: {} };
  for (const { annotations, translate } of FEATURES) {
    if (!read.has(annotations)) continue;
    const part = translate(read, path, context);
    Object.assign(whole.spec, part.spec);
    Object.assign(whole.config, part.config);
    Object.assign(whole.annotations, part.annotations);
  }
  return whole;
}
