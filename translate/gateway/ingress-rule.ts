import { hash } from 'node:crypto';
import type { CanaryConfig } from '@causeway/apis/gateway/canary';
import type { Frontend } from '@causeway/apis/gateway/frontend';
import {
  ANNOTATION_SOURCE_PATH_INDEX,
  ANNOTATION_SOURCE_RULE_INDEX,
  LABEL_ALB,
  LABEL_FRONTEND,
  LABEL_PROJECT,
  LABEL_SOURCE_INDEX,
  LABEL_SOURCE_NAME,
  LABEL_SOURCE_NAMESPACE,
  LABEL_SOURCE_TYPE,
} from '@causeway/apis/gateway/labels';
import type { RedirectConfig } from '@causeway/apis/gateway/policy-config';
import type { Rule, RuleSpec } from '@causeway/apis/gateway/rule';
import type { ServiceGroup } from '@causeway/apis/gateway/service-group';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { hasStrictPrefix, priorityOf } from './ingress-annotation.ts';
import { type FeatureContext, featureParts, type RulePart } from './ingress-feature.ts';
import { ignoringCase, ingressDslx } from './ingress-path.ts';
import type { ingressReaders } from './ingress-reader.ts';
import type { IngressTls } from './ingress-tls.ts';
import { internalDsl } from './rule-order.ts';

/** One path of an Ingress with what all ports have in common. */
export interface IngressPath {
  /** Counted from 0, entries without http included. */
  readonly ruleIndex: number;
  readonly pathIndex: number;
  readonly host: string;
  /** Further hosts with the same paths. */
  readonly aliases: readonly string[];
  readonly path: string;
  readonly pathType: string | undefined;
  /** The path is a regular expression, whatever its type. */
  readonly usesRegex?: boolean;
  /** Present for rules that are not made from a path: they have no annotation for it. */
  readonly priority?: number;
  /** Absent for what only redirects. */
  readonly group?: ServiceGroup;
  /** Its requests are redirected, and no other annotation has an effect on them. */
  readonly redirect?: RedirectConfig;
  /** TLS connections to its host are passed on as they are; nothing else of the Ingress counts for them. */
  readonly passthrough?: boolean;
  /** What another Ingress adds (LIM-05). */
  readonly canary?: CanaryConfig;
}

export interface IngressRuleContext {
  readonly ingress: Ingress;
  readonly alb: string;
  readonly frontend: Frontend;
  readonly project: string | undefined;
  readonly tls: IngressTls;
  readonly backendProtocol: string;
  readonly readers: ReturnType<typeof ingressReaders>;
}

/**
 * The Rule of one path on one port. Fields that say nothing are left out, so that what the API server returns is equal to
 * what was sent.
 *
 * Source: spec ALB-19.
 */
export function ingressRule(name: string, path: IngressPath, context: IngressRuleContext): Rule {
  const { ingress, alb, frontend, project, tls, backendProtocol, readers } = context;
  const { namespace, name: ingressName } = keyOf(ingress);
  const part = partsOf(path, readers, {
    namespace,
    port: frontend.spec.port,
    isTls: frontend.spec.protocol === 'https',
    hasCertificate: (host) => tls.certificates.has(host.toLowerCase()),
  });
  const dslx = ingressDslx(path);
  const showsCertificate = frontend.spec.protocol === 'https' && path.passthrough !== true;
  const certificate = showsCertificate ? tls.certificates.get(path.host.toLowerCase()) : undefined;
  return {
    apiVersion: 'crd.alauda.io/v1',
    kind: 'Rule',
    metadata: {
      name,
      namespace: frontend.metadata.namespace ?? '',
      labels: {
        [LABEL_ALB]: alb,
        [LABEL_FRONTEND]: frontend.metadata.name,
        [LABEL_SOURCE_TYPE]: 'ingress',
        [LABEL_SOURCE_NAME]: labelValue(ingressName),
        [LABEL_SOURCE_NAMESPACE]: labelValue(namespace),
        [LABEL_SOURCE_INDEX]: indexText(path),
        ...(project === undefined ? {} : { [LABEL_PROJECT]: project }),
      },
      annotations: {
        [ANNOTATION_SOURCE_RULE_INDEX]: String(path.ruleIndex),
        [ANNOTATION_SOURCE_PATH_INDEX]: String(path.pathIndex),
        ...part.annotations,
      },
      ...ownedBy(frontend),
    },
    spec: {
      dslx,
      priority: path.priority ?? priorityOf(ingress, path.ruleIndex, path.pathIndex),
      dsl: JSON.stringify(internalDsl(dslx)),
      ...(path.host === '' ? {} : { domain: path.host }),
      ...(path.path === '' ? {} : { url: path.path, rewrite_base: rewriteBase(path) }),
      ...(certificate === undefined ? {} : { certificate_name: certificate.replace('/', '_') }),
      ...(backendProtocol === '' ? {} : { backendProtocol }),
      ...part.spec,
      ...(path.group === undefined ? {} : { serviceGroup: path.group }),
      description: `${namespace}/${ingressName}:${frontend.spec.port}:${path.pathIndex}`,
      source: { type: 'ingress', namespace, name: ingressName },
      ...configOf(path, ingress, part.config),
    },
  };
}

