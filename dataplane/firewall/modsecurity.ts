/**
 * libmodsecurity by LuaJIT's FFI. Calls that process something call back into Lua when a rule matches, and compiled code must not be
 * called back: the functions with such calls are kept from the compiler.
 *
 * Source: libmodsecurity 3.0.9, headers/modsecurity/{modsecurity,rules_set,transaction,intervention}.h.
 */
import { C, type CData, cast, cdef, gc, load, new as make, string as text } from 'ffi';

cdef(`
typedef struct causeway_modsecurity ModSecurity;
typedef struct causeway_rules RulesSet;
typedef struct causeway_transaction Transaction;
typedef struct { int status; int pause; char *url; char *log; int disruptive; } ModSecurityIntervention;
ModSecurity *msc_init(void);
void msc_set_log_cb(ModSecurity *, void (*)(void *, const void *));
RulesSet *msc_create_rules_set(void);
int msc_rules_add_file(RulesSet *, const char *, const char **);
int msc_rules_merge(RulesSet *, RulesSet *, const char **);
int msc_rules_cleanup(RulesSet *);
Transaction *msc_new_transaction_with_id(ModSecurity *, RulesSet *, const char *, void *);
int msc_process_connection(Transaction *, const char *, int, const char *, int);
int msc_process_uri(Transaction *, const char *, const char *, const char *);
int msc_add_n_request_header(Transaction *, const char *, size_t, const char *, size_t);
int msc_process_request_headers(Transaction *);
int msc_append_request_body(Transaction *, const char *, size_t);
int msc_process_request_body(Transaction *);
int msc_add_n_response_header(Transaction *, const char *, size_t, const char *, size_t);
int msc_process_response_headers(Transaction *, int, const char *);
int msc_process_logging(Transaction *);
int msc_intervention(Transaction *, ModSecurityIntervention *);
void msc_transaction_cleanup(Transaction *);
void *dlopen(const char *, int);
void free(void *);
`);

/** What the library wants to be done instead of passing the request on. */
export interface Intervention {
  readonly status: number;
  /** Where to redirect; `''` for nowhere. */
  readonly location: string;
  /** What it says about the rule. */
  readonly log: string;
}

/** dlfcn.h: bound at once, and never unloaded, since rules are freed after Lua has let go of its libraries. */
const RTLD_NOW = 2;
const RTLD_NODELETE = 0x1000;

let library: LibModSecurity | undefined;
let engine: CData | undefined;
/** Where {@link noteMatch} puts what rules say; of the request that is inspected at the moment. */
let matches: string[] = [];

const noteMatch = cast('void (*)(void *, const void *)', (_data: CData, message: CData) => {
  matches.push(text(cast('const char *', message)));
});

interface LibModSecurity {
  msc_init(this: void): CData;
  msc_set_log_cb(this: void, engine: CData, callback: CData): void;
  msc_create_rules_set(this: void): CData;
  msc_rules_add_file(this: void, rules: CData, file: string, error: unknown): number;
  msc_rules_merge(this: void, rules: CData, from: CData, error: unknown): number;
  readonly msc_rules_cleanup: (this: void, rules: CData) => void;
  msc_new_transaction_with_id(this: void, engine: CData, rules: CData, id: string, data: undefined): CData;
  msc_process_connection(
    this: void,
    transaction: CData,
    client: string,
    clientPort: number,
    server: string,
    port: number,
  ): number;
  msc_process_uri(this: void, transaction: CData, uri: string, method: string, version: string): number;
  msc_add_n_request_header(
    this: void,
    transaction: CData,
    name: string,
    nameBytes: number,
    value: string,
    valueBytes: number,
  ): number;
  msc_process_request_headers(this: void, transaction: CData): number;
  msc_append_request_body(this: void, transaction: CData, data: string, bytes: number): number;
  msc_process_request_body(this: void, transaction: CData): number;
  msc_add_n_response_header(
    this: void,
    transaction: CData,
    name: string,
    nameBytes: number,
    value: string,
    valueBytes: number,
  ): number;
  msc_process_response_headers(this: void, transaction: CData, status: number, protocol: string): number;
  msc_process_logging(this: void, transaction: CData): number;
  msc_intervention(this: void, transaction: CData, intervention: unknown): number;
  msc_transaction_cleanup(this: void, transaction: CData): void;
}

