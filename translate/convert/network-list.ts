import { isNetwork, parseAddress } from '@causeway/apis/meta/address';

/** A network in CIDR form; a single address becomes one of its own. Undefined: neither. */
export function networkOf(text: string): string | undefined {
  if (isNetwork(text)) return text;
  const bytes = text.startsWith('[') ? undefined : parseAddress(text);
  return bytes === undefined ? undefined : `${text}/${bytes.length * 8}`;
}
