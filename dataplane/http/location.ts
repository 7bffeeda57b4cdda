/**
 * The way of a request from the location that it came to into another one, in the "set" phase. nginx's own way, `return` and
 * `error_page` to a named location (README.md), begins the request anew; here the rewrite phase, in which it is, begins again in that location.
 *
 * Source: nginx 1.22.1, ngx_http_named_location and ngx_http_core_rewrite_phase.
 */
import { bor } from 'bit';
import { type CData, cast, typeof as ctype, string as textOf } from 'ffi';
import { coreIndex, requestStructure } from './nginx-request.ts';
import { type HeaderPart, nginx, type RequestStructure } from './nginx-structure.ts';
import { nginxVariable, readText } from './nginx-variable.ts';

interface LocationStructure extends CData {
  readonly name: { readonly data: CData; readonly len: CData };
  readonly loc_conf: CData;
}

interface ServerStructure extends CData {
  readonly named_locations: Readonly<Record<number, LocationStructure | undefined>> | undefined;
}

/** The four bits that nginx counts changes in, downwards; all set, there are more left than in the beginning. */
const URI_CHANGES = 0x0003_c000;
/** A local of the module is quicker than a global. */
const toNumber = tonumber;
const ADDRESS = ctype('uintptr_t');
const SERVER = ctype('causeway_server_t *');
const CORE = coreIndex();
/** Of the answer of a location that says no other. */
const OK = 200;
/** Where an affinity sends a request whose answer sets a cookie. */
const EXIT = nginxVariable('causeway_exit');
/** README.md: requests that ask for a trace take nginx's way. */
const TRACE = nginxVariable('http_cpaas_trace');
const TRACE_LENGTH = 11;

/** By the address of the server, then by name. */
const servers: LuaTable<number, LuaTable<string, LocationStructure>> = new LuaTable();

/** Sends the request to a named location. */
export function goTo(name: string): void {
  const request = requestStructure();
  if (request === undefined || !enter(request, name)) ngx.var['causeway_exit'] = name;
}

/**
 * Of a request whose attempt is about to fail: the error pages of that location count.
 *
 * @returns false when they could not be had
 */
export function failIn(name: string): boolean {
  const request = requestStructure();
  const location = request === undefined ? undefined : locationOf(request, name);
  if (request === undefined || location === undefined) return false;
  request.loc_conf = location.loc_conf;
  return true;
}

/** nginx ends requests that have changed their location ten times; this one begins anew. @returns false when it does not */
export function forgetChanges(): boolean {
  const request = requestStructure();
  if (request === undefined) return false;
  request.flags = bor(request.flags, URI_CHANGES);
  return true;
}

/**
 * Sends the request to a location that answers with an empty body, or from 400 on with the page of the status, without Lua.
 *
 * @returns false when it could not
 */
export function answerThere(status: number): boolean {
  const request = requestStructure();
  // gRPC has answers of its own.
  if (request === undefined || request.content_type !== undefined) return false;
  if (!enter(request, status < 400 ? '@causeway_empty' : '@causeway_page')) return false;
  if (status !== OK) request.err_status = status;
  return true;
}

function enter(request: RequestStructure, name: string): boolean {
  if ((readText(EXIT) ?? '') !== '') return false;
  // What follows in the first location stops these.
  if (hasNameOfLength(request.headers_in.part, 0, TRACE_LENGTH) && readText(TRACE) !== undefined) return false;
  const location = locationOf(request, name);
  if (location === undefined) return false;
  request.loc_conf = location.loc_conf;
  request.content_handler = undefined;
  nginx.ngx_http_update_location_config(request);
  // nginx adds 1, and so comes to the phase in which it is.
  request.phase_handler = request.phase_handler - 1;
  return true;
}

/** A tail call instead of a short loop, see policy/rule-index.ts. */
function hasNameOfLength(part: HeaderPart, position: number, length: number): boolean {
  if (position >= part.nelts) {
    const { next } = part;
    return next === undefined ? false : hasNameOfLength(next, 0, length);
  }
  if (toNumber(part.elts[position]?.key.len) === length) return true;
  return hasNameOfLength(part, position + 1, length);
}

function locationOf(request: RequestStructure, name: string): LocationStructure | undefined {
  const server = request.srv_conf[CORE];
  if (server === undefined) return undefined;
  const address = toNumber(cast(ADDRESS, server)) ?? 0;
  const locations = servers.get(address) ?? readLocations(address, server);
  return locations.get(name);
}

function readLocations(address: number, server: CData): LuaTable<string, LocationStructure> {
  const locations: LuaTable<string, LocationStructure> = new LuaTable();
  const { named_locations: named } = cast(SERVER, server) as ServerStructure;
  let index = 0;
  while (named !== undefined) {
    const location = named[index];
    if (location === undefined) break;
    locations.set(textOf(location.name.data, toNumber(location.name.len)), location);
    index++;
  }
  servers.set(address, locations);
  return locations;
}
