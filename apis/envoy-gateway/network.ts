import { type Schema, string } from '../meta/schema.ts';

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const IPV4 = `(${OCTET}\\.){3}${OCTET}\\/(3[0-2]|[12]?[0-9])`;
const IPV6 = '[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]*\\/(12[0-8]|1[01][0-9]|[1-9]?[0-9])';

/** `10.0.0.0/8`: an address alone is none. */
export function network(description: string): Schema<string> {
  return string(description, { maxLength: 64, pattern: `^(${IPV4}|${IPV6})$` });
}
