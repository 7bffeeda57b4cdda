/** Texts that routes of the Gateway API take, judged before they are written. Source: Gateway API v1, HTTPRoute. */
import { WILDCARD_HOSTNAME_PATTERN } from '@causeway/apis/gateway-api/names';
import { parseAddress } from '@causeway/apis/meta/address';

const HOSTNAME = new RegExp(WILDCARD_HOSTNAME_PATTERN);
const LABEL_LENGTH = 63;
const HOSTNAME_LENGTH = 253;
const PATH_LENGTH = 1024;

/** Whether a route may have it among its hostnames: a name, no address, perhaps with `*.` before it. */
export function isRouteHostname(text: string): boolean {
  const labels = text.split('.');
  return (
    text.length <= HOSTNAME_LENGTH &&
    HOSTNAME.test(text) &&
    labels.every(({ length }) => length <= LABEL_LENGTH) &&
    parseAddress(text) === undefined
  );
}

/** Why a match of type PathPrefix or Exact must not have this value; undefined: it may. */
export function pathMistake(value: string): string | undefined {
  if (!value.startsWith('/')) return 'must begin with /';
  if (value.length > PATH_LENGTH) return `must have at most ${PATH_LENGTH} characters`;
  const forbidden = ['//', '/./', '/../', '%2f', '%2F', '#'].find((part) => value.includes(part));
  if (forbidden !== undefined) return `must not contain ${JSON.stringify(forbidden)}`;
  if (value.endsWith('/..') || value.endsWith('/.')) return 'must not end with /. or /..';
  return /^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+$/.test(value)
    ? undefined
    : 'has characters that must be encoded';
}

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,256}$/;
const HEADER_VALUE = /^[!-~]+([\t ]?[!-~]+)*$/;

/** Why a header must not be changed to this value; undefined: it may. */
export function headerMistake(name: string, value?: string): string | undefined {
  if (!HEADER_NAME.test(name)) return `${JSON.stringify(name)} is not the name of a header`;
  if (value !== undefined && (!HEADER_VALUE.test(value) || value.length > 4096)) {
    return `the value of ${name} must be visible characters with single blanks between them`;
  }
  return undefined;
}
