import type { ALB2 } from '@causeway/apis/gateway/alb2';
import { type Frontend, FrontendKind } from '@causeway/apis/gateway/frontend';
import { specMistake } from '@causeway/apis/meta/crd';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { FilterIR, ListenerIR, ListenerTlsIR, ProxyProtocolIR, RouteActionIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { type AlbSettings, albSettings } from './alb-settings.ts';
import { withCustomErrors, withErrorOrigin } from './custom-errors.ts';
import { withDefaultBackend } from './default-backend.ts';
import { translateFirewall, withoutGrpc } from './firewall.ts';
import { serviceName, translateForwarding } from './forwarding.ts';
import {
  albOf,
  defaultBackendProtocol,
  frontendOfPort,
  isFrontend,
  listenerProtocol,
  speaksTls,
  transportOf,
} from './frontend-port.ts';
import { type TlsTranslation, translateFrontendTls } from './host-tls.ts';
import { translateHsts } from './hsts.ts';
import { inherit } from './inheritance.ts';
import { translateKeepalive } from './keepalive.ts';
import { withBuffering } from './limit.ts';
import type { Need, Problem } from './problem.ts';
import { portRedirect, redirectProblems } from './redirect.ts';
import { settingReferrer } from './reference.ts';
import { translateRetry } from './retry.ts';
import { inheritedFilters } from './rule-filters.ts';
import { secretId } from './secret-name.ts';
import { type ServiceGroupTranslation, translateServiceGroup } from './service-group.ts';
import { translateTimeout } from './timeout.ts';
import { refuse } from './unsupported.ts';

export interface FrontendTranslation {
  readonly listener?: ListenerIR;
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/**
 * Frontend -> listener.
 *
 * @returns no listener when the Frontend or its ALB2 does not exist, another Frontend has the port, or the protocol is
 *   not served yet
 */
export function translateFrontend(view: View, key: ObjectKey): FrontendTranslation {
  const frontend = view.get('Frontend', key);
  if (frontend === undefined) return { needs: [], problems: [] };
  const object: Problem['object'] = { kind: 'Frontend', key };
  const refused = (reason: Problem['reason'], message: string): FrontendTranslation => ({
    needs: [],
    problems: [{ object, reason, message, severity: 'Warning' }],
  });

  const mistake = specMistake(FrontendKind, frontend);
  if (mistake !== undefined) return refused('InvalidField', `${mistake}; the port is not served`);
  const albKey = albOf(frontend);
  if (albKey === undefined) return refused('InvalidField', 'metadata.labels[alb2.cpaas.io/name]: Required value');
  const alb = view.get('ALB2', albKey);
  if (alb === undefined) return refused('RefNotFound', `ALB2 ${objectKeyText(albKey)} not found`);
  const settings = albSettings(alb);
  if (settings === undefined || !settings.serveRules) return { needs: [], problems: [] };

  const { port } = frontend.spec;
  const protocol = listenerProtocol(frontend);
  const owner = frontendOfPort(view, albKey, port, transportOf(protocol)) ?? frontend;
  if (!isFrontend(owner, frontend)) {
    return refused('Conflicted', `port ${port} is already taken by Frontend ${objectKeyText(keyOf(owner))}`);
  }
  if (protocol === 'tcp' || protocol === 'udp') {
    const { action, needs, problems } = streamAction(frontend, protocol, settings, object);
    const id = objectKeyText(key);
    const instance = objectKeyText(albKey);
    const proxyProtocol = protocol === 'tcp' ? translateProxyProtocol(frontend, settings, object) : undefined;
    const wanted = protocol === 'tcp' ? frontend.spec.config?.keepalive : undefined;
    const { keepalive, problems: ofKeepalive } = translateKeepalive(wanted, false, object);
    const listener: ListenerIR = {
      kind: 'listener',
      id,
      instance,
      port,
      protocol,
      hostnames: [],
      ...(proxyProtocol === undefined ? {} : { proxyProtocol: proxyProtocol.ir }),
      ...(keepalive === undefined ? {} : { keepalive }),
      fallback: action,
      name: key.name,
    };
    return { listener, needs, problems: [...problems, ...ofKeepalive, ...(proxyProtocol?.problems ?? [])] };
  }

  const inherited = inherit([frontend.spec.config, settings.config]);
  const hostTls = translateFrontendTls(inherited, { view, object, frontend, settings });
  const group = fallback(view, frontend, alb, settings, object, hostTls);
  const tls = speaksTls(protocol) ? translateTls(view, frontend, albKey, settings, object) : undefined;
  const keepalive = translateKeepalive(frontend.spec.config?.keepalive, true, object);
  const proxyProtocol = translateProxyProtocol(frontend, settings, object);
  return {
    listener: {
      kind: 'listener',
      id: objectKeyText(key),
      instance: objectKeyText(albKey),
      port,
      protocol,
      hostnames: [],
      ...(tls === undefined
        ? {}
        : { tls: { ...tls.tls, ...(hostTls.hostTls === undefined ? {} : { hostTls: hostTls.hostTls }) } }),
      ...(proxyProtocol === undefined ? {} : { proxyProtocol: proxyProtocol.ir }),
      ...(keepalive.keepalive === undefined ? {} : { keepalive: keepalive.keepalive }),
      ...(group.action === undefined ? {} : { fallback: group.action }),
      ...(group.filters.length === 0 ? {} : { fallbackFilters: group.filters }),
      name: key.name,
    },
    needs: [...group.needs, ...(tls?.needs ?? [])],
    problems: [
      ...redirectProblems(object, frontend.spec),
      ...keepalive.problems,
      ...(proxyProtocol?.problems ?? []),
      ...group.problems,
      ...hostTls.problems,
      ...(tls?.problems ?? []),
    ],
  };
}

interface Fallback {
  readonly action?: RouteActionIR;
  readonly filters: readonly FilterIR[];
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/** A redirect of the port, or the default service group, which behaves as a Rule without settings of its own: it inherits (spec ALB 7.1, decision). */
function fallback(
  view: View,
  frontend: Frontend,
  alb: ALB2,
  settings: AlbSettings,
  object: Problem['object'],
  tls: TlsTranslation,
): Fallback {
  const redirect = portRedirect(frontend, settings);
  if (redirect !== undefined) {
    const filters = translateHsts(inherit([frontend.spec.config, settings.config]), frontend);
    return { action: redirect, filters, needs: [], problems: [] };
  }
  const { serviceGroup, backendProtocol } = frontend.spec;
  if ((serviceGroup?.services ?? []).length === 0 || serviceGroup === undefined)
    return { filters: [], needs: [], problems: [] };
  const inherited = inherit([frontend.spec.config, settings.config]);
  const protocol = backendProtocol || defaultBackendProtocol(frontend);
  const { forwarding, problems: ofForwarding } = translateForwarding(view, {
    inherited: withBuffering(inherited),
    settings,
    object,
    referrer: settingReferrer('backendTLS', { frontend }),
    backendProtocol: protocol,
    name: serviceName(serviceGroup.services),
  });
  const options = { object, backendProtocol: protocol, forwarding, otherClusters: settings.otherClusters };
  const own = translateServiceGroup({ ...options, group: serviceGroup });
  const spared = withDefaultBackend(view, own, inherited.defaultBackend, options);
  const { action, needs, problems } = withErrorOrigin(
    withCustomErrors(view, spared, inherited, { frontend }, options),
    { frontend },
  );
  const others = inheritedFilters(inherited, { view, object, frontend, settings });
  const levels = [
    { metadata: frontend.metadata, config: frontend.spec.config },
    { metadata: alb.metadata, config: settings.config },
  ];
  const { allowCrossNamespaceReferences } = settings;
  const referrer = settingReferrer('modsecurity', { frontend });
  const context = { view, object, referrer, allowCrossNamespaceReferences };
  const firewall = withoutGrpc(translateFirewall(levels, context), action, object);
  return {
    action: firewall.refusal ?? action,
    filters: [...firewall.filters, ...tls.filters, ...others.filters, ...translateHsts(inherited, frontend)],
    needs: [...needs, ...others.needs],
    problems: [...ofForwarding, ...problems, ...firewall.problems, ...others.problems],
  };
}

/** Spec ALB-98: a layer 4 port forwards everything to its service group; only round robin and sip-hash (ALB-56). */
function streamAction(
  frontend: Frontend,
  protocol: 'tcp' | 'udp',
  settings: AlbSettings,
  object: Problem['object'],
): ServiceGroupTranslation {
  const { serviceGroup = {}, config } = frontend.spec;
  const policy = serviceGroup.session_affinity_policy ?? '';
  const inherited = inherit([config, settings.config]);
  const translated = translateServiceGroup({
    object,
    group: serviceGroup,
    backendProtocol: protocol,
    forwarding: { timeouts: translateTimeout(inherited.timeout), retry: translateRetry(undefined) },
    otherClusters: settings.otherClusters,
  });
  if (['', 'rr', 'sip-hash'].includes(policy)) return translated;
  const message = `spec.serviceGroup.session_affinity_policy: ${policy} needs http; connections are closed`;
  return {
    action: refuse(`session_affinity_policy ${policy}`),
    needs: [],
    problems: [{ object, reason: 'InvalidField', message, severity: 'Warning' }],
  };
}

/** LIM-22. An address in a header is the client's word until somebody trusted says it (design D12). */
function translateProxyProtocol(
  frontend: Frontend,
  { trustedProxies: trusted }: AlbSettings,
  object: Problem['object'],
): { readonly ir: ProxyProtocolIR; readonly problems: readonly Problem[] } | undefined {
  const config = frontend.spec.config?.proxyProtocol;
  const receive = config?.receive === true;
  const send = config?.send;
  if (!receive && send === undefined) return undefined;
  const problems: Problem[] = [];
  const warn = (message: string): void => {
    problems.push({
      object,
      reason: 'InvalidField',
      message: `spec.config.proxyProtocol.${message}`,
      severity: 'Warning',
    });
  };
  if (receive && trusted.length === 0) {
    warn('receive: addresses in headers are not believed, the ALB2 has no spec.config.trustedProxies');
  }
  const sends = frontend.spec.protocol === 'tcp';
  if (send !== undefined && !sends) warn('send: only on tcp ports; backends are told the client by X-Forwarded-For');
  return {
    ir: { receive, trusted: receive ? trusted : [], ...(send === undefined || !sends ? {} : { send }) },
    problems,
  };
}

/** Spec ALB-109: which certificate is shown without SNI, and to names that have none. */
function translateTls(
  view: View,
  frontend: Frontend,
  alb: ObjectKey,
  settings: AlbSettings,
  object: Problem['object'],
): { readonly tls: ListenerTlsIR; readonly needs: readonly Need[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const text = frontend.spec.certificate_name ?? '';
  const own = text === '' ? undefined : secretId(text);
  if (text !== '' && own === undefined) {
    problems.push({
      object,
      reason: 'InvalidField',
      message: `spec.certificate_name: ${JSON.stringify(text)} is not namespace/name`,
      severity: 'Warning',
    });
  }
  const ofStrategy = strategyCertificate(view, frontend, alb, settings, own);
  const defaultCertificate = own ?? ofStrategy;
  const unknownNameCertificate = (settings.fallbackDefaultPortCert ? own : undefined) ?? ofStrategy;
  if (defaultCertificate === undefined && !view.has('Rule', 'frontendCertificate', objectKeyText(object.key))) {
    problems.push({
      object,
      reason: 'InvalidCertificate',
      message: 'spec.certificate_name: no certificate here nor in any Rule; handshakes fail',
      severity: 'Warning',
    });
  }
  const ids = [...new Set([defaultCertificate, unknownNameCertificate])].filter((id) => id !== undefined).sort();
  return {
    tls: {
      ...(defaultCertificate === undefined ? {} : { defaultCertificate }),
      ...(unknownNameCertificate === undefined ? {} : { unknownNameCertificate }),
      certificates: [],
    },
    needs: ids.map((id) => ({ kind: 'certificate', id })),
    problems,
  };
}

/** With strategy Always or Both every https port shows the certificate of the Ingress HTTPS port (ALB-36). */
function strategyCertificate(
  view: View,
  frontend: Frontend,
  alb: ObjectKey,
  settings: AlbSettings,
  own: string | undefined,
): string | undefined {
  if (settings.defaultSslStrategy !== 'Always' && settings.defaultSslStrategy !== 'Both') return undefined;
  if (settings.ingressHttpsPort === 0) return undefined;
  if (frontend.spec.port === settings.ingressHttpsPort) return own;
  return secretId(frontendOfPort(view, alb, settings.ingressHttpsPort)?.spec.certificate_name ?? '');
}
