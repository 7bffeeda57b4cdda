import { type ObjectKey, parseObjectKey } from '../meta/object.ts';

/** How an ALB2 serves Gateways. Source: spec ALB-111, ALB-112. */
export type AlbGateway =
  /** All of this GatewayClass, beside its Frontends. */
  | { readonly mode: 'shared'; readonly className: string }
  /** One, and nothing else; absent: the one that names it. */
  | { readonly mode: 'standalone'; readonly gateway?: ObjectKey };

/** RFC 1123 subdomain. */
const CLASS_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/**
 * What `spec.config.gateway` of an ALB2 says.
 *
 * @param alb name of the ALB2
 * @param config as stored: its fields may be of any type
 * @returns undefined when it serves no Gateways; a text: why that cannot be told, with the field
 */
export function albGatewayOf(alb: string, config: unknown): AlbGateway | string | undefined {
  if (typeof config !== 'object' || config === null) return undefined;
  const { enable, mode = '', name = '' } = config as Readonly<Record<string, unknown>>;
  if (enable === false || (enable !== true && mode === '')) return undefined;
  if (typeof name !== 'string') return 'name: must be a string';
  if (mode === 'standalone') {
    const gateway = gatewayNamed(name);
    return { mode, ...(gateway === undefined ? {} : { gateway }) };
  }
  if (mode !== '' && mode !== 'shared') return `mode: ${JSON.stringify(mode)} is not shared or standalone`;
  const className = name === '' ? alb : name;
  return CLASS_NAME.test(className)
    ? { mode: 'shared', className }
    : `name: ${JSON.stringify(className)} cannot be the name of a GatewayClass`;
}

/** @param text `<gateway>/<namespace>` */
function gatewayNamed(text: string): ObjectKey | undefined {
  const { namespace: name, name: namespace } = parseObjectKey(text);
  return name === '' ? undefined : { namespace, name };
}
