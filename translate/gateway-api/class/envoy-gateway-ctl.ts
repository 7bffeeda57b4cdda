import { GatewayClassKind } from '@causeway/apis/gateway-api/gateway-class';
import { apiVersionOf } from '@causeway/apis/meta/kind';
import { type KubernetesObject, keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { EnvoyGatewayCtl } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type Verdict, verdict } from '../condition.ts';
import { CONTROLLER_NAME } from './class.ts';
import { ownerAnnotation } from './class-owner.ts';
import { readRateLimitBackend } from './rate-limit-backend.ts';

export interface CtlTranslation {
  /** Absent: there must be none. */
  readonly gatewayClass?: KubernetesObject;
  /** Absent: there is no such object. */
  readonly accepted?: Verdict;
}

/** What the configuration of Envoy Gateway knows. Source: Envoy Gateway v1.7, EnvoyGateway. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['admin', 'apiVersion', 'extensionApis', 'extensionManager', 'gateway', 'gatewayAPI', 'kind', 'logging'],
  ...['provider', 'rateLimit', 'runtimeFlags', 'sdsServer', 'telemetry', 'xdsServer', 'envoyProxy'],
]);

/** Name of the GatewayClass of an EnvoyGatewayCtl. */
export function gatewayClassName({ namespace, name }: ObjectKey): string {
  return `${namespace}-${name}`;
}

/**
 * An EnvoyGatewayCtl -> its GatewayClass, whose Gateways this same controller serves. What it says of pods of a controller and of how Envoy
 * Gateway works has no effect, and is told. Of several in a namespace the oldest counts.
 *
 * Source: GW-02, GW-44.
 */
export function translateCtl(view: View, key: ObjectKey): CtlTranslation {
  const ctl = view.get('EnvoyGatewayCtl', key);
  if (ctl === undefined || ctl.metadata.deletionTimestamp !== undefined) return {};
  const first = view
    .all('EnvoyGatewayCtl')
    .filter(({ metadata }) => metadata.namespace === key.namespace)
    .reduce((oldest, each) => (ageText(each) < ageText(oldest) ? each : oldest), ctl);
  if (first !== ctl && keyOf(first).name !== key.name) {
    const message = `EnvoyGatewayCtl ${objectKeyText(keyOf(first))} is there already: one in a namespace`;
    return { accepted: verdict('Accepted', false, 'Conflicted', message) };
  }
  const gatewayClass: KubernetesObject & { readonly spec: object } = {
    apiVersion: apiVersionOf(GatewayClassKind.names),
    kind: GatewayClassKind.names.kind,
    metadata: { name: gatewayClassName(key), annotations: ownerAnnotation(key) },
    spec: { controllerName: CONTROLLER_NAME },
  };
  const mistakes = [...unknownKeys(ctl).map((field) => `${field}: unknown`), ...readRateLimitBackend(ctl).mistakes];
  return {
    gatewayClass,
    accepted:
      mistakes.length === 0
        ? verdict(
            'Accepted',
            true,
            'Accepted',
            [`GatewayClass ${gatewayClassName(key)}`, ...ineffectiveOf(ctl)].join('; '),
          )
        : verdict('Accepted', false, 'InvalidParameters', mistakes.join('; ')),
  };
}

/** Where the objects of Gateways of its class are on a cluster: beside it, or beside each of them. Source: GW-02. */
export function deploysBesideGateways({ spec }: EnvoyGatewayCtl): boolean {
  return spec.config?.envoyGateway?.provider?.kubernetes?.deploy?.type === 'GatewayNamespace';
}

/** What is served of an EnvoyGatewayCtl, or says what it is. */
const WITH_EFFECT: ReadonlySet<string> = new Set(['apiVersion', 'deploy', 'kind', 'rateLimit', 'type']);

/** Settings of the one controller for all, and of an Envoy Gateway. */
function ineffectiveOf({ spec }: EnvoyGatewayCtl): readonly string[] {
  const { config, deployment = {}, ...others } = spec;
  const { provider = {}, ...settings } = config?.envoyGateway ?? {};
  const { kubernetes = {}, ...ofProvider } = provider;
  const under = (path: string, fields: object) =>
    Object.keys(fields).flatMap((name) => (WITH_EFFECT.has(name) ? [] : `${path}.${name}`));
  const paths = [
    ...under('spec', others),
    ...under('spec.deployment', deployment),
    ...under('spec.config.envoyGateway', settings),
    ...under('spec.config.envoyGateway.provider', ofProvider),
    ...under('spec.config.envoyGateway.provider.kubernetes', kubernetes),
  ];
  return paths.length === 0 ? [] : [`without effect are ${paths.sort().join(', ')}`];
}

function unknownKeys({ spec }: EnvoyGatewayCtl): readonly string[] {
  const config: Readonly<Record<string, unknown>> = { ...spec.config };
  const { envoyGateway, ...others } = config;
  const inner = typeof envoyGateway === 'object' && envoyGateway !== null ? Object.keys(envoyGateway) : [];
  return [
    ...Object.keys(others).map((name) => `spec.config.${name}`),
    ...inner.filter((name) => !KNOWN.has(name)).map((name) => `spec.config.envoyGateway.${name}`),
  ];
}

function ageText(object: KubernetesObject): string {
  return `${object.metadata.creationTimestamp ?? '9'} ${objectKeyText(keyOf(object))}`;
}
