import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { GatewayClass } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type Verdict, verdict } from '../condition.ts';
import { parametersOfClass } from '../proxy/envoy-proxy.ts';
import { albWanting, isStandaloneClass, servingAlb } from './alb-class.ts';
import { supportedVersion } from './bundle-version.ts';
import { isAlbClass, isOurClass } from './class.ts';

/** What is said of a GatewayClass. */
export interface ClassStatus {
  readonly conditions: readonly Verdict[];
  /** Sorted; absent: it is somebody else's. */
  readonly supportedFeatures?: readonly string[];
}

/** As the conformance suite of the Gateway API names them; its tests for these pass, or ours where it has none (GW-27). Sorted. */
export const SUPPORTED_FEATURES: readonly string[] = [
  'BackendTLSPolicy',
  'BackendTLSPolicySANValidation',
  'GRPCRoute',
  'GRPCRouteNamedRouteRule',
  'Gateway',
  'GatewayAddressEmpty',
  'GatewayBackendClientCertificate',
  'GatewayFrontendClientCertificateValidation',
  'GatewayFrontendClientCertificateValidationInsecureFallback',
  'GatewayHTTPListenerIsolation',
  'GatewayHTTPSListenerDetectMisdirectedRequests',
  'GatewayInfrastructure',
  'GatewayPort8080',
  'GatewayStaticAddresses',
  'HTTPRoute',
  'HTTPRoute303RedirectStatusCode',
  'HTTPRoute307RedirectStatusCode',
  'HTTPRoute308RedirectStatusCode',
  'HTTPRouteBackendProtocolH2C',
  'HTTPRouteBackendProtocolWebSocket',
  'HTTPRouteBackendRequestHeaderModification',
  'HTTPRouteBackendTimeout',
  'HTTPRouteCORS',
  'HTTPRouteDestinationPortMatching',
  'HTTPRouteHostRewrite',
  'HTTPRouteMethodMatching',
  'HTTPRouteNamedRouteRule',
  'HTTPRouteParentRefPort',
  'HTTPRoutePathRedirect',
  'HTTPRoutePathRewrite',
  'HTTPRoutePortRedirect',
  'HTTPRouteQueryParamMatching',
  'HTTPRouteRequestMirror',
  'HTTPRouteRequestMultipleMirrors',
  'HTTPRouteRequestPercentageMirror',
  'HTTPRouteRequestTimeout',
  'HTTPRouteResponseHeaderModification',
  'HTTPRouteRetry',
  'HTTPRouteRetryBackendTimeout',
  'HTTPRouteRetryBackoff',
  'HTTPRouteRetryConnectionError',
  'HTTPRouteSchemeRedirect',
  'ListenerSet',
  'ReferenceGrant',
  'TCPRoute',
  'TLSRoute',
  'TLSRouteModeMixed',
  'TLSRouteModeTerminate',
  'UDPRoute',
];

/** Why an ALB2 does not serve a GatewayClass of its name. */
export const INVALID_CONTROLLER = 'InvalidController';

/** Source: GW-03; spec ALB-112. @returns undefined when there is no such GatewayClass, or it is somebody else's and no ALB2 wants its name */
export function translateClassStatus(view: View, key: ObjectKey): ClassStatus | undefined {
  const found = view.get('GatewayClass', key);
  if (found === undefined) return undefined;
  if (!isOurClass(found)) {
    const alb = albWanting(view, key.name);
    if (alb === undefined) return undefined;
    const message = `ALB2 ${objectKeyText(keyOf(alb))} serves the GatewayClass of this name, and ${found.spec.controllerName} is not its controller`;
    return { conditions: [verdict('Accepted', false, INVALID_CONTROLLER, message)] };
  }
  const version = supportedVersion(view);
  if (isAlbClass(found))
    return { conditions: [ofAlbs(view, found), ...version], supportedFeatures: SUPPORTED_FEATURES };
  const parameters = parametersOfClass(view, found);
  const accepted =
    typeof parameters === 'string'
      ? verdict('Accepted', false, 'InvalidParameters', parameters)
      : verdict('Accepted', true, 'Accepted', 'its Gateways are served');
  return { conditions: [accepted, ...version], supportedFeatures: SUPPORTED_FEATURES };
}

function ofAlbs(view: View, found: GatewayClass): Verdict {
  const alb = isStandaloneClass(found) ? undefined : servingAlb(view, found);
  return typeof alb === 'string'
    ? verdict('Accepted', false, alb.startsWith('spec.controllerName') ? INVALID_CONTROLLER : 'InvalidParameters', alb)
    : verdict('Accepted', true, 'Accepted', 'its Gateways are served');
}
