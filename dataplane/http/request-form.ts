/**
 * Requests in absolute form, `GET http://b.com/ HTTP/1.1`: nginx takes b.com for the host, whatever the header Host says, and so do
 * rules; backends are told the header. Where both differ somebody wants to get past the rules of one host to the other.
 *
 * Source: RFC 9112 section 3.2.2.
 */
import { band } from 'bit';
import type { CData } from 'ffi';
import { requestStructure } from './nginx-request.ts';
import { nginxVariable, readValue } from './nginx-variable.ts';

const REQUEST = nginxVariable('request');
const UPGRADE = nginxVariable('http_upgrade');
const LENGTH_MASK = 0x0fff_ffff;
const BLANK = 32;
const SLASH = 47;
const LONGEST_METHOD = 32;

/** Reports whether the request line names another host than the header. Nearly all requests begin with a path, and are done at once. */
export function namesTwoHosts(): boolean {
  const request = requestStructure();
  if (request !== undefined) return namesAnother(request.request_line.data, request.request_line.len);
  const value = readValue(REQUEST);
  return value === undefined ? false : namesAnother(value.data, band(value.bits, LENGTH_MASK));
}

function namesAnother(text: CData, length: number): boolean {
  const line = text as unknown as Readonly<Record<number, number>>;
  // Methods of three and four letters without a loop: one that ends on its first turns keeps the request path in the interpreter.
  if (line[3] === BLANK && line[4] === SLASH) return false;
  if (line[4] === BLANK && line[5] === SLASH) return false;
  return isAbsolute(line, length) && differs();
}

/** Reports whether the client asks for another protocol on its connection: WebSockets. */
export function wantsUpgrade(): boolean {
  const request = requestStructure();
  return request === undefined ? readValue(UPGRADE) !== undefined : request.upgrade !== undefined;
}

function isAbsolute(line: Readonly<Record<number, number>>, lineLength: number): boolean {
  const length = Math.min(lineLength, LONGEST_METHOD);
  for (let i = 1; i < length; i++) {
    if (line[i] === BLANK) return line[i + 1] !== SLASH;
  }
  return false;
}

function differs(): boolean {
  const [authority] = string.match(ngx.var['request'] ?? '', '^%S+%s+%a[%w+.-]*://([^/?#%s]*)');
  return authority !== undefined && string.lower(authority) !== string.lower(ngx.var['http_host'] ?? '');
}
