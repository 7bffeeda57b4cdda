import type { ApiObject } from '../../object.ts';
import type { Converter } from '../converter.ts';

/** Fields of core/v1 Events and what events.k8s.io/v1 calls them; all others have one name. */
const NAMES: readonly (readonly [string, string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];
const CORE_NAMES = new Map(NAMES.map(([core, newer]) => [newer, core]));
const NEWER_NAMES = new Map(NAMES);

/** Both groups show the same Events, which are stored as those of core/v1. Source: Kubernetes pkg/apis/events/v1/conversion.go. */
export const EVENT_CONVERTER: Converter = {
  async convert(objects, apiVersion) {
    return objects.map((object) => (object.apiVersion === apiVersion ? object : eventIn(object, apiVersion)));
  },
};

export function eventIn(event: ApiObject, apiVersion: string): ApiObject {
  const { apiVersion: _given, kind, metadata, ...rest } = event;
  const names = apiVersion === 'v1' ? CORE_NAMES : NEWER_NAMES;
  const renamed = Object.entries(rest).map(([key, value]) => [names.get(key) ?? key, value] as const);
  return { ...Object.fromEntries(renamed), apiVersion, kind, metadata };
}