/** Body of init_by_lua: before workers are forked, so that they share the memory. */
export function loadLibrary(file: string): void {
  C.dlopen(file, RTLD_NOW + RTLD_NODELETE);
  const loaded = load<LibModSecurity>(file);
  library = loaded;
  engine = loaded.msc_init();
  loaded.msc_set_log_cb(engine, noteMatch);
}

/**
 * @param further rules that follow those of the files
 * @returns rules that are freed with the last reference to them, or what is wrong with them
 */
export function loadRules(
  files: readonly string[],
  further: CData | undefined,
): LuaMultiReturn<[CData | undefined, string?]> {
  if (library === undefined) return $multi(undefined, 'no library');
  const rules = gc(library.msc_create_rules_set(), library.msc_rules_cleanup);
  const problem = make<Record<number, CData>>('const char *[1]');
  for (const file of files) {
    if (library.msc_rules_add_file(rules, file, problem) < 0) return $multi(undefined, problemText(problem));
  }
  if (further !== undefined && library.msc_rules_merge(rules, further, problem) < 0) {
    return $multi(undefined, problemText(problem));
  }
  return $multi(rules);
}

function problemText(problem: Readonly<Record<number, CData>>): string {
  const first = problem[0];
  return first === undefined || cast('intptr_t', first) === ZERO ? 'cannot be loaded' : text(first);
}

const ZERO = cast('intptr_t', 0);

/** One request under inspection. */
export interface Transaction {
  readonly handle: CData;
  /** What rules that matched said, in the library's words; those that intervened say it in their intervention. */
  readonly matches: string[];
}

export interface Connection {
  readonly client: string;
  readonly clientPort: number;
  readonly server: string;
  readonly serverPort: number;
}

export function beginTransaction(rules: CData, id: string, connection: Connection): Transaction {
  const found: string[] = [];
  const lib = opened();
  const handle = lib.msc_new_transaction_with_id(engine as CData, rules, id, undefined);
  matches = found;
  const { client, clientPort, server, serverPort } = connection;
  lib.msc_process_connection(handle, client, clientPort, server, serverPort);
  return { handle, matches: found };
}

/** @param uri path and query as they were sent */
export function processTarget(transaction: Transaction, uri: string, method: string, version: string): void {
  matches = transaction.matches;
  opened().msc_process_uri(transaction.handle, uri, method, version);
}

export function addRequestHeader(transaction: Transaction, name: string, value: string): void {
  opened().msc_add_n_request_header(transaction.handle, name, name.length, value, value.length);
}

export function processRequestHeaders(transaction: Transaction): void {
  matches = transaction.matches;
  opened().msc_process_request_headers(transaction.handle);
}

export function appendRequestBody(transaction: Transaction, data: string): void {
  matches = transaction.matches;
  opened().msc_append_request_body(transaction.handle, data, data.length);
}

export function processRequestBody(transaction: Transaction): void {
  matches = transaction.matches;
  opened().msc_process_request_body(transaction.handle);
}

export function addResponseHeader(transaction: Transaction, name: string, value: string): void {
  opened().msc_add_n_response_header(transaction.handle, name, name.length, value, value.length);
}

export function processResponseHeaders(transaction: Transaction, status: number, protocol: string): void {
  matches = transaction.matches;
  opened().msc_process_response_headers(transaction.handle, status, protocol);
}

/** The last phase of rules; the transaction is over. */
export function endTransaction(transaction: Transaction): void {
  matches = transaction.matches;
  const lib = opened();
  lib.msc_process_logging(transaction.handle);
  lib.msc_transaction_cleanup(transaction.handle);
}

/** What is to be done instead of going on; undefined for nothing. */
export function interventionOf(transaction: Transaction): Intervention | undefined {
  const found = make<RawIntervention>('ModSecurityIntervention');
  found.status = 200;
  if (opened().msc_intervention(transaction.handle, found) === 0) return undefined;
  return { status: found.status, location: taken(found.url), log: taken(found.log) };
}

interface RawIntervention {
  status: number;
  readonly url: CData;
  readonly log: CData;
}

/** The text of C memory, which is freed. */
function taken(memory: CData): string {
  if (cast('intptr_t', memory) === ZERO) return '';
  const found = text(memory);
  C.free(memory);
  return found;
}

function opened(): LibModSecurity {
  return library as LibModSecurity;
}

for (const run of [
  beginTransaction,
  processTarget,
  processRequestHeaders,
  appendRequestBody,
  processRequestBody,
  processResponseHeaders,
  endTransaction,
]) {
  jit.off(run);
}
