import { nginxPathMistake } from '@causeway/apis/gateway/ingress-nginx-path';
import { ANNOTATION_PREFIX_NGINX } from '@causeway/apis/gateway/labels';
import type { ServiceGroup } from '@causeway/apis/gateway/service-group';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { PassthroughIR, RouteIR } from '@causeway/ir/gateway';
import { hostPath } from '@causeway/resources/indexes';
import type { Ingress } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { ingressAffinity } from '../ingress-affinity.ts';
import { annotationProblems, backendProtocolOf } from '../ingress-annotation.ts';
import { canaryOf, canaryProblems, isCanary, isSticky } from '../ingress-canary.ts';
import { hiddenBy, hiddenIngresses, isPassthrough, passingHosts } from '../ingress-passthrough.ts';
import { ingressReaders } from '../ingress-reader.ts';
import { redirectingPaths } from '../ingress-redirect-path.ts';
import { type IngressPath, ingressRule } from '../ingress-rule.ts';
import { ingressTls } from '../ingress-tls.ts';
import type { Need, Problem } from '../problem.ts';
import { type RuleTranslation, translateRuleOf } from '../rule.ts';
import { judgeAnnotations } from './annotations.ts';
import { DIALECT_ANNOTATIONS, inDialect, messageInDialect, rewriteBase } from './dialect.ts';
import { sharedHeaders } from './headers.ts';
import { listenerId } from './instance.ts';
import { nginxMatch, nginxOrder } from './match.ts';
import { servingIngressNginx } from './serving.ts';
import type { IngressNginxSettings } from './settings.ts';

