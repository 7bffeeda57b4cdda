import type { HTTPRouteFilter } from '@causeway/apis/gateway-api/http-filter';
import type { RouteHeaderAction } from '@causeway/apis/openshift/route';
import { annotationField } from '../message.ts';
import { headerMistake } from '../route-text.ts';
import { hstsHeader } from './hsts.ts';
import { annotationOf, HAPROXY, type RouteReading } from './route-reading.ts';

interface HeaderValue {
  readonly name: string;
  readonly value: string;
}

interface HeaderChanges {
  readonly set: readonly HeaderValue[];
  readonly remove: readonly string[];
}

type Direction = 'request' | 'response';

const MOST_CHANGES = 16;
/** The router refuses them too: it needs them itself. */
const REFUSED = ['strict-transport-security', 'proxy', 'cookie', 'set-cookie'];

/** Changes of headers, request first. Source: spec MG-05, MG-07. */
export function headerFilters(reading: RouteReading): readonly HTTPRouteFilter[] {
  const request = changesOf(reading, 'request');
  const response = changesOf(reading, 'response');
  const hsts = hstsHeader(reading);
  const all = hsts === undefined ? response : { ...response, set: [...response.set, hsts] };
  // The guide adds where the router sets.
  const verb = reading.options.style === 'docs' ? 'add' : 'set';
  const filters: HTTPRouteFilter[] = [];
  if (isChange(request)) {
    filters.push({ type: 'RequestHeaderModifier', requestHeaderModifier: modifier(request, verb) });
  }
  if (isChange(all)) {
    filters.push({ type: 'ResponseHeaderModifier', responseHeaderModifier: modifier(all, verb) });
  }
  return filters;
}

function modifier({ set, remove }: HeaderChanges, verb: 'add' | 'set') {
  return { ...(set.length === 0 ? {} : { [verb]: set }), ...(remove.length === 0 ? {} : { remove }) };
}

function isChange({ set, remove }: HeaderChanges): boolean {
  return set.length > 0 || remove.length > 0;
}

function changesOf(reading: RouteReading, direction: Direction): HeaderChanges {
  const actions = reading.route.spec.httpHeaders?.actions?.[direction] ?? [];
  const field = `spec.httpHeaders.actions.${direction}`;
  const read = actions.map((action, index) => changeOf(reading, action, `${field}[${index}]`));
  const set = new Map<string, HeaderValue>();
  const remove = new Map<string, string>();
  for (const change of [...read, annotated(reading, direction)]) {
    if (change === undefined) continue;
    const id = change.name.toLowerCase();
    // What comes last has the last word.
    set.delete(id);
    remove.delete(id);
    if (change.value === undefined) remove.set(id, change.name);
    else set.set(id, { name: change.name, value: change.value });
  }
  for (const [verb, { size }] of [['Set', set] as const, ['Delete', remove] as const]) {
    if (size > MOST_CHANGES) {
      reading.tell('E108', field, `${size} of type ${verb}: a route takes ${MOST_CHANGES}, the rest is left out`);
    }
  }
  return { set: [...set.values()].slice(0, MOST_CHANGES), remove: [...remove.values()].slice(0, MOST_CHANGES) };
}

interface Change {
  readonly name: string;
  /** Absent: the header is taken away. */
  readonly value?: string;
}

function changeOf({ tell }: RouteReading, { name, action }: RouteHeaderAction, field: string): Change | undefined {
  if (action.type === 'Delete') {
    const mistake = mistakeOf(name);
    if (mistake !== undefined) tell('E108', `${field}.name`, mistake);
    return mistake === undefined ? { name } : undefined;
  }
  const text = action.set?.value ?? '';
  if (/(^|[^%])(%%)*%\[/.test(text)) {
    tell('W108', `${field}.action.set.value`, `${name}: computed values are not converted`);
    return undefined;
  }
  const value = text.replaceAll('%%', '%');
  const mistake = mistakeOf(name, value);
  if (mistake !== undefined) tell('E108', field, mistake);
  return mistake === undefined ? { name, value } : undefined;
}

/** The guide has annotations for it, which the router has not. */
function annotated(reading: RouteReading, direction: Direction): Change | undefined {
  const key = `${HAPROXY}${direction}-set-header`;
  const text = annotationOf(reading, key);
  if (text === undefined) return undefined;
  const field = annotationField(key);
  const colon = text.indexOf(':');
  if (colon < 0) {
    reading.tell('E108', field, `${JSON.stringify(text)} must be a name, a colon and a value`);
    return undefined;
  }
  const name = text.slice(0, colon);
  const value = text.slice(colon + 1).trim();
  const mistake = mistakeOf(name, value);
  if (mistake !== undefined) {
    reading.tell('E108', field, mistake);
    return undefined;
  }
  reading.tell('I215', field, 'converted, though the router itself has no such annotation');
  return { name, value };
}

function mistakeOf(name: string, value?: string): string | undefined {
  if (REFUSED.includes(name.toLowerCase())) return `${name} must not be changed, as in the router`;
  return headerMistake(name, value);
}
