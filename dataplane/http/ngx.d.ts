/**
 * The parts of nginx's Lua API and of LuaJIT's FFI that the data plane uses.
 *
 * Source: lua-nginx-module 0.10.23, lua-resty-core 0.1.25, LuaJIT 2.1.
 *
 * @noSelfInFile
 */

interface Ngx {
  /** nginx variables; each read costs a few hundred nanoseconds. */
  readonly var: Record<string, string | undefined>;
  /** Of the request; an internal redirect forgets it. */
  readonly ctx: Record<string, unknown>;
  /** In a body filter: [1] the data, [2] whether it is the last. */
  readonly arg: Record<number, unknown>;
  status: number;
  /** Of the answer; several values of one name are a list. */
  readonly header: Record<string, string | readonly string[] | number | undefined>;
  readonly config: {
    readonly nginx_version: number;
    readonly ngx_lua_version: number;
    /** The options it was built with. */
    nginx_configure(this: void): string;
  };
  readonly ERR: number;
  readonly WARN: number;
  readonly NOTICE: number;
  readonly ERROR: number;
  /** 32 hexadecimal digits. */
  md5(this: void, text: string): string;
  readonly worker: NgxWorker;
  /** By name, see nginx.conf. */
  readonly shared: Readonly<Record<string, SharedDictionary | undefined>>;
  readonly req: NgxRequest;
  readonly socket: { tcp(this: void): TcpSocket };
  readonly thread: {
    spawn<A extends unknown[]>(this: void, run: (this: void, ...args: A) => unknown, ...args: A): LightThread;
    /** Waits until one of them ends. @returns whether without an error, and what it returned */
    wait(this: void, ...threads: readonly LightThread[]): LuaMultiReturn<[boolean, unknown?]>;
    kill(this: void, thread: LightThread): void;
  };
  readonly timer: {
    at<A extends unknown[]>(
      this: void,
      seconds: number,
      run: (premature: boolean, ...args: A) => void,
      ...args: A
    ): LuaMultiReturn<[number | undefined, string?]>;
  };
  /** Of the answer, as it is sent. */
  readonly resp: {
    /** @param limit 0 for no limit */
    get_headers(this: void, limit: number, raw?: boolean): Record<string, string | string[] | boolean | undefined>;
  };
  /** Seconds with milliseconds, from nginx's cached clock. */
  now(this: void): number;
  /** The same, whole. */
  time(this: void): number;
  /** As in the attribute Expires of a cookie. @param seconds since 1970 */
  cookie_time(this: void, seconds: number): string;
  /** Lets the worker do other things; only in timers and content phases. */
  sleep(this: void, seconds: number): void;
  log(this: void, level: number, ...texts: unknown[]): void;
  print(this: void, ...texts: string[]): void;
  exit(this: void, status: number): void;
  decode_base64(this: void, text: string): string | undefined;
  /** All but letters, digits and `-._~` becomes `%XX`. */
  escape_uri(this: void, text: string): string;
  encode_base64(this: void, bytes: string, noPadding?: boolean): string;
  /** 20 bytes. */
  sha1_bin(this: void, text: string): string;
  /** From 0 to 2^32 - 1. */
  crc32_short(this: void, text: string): number;
  /** 20 bytes. */
  hmac_sha1(this: void, key: string, text: string): string;
  /** An internal redirect; does not return. */
  exec(this: void, location: string): void;
}

interface NgxWorker {
  pid(this: void): number;
  /** From 0. */
  id(this: void): number;
  count(this: void): number;
  exiting(this: void): boolean;
}

interface NgxRequest {
  get_method(this: void): string;
  /** 1.1, 2 and so on; undefined for HTTP/0.9. */
  http_version(this: void): number | undefined;
  /** @param limit 0 for no limit */
  /** @param raw names as they were sent, else in lower case */
  get_headers(this: void, limit: number, raw?: boolean): Record<string, string | string[] | boolean | undefined>;
  set_header(this: void, name: string, value: string | readonly string[]): void;
  clear_header(this: void, name: string): void;
  /** @param binary takes any byte: nginx encodes it when the request is sent on */
  set_uri(this: void, path: string, jump: boolean, binary: boolean): void;
  set_uri_args(this: void, query: string): void;
  /** The connection of the client itself, with what of it nginx has not understood; from then on nginx answers nothing. */
  socket(this: void, raw: true): LuaMultiReturn<[TcpSocket | undefined, string?]>;
  /** Waits. */
  read_body(this: void): void;
  discard_body(this: void): void;
  /** Undefined when it is empty, or in a file. */
  get_body_data(this: void): string | undefined;
  get_body_file(this: void): string | undefined;
  /** Seconds, same clock as `ngx.now`. */
  start_time(this: void): number;
}

