/*
 * The forms of names in Kubernetes, each with the exact sentence a real server says about a text that has another form. A check
 * returns that sentence, or undefined when the text is fine.
 *
 * Source: apimachinery pkg/util/validation.
 */

export type NameCheck = (text: string) => string | undefined;

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const DNS_LABEL = new RegExp(`^${LABEL}$`);
const DNS_SUBDOMAIN = new RegExp(`^${LABEL}(\\.${LABEL})*$`);
const WILDCARD_SUBDOMAIN = new RegExp(`^\\*\\.${LABEL}(\\.${LABEL})*$`);
const DNS_1035_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;
const PORT_NAME = /^[-a-z0-9]+$/;

const SUBDOMAIN_SENTENCE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_SENTENCE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const DNS_1035_SENTENCE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const WILDCARD_SENTENCE =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const QUALIFIED_SENTENCE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE_SENTENCE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const CONFIG_KEY_SENTENCE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/** Most object names: at most 253 characters. */
export const dnsSubdomain: NameCheck = (text) =>
  text.length > 253 ? lengthSentence(253) : DNS_SUBDOMAIN.test(text) ? undefined : SUBDOMAIN_SENTENCE;

/** Namespaces, parts of names: at most 63 characters. */
export const dnsLabel: NameCheck = (text) =>
  text.length > 63 ? lengthSentence(63) : DNS_LABEL.test(text) ? undefined : labelSentence(text);

/** Service names: a DNS label that starts with a letter. */
export const dns1035Label: NameCheck = (text) =>
  text.length > 63 ? lengthSentence(63) : DNS_1035_LABEL.test(text) ? undefined : DNS_1035_SENTENCE;

/** `*.example.com` */
export const wildcardSubdomain: NameCheck = (text) =>
  text.length > 253 ? lengthSentence(253) : WILDCARD_SUBDOMAIN.test(text) ? undefined : WILDCARD_SENTENCE;

/** What can be one element of a path; names of roles have colons. */
export const pathSegment: NameCheck = (text) => {
  if (text === '.' || text === '..') return `may not be '${text}'`;
  const found = /[/%]/.exec(text);
  return found === null ? undefined : `may not contain '${found[0]}'`;
};

export const labelValue: NameCheck = (text) =>
  text.length > 63 ? lengthSentence(63) : LABEL_VALUE.test(text) ? undefined : LABEL_VALUE_SENTENCE;

/** Keys of labels and annotations, finalizers: `[prefix/]name`. The first thing that is wrong. */
export const qualifiedName: NameCheck = (text) => qualifiedNameProblems(text)[0];

export function qualifiedNameProblems(text: string): readonly string[] {
  const parts = text.split('/');
  if (parts.length > 2) {
    return [
      `a qualified name ${QUALIFIED_SENTENCE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const problems: string[] = [];
  if (parts.length === 2) {
    const prefix = parts[0] ?? '';
    const problem = prefix === '' ? undefined : dnsSubdomain(prefix);
    if (prefix === '') problems.push('prefix part must be non-empty');
    else if (problem !== undefined) problems.push(`prefix part ${problem}`);
  }
  const name = parts.at(-1) ?? '';
  if (name === '') problems.push('name part must be non-empty');
  else if (name.length > 63) problems.push(`name part ${lengthSentence(63)}`);
  if (!QUALIFIED_PART.test(name)) problems.push(`name part ${QUALIFIED_SENTENCE}`);
  return problems;
}

/** Keys of ConfigMap and Secret data: they may become file names. */
export const configKey: NameCheck = (text) => {
  if (text.length > 253) return lengthSentence(253);
  if (!CONFIG_KEY.test(text)) return CONFIG_KEY_SENTENCE;
  if (text === '.') return "must not be '.'";
  if (text === '..') return "must not be '..'";
  return text.startsWith('..') ? "must not start with '..'" : undefined;
};

/** Names of container ports, IANA service names of at most 15 characters: all that is wrong with one. */
export function portNameProblems(text: string): readonly string[] {
  const problems: string[] = [];
  if (text.length > 15) problems.push('must be no more than 15 characters');
  if (!PORT_NAME.test(text)) problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(text)) problems.push('must contain at least one letter (a-z)');
  if (text.includes('--')) problems.push('must not contain consecutive hyphens');
  if (text.startsWith('-') || text.endsWith('-')) problems.push('must not begin or end with a hyphen');
  return problems;
}

/** 1..65535 */
export function portNumber(port: number): string | undefined {
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? undefined : 'must be between 1 and 65535, inclusive';
}

function labelSentence(text: string): string {
  return DNS_SUBDOMAIN.test(text) ? 'must not contain dots' : LABEL_SENTENCE;
}

function lengthSentence(max: number): string {
  return `must be no more than ${max} characters`;
}
