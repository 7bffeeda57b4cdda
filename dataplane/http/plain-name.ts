/** Names of headers as some backends read them, for which `_` is `-`. */

/** Lower case, with `-` for `_`. */
export function plainName(name: string): string {
  return string.gsub(string.lower(name), '_', '-')[0];
}

/** Takes headers off the request, however they are spelled. @param names plain */
export function takeOffPlain(names: LuaTable<string, boolean>): void {
  for (const name in ngx.req.get_headers(0, true)) {
    if (names.get(plainName(name)) === true) ngx.req.clear_header(name);
  }
}
