/**
 * Changes to headers that are known before the request, written into nginx's list of them: a header in one way through the list
 * instead of one for each, without copies. All others go the way of the API, also names that nginx keeps in a second place.
 *
 * nginx sees texts of ours, which live as long as the work of the route: an exchange holds that until the request is over.
 *
 * Source: lua-nginx-module 0.10.23, ngx_http_lua_headers_in.c and ngx_http_lua_headers_out.c, which say what names are special.
 */
import { new as allocate, C, type CData, copy, sizeof } from 'ffi';
import { type Header, type HeaderList, type HeaderPart, type NginxText, nginx } from './nginx-structure.ts';

export interface HeaderEdit {
  /** Names that go, in lower case, by {@link Header.hash_low}. */
  readonly dropped: LuaTable<number, string>;
  /** Headers that come. */
  readonly added: Readonly<Record<number, Header>>;
  readonly count: number;
  /** Keeps the texts alive that {@link added} points to. */
  readonly texts: readonly string[];
}

/** Without value: the header goes. */
export interface FixedHeader {
  readonly name: string;
  readonly value: string | undefined;
  /** Others of that name stay. */
  readonly isOneMore?: true;
}

/** A local of the module is quicker than a global. */
const toNumber = tonumber;
const HEADER_BYTES = sizeof('causeway_header_t');
/** Those of RFC 9110 but for `_`, which the API writes as `-`. */
const NAME = "^[%w!#$%%&'*+.^`|~-]+$";
/** The API escapes all other bytes. */
const VALUE = '^[^%c]*$';

const SPECIAL_IN_REQUESTS = setOf([
  [
    'host',
    'connection',
    'if-modified-since',
    'if-unmodified-since',
    'if-match',
    'if-none-match',
    'user-agent',
    'referer',
  ],
  [
    'content-length',
    'content-type',
    'range',
    'if-range',
    'transfer-encoding',
    'expect',
    'upgrade',
    'accept-encoding',
    'via',
  ],
  ['authorization', 'keep-alive', 'x-forwarded-for', 'x-real-ip', 'accept', 'accept-language', 'depth', 'destination'],
  ['overwrite', 'date', 'cookie'],
]);
const SPECIAL_IN_ANSWERS = setOf([
  ['server', 'date', 'content-encoding', 'location', 'refresh', 'last-modified', 'content-range', 'accept-ranges'],
  ['www-authenticate', 'expires', 'e-tag', 'etag', 'content-length', 'content-type', 'cache-control', 'link'],
]);

/** Reports whether a change to the headers of requests or of answers can be part of a {@link HeaderEdit}. */
export function isEditable({ name, value }: FixedHeader, of: 'requests' | 'answers'): boolean {
  const special = of === 'requests' ? SPECIAL_IN_REQUESTS : SPECIAL_IN_ANSWERS;
  if (string.match(name, NAME)[0] === undefined || special.has(string.lower(name))) return false;
  return value === undefined || string.match(value, VALUE)[0] !== undefined;
}

/** @param headers of different names, all {@link isEditable} */
export function compileEdit(headers: readonly FixedHeader[]): HeaderEdit {
  const dropped: LuaTable<number, string> = new LuaTable();
  const added = allocate<Record<number, Header>>('causeway_header_t[?]', headers.length);
  const texts: string[] = [];
  let count = 0;
  for (const { name, value, isOneMore } of headers) {
    const lower = string.lower(name);
    const element = added[count];
    if (element !== undefined) {
      element.hash = C.ngx_hash_key(lower, lower.length);
      if (isOneMore !== true) dropped.set(element.hash_low, lower);
      if (value !== undefined && value !== '') {
        setText(element.key, name);
        setText(element.value, value);
        element.lowcase_key = lower;
        for (const text of [name, lower, value]) texts.push(text);
        count++;
      }
    }
  }
  return { dropped, added, count, texts };
}

export function editHeaders(list: HeaderList, edit: HeaderEdit): void {
  dropFrom(list.part, 0, edit.dropped);
  addFrom(list, edit.added, 0, edit.count);
}

/** Adds the first header of `edit` with another value, which nginx's pool of the request keeps. */
export function addHeader(list: HeaderList, { added }: HeaderEdit, value: CData, bytes: number): void {
  const header = added[0];
  const element = header === undefined ? undefined : nginx.ngx_list_push(list);
  if (header === undefined || element === undefined) return;
  copy(element, header, HEADER_BYTES);
  element.value.data = value;
  element.value.len = bytes;
}

/** Reports whether none of the headers that go is there. */
export function isWithoutDropped(list: HeaderList, edit: HeaderEdit): boolean {
  return !hasFrom(list.part, 0, edit.dropped);
}

// Tail calls instead of short loops, see policy/rule-index.ts.

function dropFrom(part: HeaderPart, position: number, dropped: LuaTable<number, string>): undefined {
  if (position >= part.nelts) {
    const { next } = part;
    return next === undefined ? undefined : dropFrom(next, 0, dropped);
  }
  const header = part.elts[position];
  if (header !== undefined) {
    const name = dropped.get(header.hash_low);
    if (name !== undefined && isNamed(header, name)) header.hash = 0;
  }
  return dropFrom(part, position + 1, dropped);
}

function addFrom(list: HeaderList, added: HeaderEdit['added'], position: number, count: number): undefined {
  const header = added[position];
  if (position >= count || header === undefined) return undefined;
  // A request without any header, of HTTP/0.9, has no list.
  const element = list.last === undefined ? undefined : nginx.ngx_list_push(list);
  if (element === undefined) return undefined;
  copy(element, header, HEADER_BYTES);
  return addFrom(list, added, position + 1, count);
}

function hasFrom(part: HeaderPart, position: number, names: LuaTable<number, string>): boolean {
  if (position >= part.nelts) {
    const { next } = part;
    return next === undefined ? false : hasFrom(next, 0, names);
  }
  const header = part.elts[position];
  const name = header === undefined ? undefined : names.get(header.hash_low);
  if (header !== undefined && name !== undefined && isNamed(header, name)) return true;
  return hasFrom(part, position + 1, names);
}

function isNamed({ key }: Header, name: string): boolean {
  return toNumber(key.len) === name.length && toNumber(nginx.ngx_strncasecmp(key.data, name, name.length)) === 0;
}

function setText(text: NginxText, value: string): void {
  text.len = value.length;
  text.data = value;
}

function setOf(lists: readonly (readonly string[])[]): LuaTable<string, true> {
  const set: LuaTable<string, true> = new LuaTable();
  for (const names of lists) for (const name of names) set.set(name, true);
  return set;
}
