import type { Frontend } from '@causeway/apis/gateway/frontend';
import { LABEL_ALB } from '@causeway/apis/gateway/labels';
import type { Rule } from '@causeway/apis/gateway/rule';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { ForwardIR, MatchIR, PassthroughIR, RespondIR, RouteSourceIR, ServerNameIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import type { AlbSettings } from './alb-settings.ts';
import { translateDslx } from './dslx.ts';
import { listenerProtocol, speaksTls } from './frontend-port.ts';
import type { Inherited } from './inheritance.ts';
import type { Need, Problem } from './problem.ts';
import { translateRetry } from './retry.ts';
import { translateServiceGroup } from './service-group.ts';
import { translateTimeout } from './timeout.ts';

export interface PassthroughTranslation {
  readonly passthrough?: PassthroughIR;
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

interface PassthroughSubject {
  readonly frontend: Frontend;
  readonly alb: ObjectKey;
  readonly settings: AlbSettings;
  /** In force for the Rule, its own included. */
  readonly inherited: Inherited;
  readonly source: RouteSourceIR;
  /** Who is told of problems. */
  readonly object: Problem['object'];
}

/** Only where clients speak TLS is there anything to pass through; on other ports such a Rule is one like others. */
export function passesThrough({ spec }: Rule, frontend: Frontend): boolean {
  return spec.config?.sslPassthrough === true && speaksTls(listenerProtocol(frontend));
}

/**
 * A Rule whose connections are passed on as they are. Its hosts choose, nothing else of a connection can be read; settings that would
 * protect it cannot be kept, so its connections are closed instead.
 *
 * Source: spec ALB 5.7, LIM-13.
 */
export function translatePassthrough(view: View, rule: Rule, subject: PassthroughSubject): PassthroughTranslation {
  const { frontend, alb, settings, inherited, source, object } = subject;
  const key = keyOf(rule);
  const problems: Problem[] = [];
  const warn = (reason: Problem['reason'], message: string): void => {
    problems.push({ object, reason, message: `spec.config.sslPassthrough: ${message}`, severity: 'Warning' });
  };
  const match = translateDslx(rule.spec.dslx ?? []);
  const { hosts, mistakes } = serverNames(match);
  for (const mistake of mistakes) warn('InvalidField', mistake);
  if (hosts.length === 0) {
    warn('InvalidField', 'needs a HOST term with names to choose connections by; not served');
    return { needs: [], problems };
  }
  for (const { subject: part } of match.filter(({ subject: part }) => part !== 'host')) {
    warn('UnsupportedFeature', `a term about the ${part} has no effect, only hosts can be seen`);
  }
  const others = Object.keys(rule.spec.config ?? {}).filter((name) => !SERVED.has(name));
  if (others.length > 0) warn('UnsupportedFeature', `without effect beside it: ${others.sort().join(', ')}`);
  for (const other of earlierFor(view, rule, hosts)) {
    warn('Conflicted', `Rule ${objectKeyText(keyOf(other))} passes a host of this one through, and comes first`);
  }
  const evaded = protection(inherited);
  if (evaded !== undefined) warn('UnsupportedFeature', `${evaded} cannot be kept; connections are closed`);
  const { action, needs, problems: ofGroup } = streamAction(rule, subject);
  return {
    passthrough: {
      kind: 'passthrough',
      id: objectKeyText(key),
      instance: objectKeyText(alb),
      listeners: [`${key.namespace}/${frontend.metadata.name}`],
      hosts,
      order: { priority: rule.spec.priority ?? 0, tie: key.name },
      action:
        evaded === undefined ? action : { type: 'respond', status: 500, reason: `UnsupportedFeature : ${evaded}` },
      name: key.name,
      source,
    },
    needs: settings.serveRules && evaded === undefined ? needs : [],
    problems: [...problems, ...ofGroup],
  };
}

/** Settings of a Rule that hold for connections too, or keep them out. */
const SERVED: ReadonlySet<string> = new Set([
  'sslPassthrough',
  'timeout',
  'strictPrefix',
  'auth',
  'sourceRange',
  'modsecurity',
]);

/** What of the settings in force would keep somebody out. */
function protection({ auth, sourceRange, modsecurity, clientCertificate }: Inherited): string | undefined {
  const { verify = 'on', ...others } = clientCertificate ?? { verify: 'off' };
  if (verify !== 'off' && (clientCertificate?.verify !== undefined || Object.keys(others).length > 0))
    return 'clientCertificate';
  if (auth?.basic !== undefined || auth?.forward !== undefined) return 'auth';
  if (sourceRange !== undefined && Object.keys(sourceRange).length > 0) return 'sourceRange';
  return modsecurity?.enable === true ? 'modsecurity' : undefined;
}

function serverNames(match: MatchIR): {
  readonly hosts: readonly ServerNameIR[];
  readonly mistakes: readonly string[];
} {
  const terms = match.filter(({ subject }) => subject === 'host');
  if (terms.length > 1) return { hosts: [], mistakes: ['takes one HOST term only'] };
  const hosts: ServerNameIR[] = [];
  const mistakes: string[] = [];
  for (const test of terms.flatMap(({ tests }) => tests)) {
    if (test.op === 'equal' || test.op === 'hostSuffix') hosts.push(test);
    else if (test.op === 'in') hosts.push(...test.values.map((value) => ({ op: 'equal', value }) as const));
    else mistakes.push(`HOST ${test.op} cannot choose connections, only names and wildcards (*.a.com) can; left out`);
  }
  return { hosts, mistakes };
}

/** Rules of the same port with one of these hosts that are asked before this one. */
function earlierFor(view: View, rule: Rule, hosts: readonly ServerNameIR[]): readonly Rule[] {
  const alb = `${rule.metadata.namespace ?? ''}/${rule.metadata.labels?.[LABEL_ALB] ?? ''}`;
  const found = new Map<string, Rule>();
  for (const { value } of hosts) {
    for (const other of view.by('Rule', 'passthroughHost', `${alb} ${value}`)) {
      if (isSamePort(other, rule) && isBefore(other, rule)) found.set(other.metadata.name, other);
    }
  }
  return [...found.values()];
}

function isSamePort(a: Rule, b: Rule): boolean {
  return a.metadata.labels?.['alb2.cpaas.io/frontend'] === b.metadata.labels?.['alb2.cpaas.io/frontend'];
}

function isBefore(a: Rule, b: Rule): boolean {
  const byPriority = (a.spec.priority ?? 0) - (b.spec.priority ?? 0);
  return byPriority < 0 || (byPriority === 0 && a.metadata.name < b.metadata.name);
}

function streamAction(
  rule: Rule,
  { settings, inherited, object }: PassthroughSubject,
): {
  readonly action: ForwardIR | RespondIR;
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
} {
  const { session_affinity_policy: policy = '', ...group } = rule.spec.serviceGroup ?? {};
  const bySource = policy === 'sip-hash';
  const problems: Problem[] = [];
  if (!bySource && policy !== '' && policy !== 'rr') {
    const message = `spec.serviceGroup.session_affinity_policy: ${policy} needs http; endpoints take connections in turn`;
    problems.push({ object, reason: 'UnsupportedFeature', message, severity: 'Warning' });
  }
  const {
    action,
    needs,
    problems: ofGroup,
  } = translateServiceGroup({
    object,
    group: bySource ? { ...group, session_affinity_policy: policy } : group,
    backendProtocol: 'tcp',
    forwarding: { timeouts: translateTimeout(inherited.timeout), retry: translateRetry(undefined) },
    otherClusters: settings.otherClusters,
  });
  const closed: RespondIR = { type: 'respond', status: 500, reason: 'InvalidBalancer : no peer' };
  return { action: action.type === 'redirect' ? closed : action, needs, problems: [...problems, ...ofGroup] };
}
