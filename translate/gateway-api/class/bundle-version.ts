import { BUNDLE_VERSION, BUNDLE_VERSION_ANNOTATION } from '@causeway/apis/gateway-api/bundle';
import { GATEWAY_API_KINDS } from '@causeway/apis/gateway-api/index';
import type { View } from '@causeway/resources/view';
import { type Verdict, verdict } from '../condition.ts';

/** `v1.6.`: patches of a release change no fields. */
const RELEASE = BUNDLE_VERSION.slice(0, BUNDLE_VERSION.lastIndexOf('.') + 1);

/**
 * Whether the kinds of the Gateway API that the API server has are of the release that is served. Those of another are served as far as they
 * mean the same.
 *
 * Source: GW-03; Gateway API v1, GatewayClassConditionStatusSupportedVersion.
 *
 * @returns nothing where none is known
 */
export function supportedVersion(view: View): readonly Verdict[] {
  const found = GATEWAY_API_KINDS.flatMap(({ names: { plural, group } }) => {
    const name = `${plural}.${group}`;
    const definition = view.get('CustomResourceDefinition', { namespace: '', name });
    return definition === undefined
      ? []
      : [{ name, version: definition.metadata.annotations?.[BUNDLE_VERSION_ANNOTATION] }];
  });
  if (found.length === 0) return [];
  const others = found.filter(({ version }) => version?.startsWith(RELEASE) !== true);
  if (others.length === 0)
    return [verdict('SupportedVersion', true, 'SupportedVersion', `its kinds are of ${RELEASE}x, which is served`)];
  const texts = others.map(({ name, version }) => `${name}: ${version ?? 'no version'}`);
  const message = `${RELEASE}x is served, and what others have of it; not of that release are ${texts.join(', ')}`;
  return [verdict('SupportedVersion', false, 'UnsupportedVersion', message)];
}
