import { isIP } from 'node:net';
import type { BackendSettings } from '@causeway/apis/envoy-gateway/backend-cluster';
import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';
import type { BackendObjectReference } from '@causeway/apis/gateway-api/object-reference';
import type { ObjectKey } from '@causeway/apis/meta/object';
import type { CollectorIR, ServiceAddressIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { resolveBackend } from '../backend/backend-ref.ts';
import { askedService } from '../plane/asked-service.ts';
import { askingOf } from '../policy/asking.ts';

const GRPC_PORT = 4317;
const DNS_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;
const SETTINGS: ReadonlySet<string> = new Set(['retry', 'timeout']);

interface CollectorFields {
  readonly backendRefs?: readonly BackendObjectReference[] | undefined;
  readonly backendSettings?: BackendSettings | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly headers?: readonly { readonly name: string; readonly value: string }[] | undefined;
}

type TellField = (field: string, message: string) => void;

/**
 * Who takes telemetry by gRPC, as an EnvoyProxy says it: `backendRefs`, or else the older `host` and `port`.
 *
 * Source: GW-46; Envoy Gateway v1.7, BackendCluster.
 *
 * @param tell told of what is wrong, or has no effect, with the field
 * @returns undefined: nobody, which is told
 */
export function collectorOf(
  view: View,
  { namespace }: ObjectKey,
  { backendRefs = [], backendSettings = {}, host, port = GRPC_PORT, headers = [] }: CollectorFields,
  tell: TellField,
): CollectorIR | undefined {
  const referrer = { group: ENVOY_GATEWAY_GROUP, kind: 'EnvoyProxy', namespace };
  const referred = backendRefs.flatMap((ref): readonly ServiceAddressIR[] => {
    const resolved = resolveBackend(view, referrer, ref);
    const asked = 'reason' in resolved ? resolved.message : askedService(resolved);
    if (typeof asked !== 'string') return [asked];
    tell('backendRefs', asked);
    return [];
  });
  const services = backendRefs.length === 0 ? atHost(host ?? '', port, tell) : referred;
  if (services.length === 0) return undefined;
  tellSettings(backendSettings, tell);
  const asking = askingOf(backendSettings);
  const sent = headers.filter(({ name, value }) => {
    const mistake = headerMistake(name, value);
    if (mistake !== undefined) tell('headers', `${name}: ${mistake}`);
    return mistake === undefined;
  });
  return {
    services,
    ...(Object.keys(asking).length === 0 ? {} : { asking }),
    ...(sent.length === 0 ? {} : { headers: sent }),
  };
}

function atHost(host: string, port: number, tell: TellField): readonly ServiceAddressIR[] {
  const isAddress = isIP(host) !== 0;
  if (!isAddress && !DNS_NAME.test(host)) tell('host', `${JSON.stringify(host)} is no name and no address`);
  else if (port < 1 || port > 65_535) tell('port', `${port} is none`);
  else return [{ host: host.toLowerCase(), port }];
  return [];
}

/** Source: gRPC over HTTP/2, Custom-Metadata. */
function headerMistake(name: string, value: string): string | undefined {
  if (name.toLowerCase().endsWith('-bin')) return 'gRPC has bytes in headers with -bin';
  if (name.toLowerCase().startsWith('grpc-')) return "headers with grpc- are gRPC's own";
  if (!/^[0-9a-z_.-]+$/i.test(name)) return 'gRPC has no such headers';
  return /^[ -~]*$/.test(value) ? undefined : 'gRPC has printable ASCII in headers';
}

function tellSettings(settings: BackendSettings, tell: TellField): void {
  for (const name of Object.keys(settings)) if (!SETTINGS.has(name)) tell(`backendSettings.${name}`, '');
  const { retryOn, perRetry } = settings.retry ?? {};
  if (retryOn !== undefined) tell('backendSettings.retry.retryOn', 'they are asked again after every failure');
  if (perRetry?.timeout !== undefined) tell('backendSettings.retry.perRetry.timeout', '');
}
