import type { ObjectKey } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import { isOurClass } from './class.ts';
import { type Verdict, verdict } from './condition.ts';
import { parametersOfClass } from './envoy-proxy.ts';

/** What is said of a GatewayClass. */
export interface ClassStatus {
  readonly conditions: readonly Verdict[];
  /** Sorted. */
  readonly supportedFeatures: readonly string[];
}

/** As the conformance suite of the Gateway API names them; its tests for these pass, or ours where it has none (GW-27). Sorted. */
export const SUPPORTED_FEATURES: readonly string[] = [
  'BackendTLSPolicy',
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

/** Source: GW-03. @returns undefined when there is no such GatewayClass, or it is somebody else's */
export function translateClassStatus(view: View, key: ObjectKey): ClassStatus | undefined {
  const found = view.get('GatewayClass', key);
  if (found === undefined || !isOurClass(found)) return undefined;
  const parameters = parametersOfClass(view, found);
  const accepted =
    typeof parameters === 'string'
      ? verdict('Accepted', false, 'InvalidParameters', parameters)
      : verdict('Accepted', true, 'Accepted', 'its Gateways are served');
  return { conditions: [accepted], supportedFeatures: SUPPORTED_FEATURES };
}