export interface NginxRoutes {
  readonly routes: readonly RouteIR[];
  /** TLS connections that are passed on as they are. */
  readonly passthroughs: readonly PassthroughIR[];
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

const NOTHING: NginxRoutes = { routes: [], passthroughs: [], needs: [], problems: [] };

/**
 * Ingress -> routes of the IngressNginx data planes that serve it, without objects in between (design D8): each path becomes a Rule in
 * memory, made by the same features as for ALBs, and that a route.
 *
 * Source: spec/ingress-nginx.md section 2.
 *
 * @param plane only those of this data plane
 */
export function translateNginxRoutes(view: View, key: ObjectKey, plane?: ObjectKey): NginxRoutes {
  const stored = view.get('Ingress', key);
  if (stored === undefined || stored.metadata.deletionTimestamp !== undefined) return NOTHING;
  const routes: RouteIR[] = [];
  const passthroughs: PassthroughIR[] = [];
  const needs: Need[] = [];
  const problems = new Map<string, Problem>();
  for (const settings of servingIngressNginx(view, stored)) {
    if (plane !== undefined && objectKeyText(plane) !== objectKeyText(settings.id)) continue;
    const found = routesAt(view, stored, settings);
    routes.push(...found.routes);
    passthroughs.push(...found.passthroughs);
    needs.push(...found.needs);
    for (const problem of found.problems) problems.set(problem.reason + problem.message, problem);
  }
  return { routes, passthroughs, needs, problems: [...problems.values()] };
}

function routesAt(view: View, stored: Ingress, settings: IngressNginxSettings): NginxRoutes {
  const { ingress, ignored, refused } = judgeAnnotations(view, stored, settings);
  const key = keyOf(ingress);
  const object: Problem['object'] = { kind: 'Ingress', key };
  const problems: Problem[] = [
    ...annotationProblems(onlyNginx(stored), DIALECT_ANNOTATIONS),
    ...ingressAffinity(ingress).problems,
  ];
  const warn = (reason: Problem['reason'], message: string): void => {
    problems.push({ object, reason, message, severity: 'Warning' });
  };
  for (const message of [...ignored, ...refused]) warn('InvalidField', message);
  if (refused.length > 0) return { ...NOTHING, problems };
  if (isCanary(stored)) return { ...NOTHING, problems: [...problems, ...canaryProblems(view, stored)] };
  const protocols = { http: backendProtocolOf(ingress, 'http'), https: backendProtocolOf(ingress, 'https') };
  if ('problem' in protocols.http) return { ...NOTHING, problems: [...problems, protocols.http.problem] };
  const tls = ingressTls(view, ingress, settings.alb);
  const readers = ingressReaders(ingress);
  const read = readers();
  const shared = sharedHeaders(view, settings).filters;
  const routes: RouteIR[] = [];
  const needs: Need[] = [];
  const paths = pathsOf(view, ingress, settings, warn);
  const passing = passingAt(ingress, stored, paths, settings);
  problems.push(...passing.problems);
  const isServedHere = (other: Ingress) =>
    servingIngressNginx(view, other).some(({ id }) => objectKeyText(id) === objectKeyText(settings.id));
  if (passing.paths !== undefined) problems.push(...hiddenIngresses(view, stored, isServedHere));
  else if (settings.passesTls) problems.push(...hiddenBy(view, stored, isServedHere));
  const sides = passing.paths === undefined ? (['http', 'https'] as const) : (['http'] as const);
  const made = (name: string, path: IngressPath, side: 'http' | 'https'): RuleTranslation => {
    const frontend = settings[side];
    const protocol = protocols[side];
    const plain = ingressRule(name, path, {
      ingress,
      alb: settings.id.name,
      frontend,
      project: undefined,
      tls,
      backendProtocol: 'protocol' in protocol ? protocol.protocol : '',
      readers,
    });
    const rule =
      plain.spec.rewrite_target === undefined
        ? plain
        : { ...plain, spec: { ...plain.spec, rewrite_base: rewriteBase(path.path) } };
    const place = { frontend, alb: settings.id, loadBalancer: settings.loadBalancer, settings: settings.alb };
    const translated = translateRuleOf(view, rule, place, object);
    needs.push(...translated.needs);
    const isRefused = translated.route?.filters.some(({ type }) => type === 'refuse') === true;
    problems.push(
      ...translated.problems.map((problem) =>
        isRefused ? { ...problem, message: messageInDialect(problem.message) } : problem,
      ),
    );
    return translated;
  };
  const nameOf = (path: IngressPath) => `${key.namespace}-${key.name}-${path.ruleIndex}-${path.pathIndex}`;
  const idOf = (path: IngressPath, side: string) =>
    `${objectKeyText(settings.id)}/${objectKeyText(key)}/${path.ruleIndex}-${path.pathIndex}/${side}`;
  const tieOf = (path: IngressPath) =>
    `${ingress.metadata.creationTimestamp ?? ''} ${objectKeyText(key)} ${path.ruleIndex} ${path.pathIndex}`;
  const passthroughs = (passing.paths ?? []).flatMap((path) => {
    const { passthrough } = made(nameOf(path), path, 'https');
    const listeners = [listenerId(settings, 'https')];
    const order = { priority: 0, tie: tieOf(path) };
    return passthrough === undefined ? [] : [{ ...passthrough, id: idOf(path, 'tls'), listeners, order }];
  });
  for (const path of paths) {
    const nginx = { ...path, isRegex: isRegexHost(view, path.host) };
    const mistake = nginxPathMistake(nginx, settings.rules.strictPaths);
    if (mistake !== undefined) {
      warn('InvalidField', `spec.rules[${path.ruleIndex}].http.paths[${path.pathIndex}].${mistake}; not served`);
      continue;
    }
    const older = olderOwner(view, ingress, settings, path);
    if (older !== undefined) {
      const field = `spec.rules[${path.ruleIndex}].http.paths[${path.pathIndex}]`;
      warn('Conflicted', `${field}: host and path are those of Ingress ${older}, which is older and is served`);
    }
    const location = `Ingress ${objectKeyText(key)} ${path.ruleIndex}-${path.pathIndex}`;
    for (const side of sides) {
      const { route } = made(nameOf(path), path, side);
      if (route === undefined) continue;
      const found = inDialect(route, { read, settings, side, location });
      routes.push({
        ...route,
        id: idOf(path, side),
        listeners: [listenerId(settings, side)],
        match: nginxMatch(nginx),
        // A redirect beside the paths, of the root or of another name of the host, comes before them.
        order: { ...nginxOrder(nginx, tieOf(path)), priority: path.redirect === undefined ? 0 : -1 },
        filters: [
          ...shared.filter(({ type }) => type === 'responseHeaders' || route.action.type !== 'redirect'),
          ...found.filters,
        ],
        action: found.action,
        name: nameOf(path),
      });
    }
  }
  return { routes, passthroughs, needs, problems };
}

/** IN-18: without the flag TLS is ended as usual. */
function passingAt(
  ingress: Ingress,
  stored: Ingress,
  paths: readonly IngressPath[],
  { passesTls }: IngressNginxSettings,
): { readonly paths?: readonly IngressPath[]; readonly problems: readonly Problem[] } {
  if (!isPassthrough(ingress)) return { problems: [] };
  if (passesTls) return passingHosts(onlyNginx(stored), paths);
  const message =
    'ssl-passthrough: spec.controller.extraArgs.enable-ssl-passthrough of the IngressNginx is off; TLS ends here, as usual';
  const object = { kind: 'Ingress', key: keyOf(stored) } as const;
  return { problems: [{ object, reason: 'UnsupportedFeature', message, severity: 'Warning' }] };
}

/** IN-04: who else has the host and path, and came first; of its own namespace admission lets nobody. */
function olderOwner(
  view: View,
  ingress: Ingress,
  { id }: IngressNginxSettings,
  { host, path, pathType, redirect }: IngressPath,
): string | undefined {
  if (redirect !== undefined) return undefined;
  const rank = (each: Ingress) => `${each.metadata.creationTimestamp ?? ''} ${objectKeyText(keyOf(each))}`;
  const serves = (other: Ingress) =>
    servingIngressNginx(view, other).some((settings) => objectKeyText(settings.id) === objectKeyText(id));
  const older = view
    .by('Ingress', 'hostPath', hostPath(host, path, pathType))
    .filter((other) => rank(other) < rank(ingress) && !isCanary(other) && serves(other));
  return older[0] === undefined ? undefined : objectKeyText(keyOf(older[0]));
}

function onlyNginx(ingress: Ingress): Ingress {
  const annotations = Object.entries(ingress.metadata.annotations ?? {}).filter(([key]) =>
    key.startsWith(ANNOTATION_PREFIX_NGINX),
  );
  return { ...ingress, metadata: { ...ingress.metadata, annotations: Object.fromEntries(annotations) } };
}

/** `use-regex` or `rewrite-target` on any Ingress of a host makes all its paths regexes (IN-05). */
function isRegexHost(view: View, host: string): boolean {
  return view.has('Ingress', 'regexHost', host.toLowerCase());
}

type Backend = NonNullable<NonNullable<Ingress['spec']>['defaultBackend']>;
type Warn = (reason: Problem['reason'], message: string) => void;

/** The paths with what further Ingresses add (canaries), redirects beside them, and a defaultBackend for what no rule takes. */
function pathsOf(view: View, ingress: Ingress, settings: IngressNginxSettings, warn: Warn): readonly IngressPath[] {
  const affinity = ingressAffinity(ingress);
  const paths: IngressPath[] = [];
  const rules = ingress.spec?.rules ?? [];
  for (const [ruleIndex, rule] of rules.entries()) {
    for (const [pathIndex, { path = '', pathType, backend }] of (rule.http?.paths ?? []).entries()) {
      const field = `spec.rules[${ruleIndex}].http.paths[${pathIndex}].backend`;
      const group = { ...groupOf(view, ingress, backend, field, warn), ...affinity.fieldsOf(path) };
      const named = { host: rule.host ?? '', path, pathType };
      const canary = canaryOf(view, ingress, named, (other, found) => ({
        ...groupOf(view, other, found.backend, '', () => undefined),
        ...(isSticky(other) ? affinity : ingressAffinity(other)).fieldsOf(path),
      }));
      const aliases = aliasesOf(view, named.host, settings);
      paths.push({ ...named, ruleIndex, pathIndex, aliases, group, ...(canary === undefined ? {} : { canary }) });
    }
  }
  paths.push(...redirectingPaths(view, ingress, paths));
  const { defaultBackend } = ingress.spec ?? {};
  if (defaultBackend === undefined) return paths;
  const group = groupOf(view, ingress, defaultBackend, 'spec.defaultBackend', warn);
  return [
    ...paths,
    { ruleIndex: rules.length, pathIndex: 0, host: '', aliases: [], path: '', pathType: 'Prefix', group },
  ];
}

/** Further names of a host: `server-alias` of one of its Ingresses counts for all of them. */
function aliasesOf(view: View, host: string, { id }: IngressNginxSettings): readonly string[] {
  const aliases = view
    .by('Ingress', 'aliasedHost', host.toLowerCase())
    .filter((ingress) => servingIngressNginx(view, ingress).some((other) => other.id.name === id.name))
    .flatMap((ingress) => ingressReaders(ingress)().value('server-alias') ?? []);
  return [...new Set(aliases)].sort();
}

/** Without a Service or port that exists the path stays and is answered with 503 (IN-06). */
function groupOf(view: View, ingress: Ingress, { service }: Backend, field: string, warn: Warn): ServiceGroup {
  if (service === undefined) {
    warn('UnsupportedFeature', `${field}.resource: only Services are supported; requests are answered 503`);
    return {};
  }
  const namespace = ingress.metadata.namespace ?? '';
  const found = view.get('Service', { namespace, name: service.name });
  const { name, number } = service.port ?? {};
  const port = found?.spec?.ports?.find((entry) => (name === undefined ? entry.port === number : entry.name === name));
  if (port !== undefined) return { services: [{ namespace, name: service.name, port: port.port, weight: 100 }] };
  const missing = found === undefined ? 'not found' : `has no port ${name ?? number}`;
  warn('RefNotFound', `${field}.service: Service ${namespace}/${service.name} ${missing}; requests are answered 503`);
  return {};
}