/** Memory that all workers have; when it is full, what was not used for longest goes. */
interface SharedDictionary {
  get(this: SharedDictionary, key: string): LuaMultiReturn<[string | number | boolean | undefined, string?]>;
  /** @param ttlSeconds 0 for ever */
  set(
    this: SharedDictionary,
    key: string,
    value: string | number,
    ttlSeconds?: number,
  ): LuaMultiReturn<[boolean | undefined, string?]>;
  /** Fails with `exists`. */
  add(
    this: SharedDictionary,
    key: string,
    value: string | number,
    ttlSeconds?: number,
  ): LuaMultiReturn<[boolean | undefined, string?]>;
  /** @param initial what an absent key counts as; without it that is an error */
  incr(
    this: SharedDictionary,
    key: string,
    by: number,
    initial?: number,
    ttlSeconds?: number,
  ): LuaMultiReturn<[number | undefined, string?]>;
  delete(this: SharedDictionary, key: string): void;
}

/** A cosocket: its methods let the worker do other things while they wait. */
interface TcpSocket {
  /** @param address `unix:` and a path */
  connect(this: TcpSocket, address: string, options?: SocketOptions): LuaMultiReturn<[number | undefined, string?]>;
  /** @param host an address, IPv6 in brackets */
  connect(
    this: TcpSocket,
    host: string,
    port: number,
    options?: SocketOptions,
  ): LuaMultiReturn<[number | undefined, string?]>;
  sslhandshake(
    this: TcpSocket,
    session: boolean,
    serverName: string | undefined,
    verify: boolean,
  ): LuaMultiReturn<[unknown, string?]>;
  getreusedtimes(this: TcpSocket): LuaMultiReturn<[number | undefined, string?]>;
  /** Milliseconds; at most so many idle ones. The socket must not be used afterwards. */
  setkeepalive(this: TcpSocket, idleMs: number, size: number): LuaMultiReturn<[number | undefined, string?]>;
  settimeouts(this: TcpSocket, connectMs: number, sendMs: number, readMs: number): void;
  send(this: TcpSocket, data: string | readonly string[]): LuaMultiReturn<[number | undefined, string?]>;
  /** One line without its end; on an error also what had arrived of it. */
  receive(this: TcpSocket, pattern: '*l' | number): LuaMultiReturn<[string | undefined, string?, string?]>;
  /** What has arrived, at least a byte. */
  receiveany(this: TcpSocket, mostBytes: number): LuaMultiReturn<[string | undefined, string?]>;
  close(this: TcpSocket): void;
}

/** A coroutine that runs beside the one that began it. */
interface LightThread {
  readonly thread: true;
}

interface SocketOptions {
  readonly pool?: string;
  /** Idle connections of the pool at most. */
  readonly pool_size?: number;
}

declare const ngx: Ngx;

declare module 'bit' {
  function band(a: number, b: number): number;
  function bnot(a: number): number;
  function bor(a: number, b: number): number;
  function bswap(a: number): number;
  function rshift(a: number, bits: number): number;
}

declare module 'jit.opt' {
  /** @param parameters of the compiler: `name=value` */
  function start(this: void, ...parameters: readonly string[]): void;
}

