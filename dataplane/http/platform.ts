/**
 * What the rule engine needs from its platform, for LuaJIT inside nginx: the
 * counterpart of `policy/platform.ts`, which says what each function means.
 * Strings are bytes here.
 */
import { C, type CompiledRegex, gc } from 'ffi';
import { get_string_buf } from 'resty.core.base';
// Declares the C functions used below.
import 'resty.core.regex';

export type Regex = CompiledRegex;

/** ngx_http_lua's flag for "compile with PCRE's JIT". */
const USE_JIT = 0x04;
/** PCRE_DOLLAR_ENDONLY: `$` is the end of the text, not the place before a last newline; RE2 means the same. */
const DOLLAR_ENDONLY = 0x20;
const CASELESS = 0x01;
const ERROR_TEXT_BYTES = 128;

export function bytes(text: string): string {
  return text;
}

export function byteAt(text: string, position: number): number | undefined {
  return string.byte(text, position + 1);
}

export function slice(text: string, from: number, to: number): string {
  return string.sub(text, from + 1, to);
}

export function indexOf(text: string, needle: string, from: number): number {
  const [start] = string.find(text, needle, from + 1, true);
  return start === undefined ? -1 : start - 1;
}

export function byteText(byte: number): string {
  return string.char(byte);
}

export function lowerCase(text: string): string {
  return string.lower(text);
}

export function compileRegex(pattern: string, ignoreCase: boolean): Regex | undefined {
  const errorText = get_string_buf(ERROR_TEXT_BYTES);
  const options = ignoreCase ? DOLLAR_ENDONLY + CASELESS : DOLLAR_ENDONLY;
  const regex = C.ngx_http_lua_ffi_compile_regex(
    pattern,
    pattern.length,
    USE_JIT,
    options,
    errorText,
    ERROR_TEXT_BYTES,
  );
  return regex === undefined ? undefined : gc(regex, C.ngx_http_lua_ffi_destroy_regex);
}

/** A match that exceeds `lua_regex_match_limit` counts as none. */
export function testRegex(regex: Regex, text: string): boolean {
  return C.ngx_http_lua_ffi_exec_regex(regex, USE_JIT, text, text.length, 0) >= 0;
}

/** Groups that took no part, or that the pattern does not have, are empty. */
export function replaceRegex(
  regex: Regex,
  text: string,
  parts: readonly (string | number)[],
  every: boolean,
): string | undefined {
  const { captures } = regex;
  let replaced = '';
  let done = 0;
  let found = false;
  while (true) {
    const count = C.ngx_http_lua_ffi_exec_regex(regex, USE_JIT, text, text.length, done);
    if (count < 0) break;
    const begin = captures[0] ?? 0;
    const end = captures[1] ?? 0;
    if (found && begin === end) break;
    found = true;
    replaced = replaced + string.sub(text, done + 1, begin);
    for (const part of parts) {
      if (typeof part === 'string') {
        replaced = replaced + part;
      } else if (part < count) {
        const from = captures[part * 2] ?? -1;
        if (from >= 0) replaced = replaced + string.sub(text, from + 1, captures[part * 2 + 1]);
      }
    }
    done = end;
    if (!every || begin === end) break;
  }
  return found ? replaced + string.sub(text, done + 1) : undefined;
}

export function wholeNumber(text: string): number | undefined {
  return string.match(text, '^%d+$')[0] === undefined ? undefined : tonumber(text);
}

export function emptyTable<V>(): Record<string, V> {
  return {};
}

export function removeKey<V>(entries: Record<string, V | undefined>, key: string): void {
  entries[key] = undefined;
}

export function insertAt<V>(list: V[], position: number, value: V): void {
  table.insert(list, position + 1, value);
}

export function sortNumbers(list: number[]): void {
  table.sort(list);
}

export function removeAt<V>(list: V[], position: number): void {
  table.remove(list, position + 1);
}
