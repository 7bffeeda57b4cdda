import { annotationField } from '../message.ts';
import { networkOf } from '../network-list.ts';
import { annotationOf, HAPROXY, type RouteReading } from './route-reading.ts';

const KEY = `${HAPROXY}ip_allowlist`;
const ALIAS = `${HAPROXY}ip_whitelist`;

/** Part `authorization` of a SecurityPolicy. */
export interface Authorization {
  readonly defaultAction: 'Allow' | 'Deny';
  readonly rules: readonly {
    readonly action: 'Allow' | 'Deny';
    readonly principal: { readonly clientCIDRs: readonly string[] };
  }[];
}

export interface IpFilter {
  readonly authorization?: Authorization;
  /** The Route is for some clients only, and nothing can say so: it must not be open for all. */
  readonly closed: boolean;
}

/** Source: spec MG-11. */
export function ipFilter(reading: RouteReading): IpFilter {
  const { options, route, tell } = reading;
  const found = listOf(reading);
  const passthrough = route.spec.tls?.termination === 'passthrough';
  if (passthrough) {
    const text = 'connections that are passed through cannot be filtered by address';
    if (found === undefined && options.blocklist.length === 0) return { closed: false };
    tell('E207', found?.field ?? '--blocklist', `${text}${consequence(reading)}`);
    return { closed: !options.allowOpen };
  }
  const allowed = found && networksOf(reading, found);
  if (found !== undefined && allowed === undefined) {
    tell(
      'E207',
      found.field,
      `nothing in ${JSON.stringify(found.text)} is an address or a network${consequence(reading)}`,
    );
    return { closed: !options.allowOpen };
  }
  const denied = options.blocklist.length === 0 ? [] : [rule('Deny', options.blocklist)];
  if (allowed === undefined && denied.length === 0) return { closed: false };
  if (found !== undefined) {
    tell(
      'I207',
      found.field,
      'behind a balancer, set the detection of client addresses (ClientTrafficPolicy, clientIPDetection)',
    );
  }
  return {
    closed: false,
    authorization:
      allowed === undefined
        ? { defaultAction: 'Allow', rules: denied }
        : { defaultAction: 'Deny', rules: [...denied, rule('Allow', allowed)] },
  };
}

function rule(action: 'Allow' | 'Deny', clientCIDRs: readonly string[]): Authorization['rules'][number] {
  return { action, principal: { clientCIDRs } };
}

function consequence({ options }: RouteReading): string {
  return options.allowOpen
    ? '; open for everybody (--allow-open)'
    : '; not converted, since it would be open (--allow-open)';
}

interface WrittenList {
  readonly text: string;
  readonly field: string;
}

function listOf(reading: RouteReading): WrittenList | undefined {
  const text = annotationOf(reading, KEY);
  const alias = annotationOf(reading, ALIAS);
  if (alias !== undefined) {
    const instead = text === undefined ? 'an old name of ip_allowlist' : 'ignored beside ip_allowlist';
    reading.tell('W207', annotationField(ALIAS), instead);
  }
  if (text !== undefined && text !== '') return { text, field: annotationField(KEY) };
  return alias === undefined || alias === '' ? undefined : { text: alias, field: annotationField(ALIAS) };
}

/** Undefined: nothing of it is valid. A blank at an end makes the whole list void in the router. */
function networksOf({ tell }: RouteReading, { text, field }: WrittenList): readonly string[] | undefined {
  if (/^\s|\s$/.test(text)) return undefined;
  const networks: string[] = [];
  const entries = text.split(/\s+/);
  const invalid = entries.filter((entry) => networkOf(entry) === undefined);
  for (const entry of entries) {
    const network = networkOf(entry);
    if (network !== undefined && !networks.includes(network)) networks.push(network);
  }
  if (networks.length === 0) return undefined;
  for (const entry of invalid) tell('W207', field, `${JSON.stringify(entry)} is no address or network; left out`);
  return networks;
}
