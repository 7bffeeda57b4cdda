import { isIP, isIPv4, isIPv6 } from 'node:net';

/**
 * Checks of the string formats a Kubernetes schema may name; formats that are not listed are not checked, as in Kubernetes.
 *
 * Source: apiextensions-apiserver pkg/apiserver/validation/formats.go.
 */
export const STRING_FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  byte: isBase64,
  cidr: isCidr,
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)),
  'date-time': isDateTime,
  datetime: isDateTime,
  duration: (text) =>
    /^[-+]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*$|^0$/.test(text),
  email: (text) => /^[^\s@]+@[^\s@]+$/.test(text),
  hostname: (text) =>
    text.length <= 255 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?$/i.test(text),
  ip: (text) => isIP(text) !== 0,
  ipv4: isIPv4,
  ipv6: isIPv6,
  mac: (text) => /^[0-9a-f]{2}([:-][0-9a-f]{2}){5,7}$/i.test(text),
  uri: isUri,
  uuid: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  quantity: isQuantity,
};

/** RFC 3339 with a time zone. */
export function isDateTime(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[-+]\d{2}:\d{2})$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  );
}

/** Standard alphabet, padded; `''` is no bytes. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

export function isCidr(text: string): boolean {
  const match = /^(.+)\/(\d{1,3})$/.exec(text);
  const family = isIP(match?.[1] ?? '');
  return family !== 0 && Number(match?.[2]) <= (family === 4 ? 32 : 128);
}

/** Source: apimachinery pkg/api/resource. */
export function isQuantity(text: string): boolean {
  return /^[-+]?(\d+(\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][-+]?\d+)?$/.test(text);
}

function isUri(text: string): boolean {
  return URL.canParse(text, 'http://relative.invalid/') && /^([a-z][a-z0-9+.-]*:|\/)/i.test(text);
}
