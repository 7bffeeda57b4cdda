import type { Frontend } from '@causeway/apis/gateway/frontend';
import type { Rule } from '@causeway/apis/gateway/rule';
import type { ServiceGroup } from '@causeway/apis/gateway/service-group';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type IngressAffinity, ingressAffinity } from './ingress-affinity.ts';
import { projectOf, type ServingAlb, servingAlbs } from './ingress-alb.ts';
import { annotationProblems, backendProtocolOf } from './ingress-annotation.ts';
import { canaryOf, canaryProblems, isCanary, isSticky } from './ingress-canary.ts';
import { ingressFrontend, releaseFrontends } from './ingress-frontend.ts';
import { hiddenBy, hiddenIngresses, isPassthrough, passingHosts } from './ingress-passthrough.ts';
import { ingressPathMistake } from './ingress-path.ts';
import { servedPorts } from './ingress-port.ts';
import { ingressReaders } from './ingress-reader.ts';
import { redirectingPaths } from './ingress-redirect-path.ts';
import { type IngressPath, type IngressRuleContext, ingressRule, ruleNames } from './ingress-rule.ts';
import { ingressTls } from './ingress-tls.ts';
import type { Problem } from './problem.ts';

export interface IngressTranslation {
  /**
   * Complete desired objects, made from the current ones where those exist, so user edits are in them: create when
   * absent, update when spec, labels or annotations differ, never delete.
   */
  readonly frontends: readonly Frontend[];
  /**
   * Complete set over all ALBs: create, update; delete the Rules with this source that are not in it. Without owner
   * reference while the Frontend is not in the snapshot yet; the translation becomes stale when it is.
   */
  readonly rules: readonly Rule[];
  readonly problems: readonly Problem[];
}

/** Priority of the rule made from a defaultBackend beside rules (spec ALB-24, decision). */
const DEFAULT_BACKEND_PRIORITY = 998;

/**
 * Ingress -> Frontends and Rules of every ALB that serves it; of an absent or foreign Ingress: what is left to be undone.
 *
 * Source: spec ALB sections 5.1 to 5.5.
 */
export function translateIngress(view: View, key: ObjectKey): IngressTranslation {
  const ingress = view.get('Ingress', key);
  if (ingress === undefined || ingress.metadata.deletionTimestamp !== undefined) {
    return { frontends: releaseFrontends(view, key, new Set()), rules: [], problems: [] };
  }
  const { albs, problems } = servingAlbs(view, ingress);
  if (isCanary(ingress)) {
    const own = albs.length === 0 ? [] : [...annotationProblems(ingress), ...canaryProblems(view, ingress)];
    return {
      frontends: releaseFrontends(view, key, new Set()),
      rules: [],
      problems: unique([...problems, ...own]),
    };
  }
  const found: Problem[] = [...problems];
  const frontends = new Map<string, Frontend>();
  const rules: Rule[] = [];
  if (albs.length > 0) {
    const backends = resolveBackends(view, ingress);
    found.push(...annotationProblems(ingress), ...backends.problems);
    for (const alb of albs) {
      const part = translateFor(view, ingress, alb, backends);
      for (const frontend of part.frontends) frontends.set(objectKeyText(keyOf(frontend)), frontend);
      rules.push(...part.rules);
      found.push(...part.problems);
    }
  }
  const served = new Set(albs.map((alb) => objectKeyText(alb.key)));
  for (const frontend of releaseFrontends(view, key, served)) frontends.set(objectKeyText(keyOf(frontend)), frontend);
  return {
    frontends: [...frontends.values()].sort(byKey),
    rules: rules.sort(byKey),
    problems: unique(found),
  };
}

/** The paths of an Ingress whose backends are known; the same for every ALB and port. */
interface Backends {
  readonly paths: readonly IngressPath[];
  /** defaultBackend of an Ingress without rules. */
  readonly defaultGroup?: ServiceGroup;
  readonly backendProtocol: string;
  readonly problems: readonly Problem[];
}

function resolveBackends(view: View, ingress: Ingress): Backends {
  const problems: Problem[] = [];
  const protocol = backendProtocolOf(ingress);
  if ('problem' in protocol) return { paths: [], backendProtocol: '', problems: [protocol.problem] };
  const warn = (reason: Problem['reason'], message: string): undefined => {
    problems.push({ object: { kind: 'Ingress', key: keyOf(ingress) }, reason, message, severity: 'Warning' });
    return undefined;
  };
  const affinity = ingressAffinity(ingress);
  problems.push(...affinity.problems);
  const resolve = (backend: IngressBackend, field: string, path: string): ServiceGroup | undefined => {
    const group = serviceGroup(view, ingress, backend, field, warn);
    return group && { ...group, ...affinity.fieldsOf(path) };
  };

  const read = ingressReaders(ingress)();
  const aliases = read.value('server-alias') ?? [];
  const usesRegex = read.value('use-regex') === true;
  const paths: IngressPath[] = [];
  const rules = ingress.spec?.rules ?? [];
  for (const [ruleIndex, rule] of rules.entries()) {
    for (const [pathIndex, path] of (rule.http?.paths ?? []).entries()) {
      const field = `spec.rules[${ruleIndex}].http.paths[${pathIndex}]`;
      const matched = {
        ...{ host: rule.host ?? '', aliases, path: path.path ?? '', pathType: path.pathType },
        ...(usesRegex ? { usesRegex } : {}),
      };
      const mistake = ingressPathMistake(matched);
      if (mistake !== undefined) {
        warn('InvalidField', `${field}: ${mistake}; not served`);
        continue;
      }
      const group = resolve(path.backend, `${field}.backend`, path.path ?? '');
      if (group === undefined) continue;
      paths.push({ ...matched, ruleIndex, pathIndex, group, ...canaryPart(view, ingress, matched, affinity) });
    }
  }
  paths.push(...redirectingPaths(view, ingress, paths));
  const defaultBackend = ingress.spec?.defaultBackend;
  const defaultGroup = defaultBackend === undefined ? undefined : resolve(defaultBackend, 'spec.defaultBackend', '');
  if (defaultGroup === undefined) return { paths, backendProtocol: protocol.protocol, problems };
  if (rules.length === 0) return { paths, defaultGroup, backendProtocol: protocol.protocol, problems };
  return {
    paths: [...paths, ...defaultPaths(rules, aliases, defaultGroup)],
    backendProtocol: protocol.protocol,
    problems,
  };
}

