/** Texts that many kinds have, each with the limits of the Gateway API. */
import { integer, type Schema, string } from '../meta/schema.ts';

const DNS_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const DNS_SUBDOMAIN = `${DNS_LABEL}(\\.${DNS_LABEL})*`;

/** A host name of which the first label may be `*`. */
export const WILDCARD_HOSTNAME_PATTERN = `^(\\*\\.)?${DNS_SUBDOMAIN}$`;

/** Where an address or a feature of an implementation is named: `example.com/name`. */
export const DOMAIN_PREFIXED = `${DNS_SUBDOMAIN}\\/[A-Za-z0-9\\/\\-._~%!$&'()*+,;=:]+`;

const ENTRY_LENGTH = 253;
const MOST_OPTIONS_LENGTH = 4096;

export function objectName(description: string): Schema<string> {
  return string(description, { minLength: 1, maxLength: ENTRY_LENGTH });
}

export function namespaceName(description: string): Schema<string> {
  return string(description, { minLength: 1, maxLength: 63, pattern: `^${DNS_LABEL}$` });
}

/** API group; `''` is the core. */
export function groupName(description: string, options: { readonly default?: string } = {}): Schema<string> {
  return string(description, { maxLength: ENTRY_LENGTH, pattern: `^$|^${DNS_SUBDOMAIN}$`, ...options });
}

export function kindName(description: string, options: { readonly default?: string } = {}): Schema<string> {
  return string(description, {
    minLength: 1,
    maxLength: 63,
    pattern: '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$',
    ...options,
  });
}

/** Name of a listener, a rule or a port inside an object. */
export function sectionName(description: string): Schema<string> {
  return preciseHostname(description);
}

/** Host name without `*`. */
export function preciseHostname(description: string): Schema<string> {
  return string(description, { minLength: 1, maxLength: ENTRY_LENGTH, pattern: `^${DNS_SUBDOMAIN}$` });
}

/** Host name; `*.` stands for one or more labels. */
export function hostname(description: string): Schema<string> {
  return string(description, { minLength: 1, maxLength: ENTRY_LENGTH, pattern: WILDCARD_HOSTNAME_PATTERN });
}

export function portNumber(description: string): Schema<number> {
  return integer(description, { format: 'int32', minimum: 1, maximum: 65_535 });
}

/** `example.net/gateway-controller`; whose status it is. */
export function controllerName(description: string): Schema<string> {
  return string(description, { minLength: 1, maxLength: ENTRY_LENGTH, pattern: `^${DOMAIN_PREFIXED}$` });
}

export function headerName(description: string): Schema<string> {
  return string(description, { minLength: 1, maxLength: 256, pattern: "^[A-Za-z0-9!#$%&'*+\\-.^_\\x60|~]+$" });
}

/** Visible characters, with single spaces or tabs between them. */
export function headerValue(description: string): Schema<string> {
  return string(description, { minLength: 1, maxLength: 4096, pattern: '^[!-~]+([\\t ]?[!-~]+)*$' });
}

/** `1h30m`: a duration of the Gateway API, GEP-2257. */
export function duration(description: string, options: { readonly default?: string } = {}): Schema<string> {
  return string(description, { pattern: '^([0-9]{1,5}(h|m|s|ms)){1,4}$', ...options });
}

/** What an implementation understands of a free setting. */
export function optionValue(description: string): Schema<string> {
  return string(description, { maxLength: MOST_OPTIONS_LENGTH });
}