declare module 'ffi' {
  interface CData {
    readonly cdata: true;
  }
  interface CFunctions {
    ngx_http_lua_ffi_compile_regex(
      this: void,
      pattern: string,
      patternBytes: number,
      flags: number,
      pcreOptions: number,
      errorText: CData,
      errorTextBytes: number,
    ): CompiledRegex | undefined;
    ngx_http_lua_ffi_exec_regex(
      this: void,
      regex: CompiledRegex,
      flags: number,
      text: string,
      textBytes: number,
      from: number,
    ): number;
    ngx_http_lua_ffi_destroy_regex(this: void, regex: CompiledRegex): void;
    ngx_hash_key(this: void, text: string, bytes: number): CData;
    ngx_http_get_variable(this: void, request: CData | undefined, name: CData, key: CData): VariableValue | undefined;
    ngx_atoi(this: void, text: CData, bytes: number): CData;
    /** Undefined when there is no memory. */
    ngx_palloc(this: void, pool: CData, bytes: number): CData | undefined;
    /** Zeros. */
    ngx_pcalloc(this: void, pool: CData, bytes: number): CData | undefined;
    kill(this: void, pid: number, signal: number): number;
    dlopen(this: void, file: string, flags: number): CData;
    free(this: void, memory: CData): void;
    readonly ngx_stat_active: Counter;
    readonly ngx_stat_reading: Counter;
    readonly ngx_stat_writing: Counter;
    readonly ngx_stat_waiting: Counter;
  }
  /** `ngx_http_lua_regex_t`. */
  interface CompiledRegex extends CData {
    /** Begin and end of each group of the last match, the whole match first; -1 for one that took no part. */
    readonly captures: Readonly<Record<number, number>>;
  }
  /** A pointer to one 64-bit number. */
  type Counter = Readonly<Record<0, CData>>;
  /** See nginx-variable.ts. */
  interface VariableValue {
    readonly bits: number;
    readonly data: CData;
  }
  const C: CFunctions;
  function gc<T extends CData>(value: T, finalizer: (this: void, value: T) => void): T;
  /** @param value a function becomes a callback, which is never freed */
  function cast(type: CData | string, value: unknown): CData;
  /** The functions of a shared library that {@link cdef} declares. */
  function load<T>(file: string): T;
  function cdef(declarations: string): void;
  function type_of(declaration: string): CData;
  /** Filled with zeros where no value is given. */
  function new_of<T = CData>(type: string | CData, ...values: readonly unknown[]): T;
  /** Writes zeros. */
  function fill(data: unknown, bytes: number): void;
  function sizeof(type: string): number;
  function abi(property: '64bit' | 'le'): boolean;
  /** @param from a structure or a pointer */
  function copy(to: CData, from: unknown, bytes: number): void;
  /** Of the last C function that failed. */
  function errno(): number;
  /** @param bytes default: up to the first zero */
  function string(data: CData, bytes?: number): string;

  export {
    abi,
    C,
    type CData,
    type CompiledRegex,
    cast,
    cdef,
    copy,
    errno,
    fill,
    gc,
    load,
    new_of as new,
    sizeof,
    string,
    type_of as typeof,
    type VariableValue,
  };
}

declare module 'ngx.semaphore' {
  interface Semaphore {
    /** Takes one, waits for it if there is none. */
    wait(this: Semaphore, seconds: number): LuaMultiReturn<[boolean | undefined, string?]>;
    /** Gives one. */
    post(this: Semaphore): void;
  }
  /** @param count how many there are at first */
  export function _new(this: void, count: number): Semaphore;
  export { _new as new, type Semaphore };
}

declare module 'resty.core.base' {
  /** The request that runs now. */
  function get_request(): import('ffi').CData | undefined;
  function get_string_buf(bytes: number): import('ffi').CData;
}

declare module 'resty.core.regex' {}

declare module 'ngx.balancer' {
  function set_current_peer(address: string, port: number): LuaMultiReturn<[boolean | undefined, string?]>;
  function set_more_tries(count: number): LuaMultiReturn<[boolean | undefined, string?]>;
  /** Seconds. */
  function set_timeouts(
    connect: number | undefined,
    send: number | undefined,
    read: number | undefined,
  ): LuaMultiReturn<[boolean | undefined, string?]>;
}

declare module 'ngx.ssl' {
  type CData = import('ffi').CData;
  function server_name(): LuaMultiReturn<[string | undefined, string?]>;
  /** @param authorities those whose names the client is told */
  function verify_client(authorities: CData | undefined, depth: number): LuaMultiReturn<[boolean | undefined, string?]>;
  function clear_certs(): LuaMultiReturn<[boolean | undefined, string?]>;
  function parse_pem_cert(pem: string): LuaMultiReturn<[CData | undefined, string?]>;
  function parse_pem_priv_key(pem: string): LuaMultiReturn<[CData | undefined, string?]>;
  function set_cert(chain: CData): LuaMultiReturn<[boolean | undefined, string?]>;
  function set_priv_key(key: CData): LuaMultiReturn<[boolean | undefined, string?]>;
}

declare module 'cjson.safe' {
  function encode(value: unknown): LuaMultiReturn<[string | undefined, string?]>;
  function decode(text: string): LuaMultiReturn<[unknown, string?]>;
}