function partsOf(
  path: IngressPath,
  readers: IngressRuleContext['readers'],
  context: FeatureContext,
): Required<RulePart> {
  const { redirect, passthrough } = path;
  if (passthrough === true) return { spec: {}, config: { sslPassthrough: true }, annotations: {} };
  if (redirect === undefined) return featureParts(readers(path.ruleIndex, path.pathIndex), path, context);
  return { spec: {}, config: { redirect: withPort(redirect, context) }, annotations: {} };
}

/** A host without port means the usual one, which may not be that of the ALB. */
function withPort(redirect: RedirectConfig, { port, isTls }: FeatureContext): RedirectConfig {
  return redirect.host === undefined || port === (isTls ? 443 : 80) ? redirect : { ...redirect, port };
}

function rewriteBase({ path, usesRegex }: IngressPath): string {
  return usesRegex === true ? ignoringCase(path) : path;
}

function configOf(
  path: IngressPath,
  ingress: Ingress,
  given: NonNullable<RulePart['config']>,
): Pick<RuleSpec, 'config'> {
  const config: RuleSpec['config'] = {
    ...given,
    ...(path.canary === undefined ? {} : { canary: path.canary }),
    ...(path.pathType === 'Prefix' && hasStrictPrefix(ingress) ? { strictPrefix: true } : {}),
  };
  return Object.keys(config).length === 0 ? {} : { config };
}

/**
 * Names of the Rules of one Ingress on one Frontend: an existing Rule of a path keeps its name (ALB-20); a new one gets a
 * hash of what identifies it, lengthened while another Rule has that name (amendment to ALB-19).
 */
export function ruleNames(view: View, context: IngressRuleContext): (path: IngressPath) => string {
  const { ingress, frontend } = context;
  const existing = new Map<string, string>();
  for (const rule of view.by('Rule', 'ingress', objectKeyText(keyOf(ingress)))) {
    const labels = rule.metadata.labels;
    if (rule.metadata.namespace !== frontend.metadata.namespace) continue;
    if (labels?.[LABEL_FRONTEND] !== frontend.metadata.name) continue;
    const index = labels[LABEL_SOURCE_INDEX];
    // Lists are sorted: of duplicates the first by name stays.
    if (index !== undefined && !existing.has(index)) existing.set(index, rule.metadata.name);
  }
  const taken = new Set(existing.values());
  return (path) => {
    const known = existing.get(indexText(path));
    if (known !== undefined) return known;
    const identity = [
      ingress.metadata.uid ?? objectKeyText(keyOf(ingress)),
      String(frontend.spec.port),
      indexText(path),
    ].join(' ');
    const digits = BigInt(`0x${hash('sha256', identity)}`).toString(36);
    for (let length = 4; ; length += 1) {
      const name = `${frontend.metadata.name}-${digits.slice(-length)}`;
      const isFree =
        !taken.has(name) && view.get('Rule', { namespace: frontend.metadata.namespace ?? '', name }) === undefined;
      if (isFree || length >= digits.length) {
        taken.add(name);
        return name;
      }
    }
  };
}

function indexText(path: IngressPath): string {
  return `${path.ruleIndex}-${path.pathIndex}`;
}

/** Cut to what a label may hold: 63 characters, the last one a letter or digit. */
function labelValue(text: string): string {
  return text.slice(0, 63).replace(/[^A-Za-z0-9]+$/, '');
}

function ownedBy(frontend: Frontend): Pick<Rule['metadata'], 'ownerReferences'> {
  const { name, uid } = frontend.metadata;
  return uid === undefined
    ? {}
    : { ownerReferences: [{ apiVersion: 'crd.alauda.io/v1', kind: 'Frontend', name, uid }] };
}
