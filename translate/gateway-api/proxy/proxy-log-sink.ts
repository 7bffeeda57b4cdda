import type { ProxyAccessLog } from '@causeway/apis/envoy-gateway/access-log';
import type { ObjectKey } from '@causeway/apis/meta/object';
import type { LogSinkIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { isSecretHeader } from '../operator-text.ts';
import type { Tell } from '../policy/tell.ts';
import { collectorOf } from './collector.ts';

type Sink = NonNullable<ProxyAccessLog['settings']>[number]['sinks'][number];

/** What a sink is told by, and where it stands. */
interface Place {
  readonly field: string;
  readonly tell: Tell;
}

/**
 * Collectors of the access log.
 *
 * Source: GW-46; Envoy Gateway v1.7, ProxyAccessLogSink.
 *
 * @param proxy key of the EnvoyProxy that says so
 * @param place field of the setting
 */
export function logSinks(
  view: View,
  proxy: ObjectKey,
  sinks: readonly Sink[],
  { field, tell }: Place,
): readonly LogSinkIR[] {
  return sinks.flatMap(({ openTelemetry, als }, index): readonly LogSinkIR[] => {
    const at = { field: `${field}.sinks[${index}]`, tell };
    if (openTelemetry !== undefined) return collector(view, proxy, openTelemetry, at);
    return als === undefined ? [] : service(view, proxy, als, at);
  });
}

function collector(
  view: View,
  proxy: ObjectKey,
  sink: NonNullable<Sink['openTelemetry']>,
  { field, tell }: Place,
): readonly LogSinkIR[] {
  const { resources, resourceAttributes = resources ?? {} } = sink;
  const found = collectorOf(view, proxy, sink, (name, why) => tell(`${field}.openTelemetry.${name}`, why));
  return found === undefined ? [] : [{ type: 'openTelemetry', collector: found, resource: resourceAttributes }];
}

function service(
  view: View,
  proxy: ObjectKey,
  { type, logName, http = {}, ...sink }: NonNullable<Sink['als']>,
  { field, tell }: Place,
): readonly LogSinkIR[] {
  const at = `${field}.als`;
  if (type === 'TCP') {
    tell(`${at}.type`, 'connections have a log of their own');
    return [];
  }
  if (http.responseTrailers !== undefined) tell(`${at}.http.responseTrailers`, '');
  const found = collectorOf(view, proxy, sink, (name, why) => tell(`${at}.${name}`, why));
  if (found === undefined) return [];
  const named = (list: 'requestHeaders' | 'responseHeaders') =>
    (http[list] ?? [])
      .map((name) => name.toLowerCase())
      .filter((name, index) => {
        if (isSecretHeader(name)) tell(`${at}.http.${list}[${index}]`, `header ${name} is told to nobody`);
        return !isSecretHeader(name);
      });
  const [requestHeaders, responseHeaders] = [named('requestHeaders'), named('responseHeaders')];
  return [
    {
      type: 'als',
      collector: found,
      logName: logName ?? `${proxy.namespace}/${proxy.name}`,
      requestHeaders,
      responseHeaders,
    },
  ];
}
