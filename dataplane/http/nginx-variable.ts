/**
 * Variables of nginx, read as nginx's modules read them: the name is hashed once, not with every read as by `ngx.var`,
 * and numbers do not become Lua strings on their way.
 *
 * Source: nginx, src/http/ngx_http_variables.h and src/core/ngx_string.h; what modules are compiled against, unchanged since
 * 0.8. A value's flags and its length share 32 bits, length in the low ones (little-endian ABIs, as amd64 and arm64).
 */
import { band } from 'bit';
import { new as allocate, C, type CData, cdef, string as textOf, type VariableValue } from 'ffi';
import { get_request } from 'resty.core.base';

cdef(`
typedef struct { size_t len; const char *data; } causeway_text_t;
typedef struct { uint32_t bits; const char *data; } causeway_value_t;
uintptr_t ngx_hash_key(const char *data, size_t len);
causeway_value_t *ngx_http_get_variable(void *request, causeway_text_t *name, uintptr_t key);
intptr_t ngx_atoi(const char *line, size_t n);
`);

/** A local of the module is quicker than a global. */
const toNumber = tonumber;
const LENGTH_MASK = 0x0fff_ffff;
const NOT_FOUND = 0x4000_0000;

export interface NginxVariable {
  readonly name: CData;
  readonly key: CData;
  /** Keeps the name's bytes alive, which {@link name} only points to. */
  readonly text: string;
}

/** @param text lower case */
export function nginxVariable(text: string): NginxVariable {
  return { name: allocate('causeway_text_t', text.length, text), key: C.ngx_hash_key(text, text.length), text };
}

/** @returns undefined when the variable has no value */
export function readValue(variable: NginxVariable): VariableValue | undefined {
  const value = C.ngx_http_get_variable(get_request(), variable.name, variable.key);
  return value === undefined || band(value.bits, NOT_FOUND) !== 0 ? undefined : value;
}

/** @returns undefined when the variable has no value */
export function readText(variable: NginxVariable): string | undefined {
  const value = readValue(variable);
  return value === undefined ? undefined : textOf(value.data, band(value.bits, LENGTH_MASK));
}

/** @returns 0 when the variable is no whole number */
export function readCount(variable: NginxVariable): number {
  const value = readValue(variable);
  if (value === undefined) return 0;
  const count = toNumber(C.ngx_atoi(value.data, band(value.bits, LENGTH_MASK))) ?? 0;
  return count < 0 ? 0 : count;
}