/** Its backends that cannot be resolved are told at the canary itself. */
function canaryPart(
  view: View,
  ingress: Ingress,
  path: Pick<IngressPath, 'host' | 'path' | 'pathType'>,
  affinity: IngressAffinity,
): Pick<IngressPath, 'canary'> {
  const canary = canaryOf(view, ingress, path, (other, { backend }) => {
    const group = serviceGroup(view, other, backend, '', () => undefined);
    return group && { ...group, ...(isSticky(other) ? affinity : ingressAffinity(other)).fieldsOf(path.path) };
  });
  return canary === undefined ? {} : { canary };
}

type IngressBackend = NonNullable<NonNullable<Ingress['spec']>['defaultBackend']>;

/** A defaultBackend beside rules becomes a last rule for each of their hosts; its index follows the last path. */
function defaultPaths(
  rules: NonNullable<NonNullable<Ingress['spec']>['rules']>,
  aliases: readonly string[],
  group: ServiceGroup,
): readonly IngressPath[] {
  const hosts = new Set<string>();
  const paths: IngressPath[] = [];
  for (const [ruleIndex, rule] of rules.entries()) {
    const matched = { host: rule.host ?? '', aliases, path: '', pathType: undefined };
    if (hosts.has(matched.host) || ingressPathMistake(matched) !== undefined) continue;
    hosts.add(matched.host);
    const pathIndex = rule.http?.paths.length ?? 0;
    paths.push({ ...matched, ruleIndex, pathIndex, priority: DEFAULT_BACKEND_PRIORITY, group });
  }
  return paths;
}

/** A port number needs no existing Service (redirects use made-up ones); a port name is looked up in the Service. */
function serviceGroup(
  view: View,
  ingress: Ingress,
  backend: IngressBackend,
  field: string,
  warn: (reason: Problem['reason'], message: string) => undefined,
): ServiceGroup | undefined {
  const { service } = backend;
  if (service === undefined) return warn('UnsupportedFeature', `${field}.resource: only Services are supported`);
  const namespace = ingress.metadata.namespace ?? '';
  const name = service.port?.name;
  const port =
    service.port?.number ??
    view
      .get('Service', { namespace, name: service.name })
      ?.spec?.ports?.find((entry) => name !== undefined && entry.name === name)?.port;
  return port === undefined
    ? warn('RefNotFound', `${field}.service: Service ${namespace}/${service.name} has no port named ${name ?? ''}`)
    : { services: [{ namespace, name: service.name, port, weight: 100 }] };
}

function translateFor(view: View, ingress: Ingress, serving: ServingAlb, backends: Backends): IngressTranslation {
  const tls = ingressTls(view, ingress, serving.settings);
  const readers = ingressReaders(ingress);
  const frontends: Frontend[] = [];
  const rules: Rule[] = [];
  const served = servedPorts(view, ingress, serving, tls);
  const problems: Problem[] = [...tls.problems, ...served.problems];
  const passing = isPassthrough(ingress) ? passingHosts(ingress, backends.paths) : undefined;
  for (const { port, protocol, onlyRedirects } of served.ports) {
    const isDefaultPort = protocol === 'http';
    const frontend = ingressFrontend(view, ingress, serving, {
      port,
      protocol,
      ...(isDefaultPort && backends.defaultGroup !== undefined
        ? { defaultBackend: { group: backends.defaultGroup, backendProtocol: backends.backendProtocol } }
        : {}),
    });
    frontends.push(frontend);
    if (frontend.spec.protocol !== protocol) {
      problems.push({
        object: { kind: 'Ingress', key: keyOf(ingress) },
        reason: 'Conflicted',
        message: `Frontend ${objectKeyText(keyOf(frontend))} speaks ${frontend.spec.protocol}, not ${protocol}; not served on port ${port}`,
        severity: 'Warning',
      });
      continue;
    }
    if (onlyRedirects) continue;
    const context: IngressRuleContext = {
      ingress,
      alb: serving.key.name,
      frontend,
      project: projectOf(view, ingress),
      tls,
      backendProtocol: backends.backendProtocol,
      readers,
    };
    const nameOf = ruleNames(view, context);
    const isServedHere = (other: Ingress) =>
      servingAlbs(view, other).albs.some(({ key }) => objectKeyText(key) === objectKeyText(serving.key));
    if (protocol === 'https' && passing !== undefined) {
      for (const path of passing.paths) rules.push(ingressRule(nameOf(path), path, context));
      problems.push(...passing.problems, ...hiddenIngresses(view, ingress, isServedHere));
      continue;
    }
    for (const path of backends.paths) rules.push(ingressRule(nameOf(path), path, context));
    if (protocol === 'https' && passing === undefined) problems.push(...hiddenBy(view, ingress, isServedHere));
  }
  return { frontends, rules, problems };
}

function byKey(a: Frontend | Rule, b: Frontend | Rule): number {
  const [x, y] = [objectKeyText(keyOf(a)), objectKeyText(keyOf(b))];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Two ALBs say the same about the same Ingress. */
function unique(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problem.reason + problem.message, problem])).values()];
}
