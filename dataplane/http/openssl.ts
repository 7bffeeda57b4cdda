/**
 * What of OpenSSL 3 is needed to judge certificates of clients and to set a connection up by the name that it asks for. Functions
 * that nginx links anyway; pointers are opaque.
 *
 * Source: OpenSSL 3.0 manual pages of the functions named here; lua-nginx-module, ngx_http_lua_ssl_certby.c.
 */
import { new as allocate, type CData, cast, cdef, typeof as ctype, gc, C as library, string as textOf } from 'ffi';
import { parse_pem_cert } from 'ngx.ssl';
import { get_request } from 'resty.core.base';

cdef(`
void *ngx_http_lua_ffi_get_req_ssl_pointer(void *request, const char **problem);
int CRYPTO_get_ex_new_index(int class_index, long argl, void *argp, void *new_func, void *dup_func, void *free_func);
int SSL_set_ex_data(void *ssl, int index, void *data);
void *SSL_get_ex_data(const void *ssl, int index);
const char *SSL_get_servername(const void *ssl, int type);
void *SSL_get1_peer_certificate(const void *ssl);
void *SSL_get_peer_cert_chain(const void *ssl);
void SSL_set_verify_result(void *ssl, long result);
void SSL_set_verify(void *ssl, int mode, int (*callback)(int));
int abs(int number);
void SSL_set_verify_depth(void *ssl, int depth);
long SSL_ctrl(void *ssl, int command, long number, void *argument);
int SSL_add_client_CA(void *ssl, void *certificate);
int SSL_get_security_level(const void *ssl);
void *SSL_get_session(const void *ssl);
int SSL_SESSION_set1_id_context(void *session, const char *context, unsigned int length);
int SSL_set_num_tickets(void *ssl, size_t count);
void *SSL_get_SSL_CTX(const void *ssl);
int SSL_CTX_remove_session(void *context, void *session);
int SSL_set_cipher_list(void *ssl, const char *list);
uint64_t SSL_set_options(void *ssl, uint64_t options);
uint64_t SSL_clear_options(void *ssl, uint64_t options);
void ERR_clear_error(void);
int OPENSSL_sk_num(const void *stack);
void *OPENSSL_sk_value(const void *stack, int index);
void *X509_STORE_new(void);
void X509_STORE_free(void *store);
int X509_STORE_add_cert(void *store, void *certificate);
int X509_STORE_add_crl(void *store, void *crl);
int X509_STORE_set_flags(void *store, unsigned long flags);
void *BIO_new_mem_buf(const void *data, int length);
int BIO_free(void *bio);
void *PEM_read_bio_X509_CRL(void *bio, void *crl, void *callback, void *argument);
void X509_CRL_free(void *crl);
void X509_free(void *certificate);
void *X509_STORE_CTX_new(void);
int X509_STORE_CTX_init(void *context, void *store, void *certificate, void *chain);
int X509_STORE_CTX_set_default(void *context, const char *name);
void *X509_STORE_CTX_get0_param(const void *context);
void X509_VERIFY_PARAM_set_depth(void *param, int depth);
void X509_VERIFY_PARAM_set_auth_level(void *param, int level);
int X509_verify_cert(void *context);
int X509_STORE_CTX_get_error(const void *context);
void X509_STORE_CTX_free(void *context);
const char *X509_verify_cert_error_string(long code);
`);

type Pointer = CData | undefined;

interface OpenSsl {
  ngx_http_lua_ffi_get_req_ssl_pointer(this: void, request: Pointer, problem: CData): Pointer;
  CRYPTO_get_ex_new_index(
    this: void,
    classIndex: number,
    argl: number,
    argp: Pointer,
    newFunction: Pointer,
    dupFunction: Pointer,
    freeFunction: Pointer,
  ): number;
  SSL_set_ex_data(this: void, ssl: CData, index: number, data: CData): number;
  SSL_get_ex_data(this: void, ssl: CData, index: number): Pointer;
  SSL_get_servername(this: void, ssl: CData, type: number): Pointer;
  SSL_get1_peer_certificate(this: void, ssl: CData): Pointer;
  SSL_get_peer_cert_chain(this: void, ssl: CData): Pointer;
  SSL_set_verify_result(this: void, ssl: CData, result: number): void;
  SSL_set_verify(this: void, ssl: CData, mode: number, callback: CData): void;
  readonly abs: CData;
  SSL_set_verify_depth(this: void, ssl: CData, depth: number): void;
  SSL_ctrl(this: void, ssl: CData, command: number, number: number, argument: CData): unknown;
  SSL_add_client_CA(this: void, ssl: CData, certificate: Pointer): number;
  SSL_get_security_level(this: void, ssl: CData): number;
  SSL_get_session(this: void, ssl: CData): Pointer;
  SSL_SESSION_set1_id_context(this: void, session: CData, context: string, length: number): number;
  SSL_set_num_tickets(this: void, ssl: CData, count: number): number;
  SSL_get_SSL_CTX(this: void, ssl: CData): Pointer;
  SSL_CTX_remove_session(this: void, context: Pointer, session: CData): number;
  SSL_set_cipher_list(this: void, ssl: CData, list: string): number;
  SSL_set_options(this: void, ssl: CData, options: number): unknown;
  SSL_clear_options(this: void, ssl: CData, options: number): unknown;
  ERR_clear_error(this: void): void;
  OPENSSL_sk_num(this: void, stack: CData): number;
  OPENSSL_sk_value(this: void, stack: CData, index: number): Pointer;
  X509_STORE_new(this: void): Pointer;
  X509_STORE_free(this: void, store: CData): void;
  X509_STORE_add_cert(this: void, store: CData, certificate: Pointer): number;
  X509_STORE_add_crl(this: void, store: CData, crl: CData): number;
  X509_STORE_set_flags(this: void, store: CData, flags: number): number;
  BIO_new_mem_buf(this: void, data: string, length: number): Pointer;
  BIO_free(this: void, bio: CData): number;
  PEM_read_bio_X509_CRL(this: void, bio: CData, crl: Pointer, callback: Pointer, argument: Pointer): Pointer;
  X509_CRL_free(this: void, crl: CData): void;
  X509_free(this: void, certificate: CData): void;
  X509_STORE_CTX_new(this: void): Pointer;
  X509_STORE_CTX_init(this: void, context: CData, store: CData, certificate: CData, chain: Pointer): number;
  X509_STORE_CTX_set_default(this: void, context: CData, name: string): number;
  X509_STORE_CTX_get0_param(this: void, context: CData): Pointer;
  X509_VERIFY_PARAM_set_depth(this: void, param: Pointer, depth: number): void;
  X509_VERIFY_PARAM_set_auth_level(this: void, param: Pointer, level: number): void;
  X509_verify_cert(this: void, context: CData): number;
  X509_STORE_CTX_get_error(this: void, context: CData): number;
  X509_STORE_CTX_free(this: void, context: CData): void;
  X509_verify_cert_error_string(this: void, code: number): Pointer;
}

const openssl = library as unknown as OpenSsl;

const NUMBER = ctype('uintptr_t');
const POINTER = ctype('void *');
const PROBLEM = allocate('const char *[1]');
const HOST_NAME = 0;
const OK = 1;
const EX_INDEX_SSL = 0;
const SERVER_PREFERENCE = 0x40_0000;
/** X509_V_FLAG_CRL_CHECK, and X509_V_FLAG_CRL_CHECK_ALL. */
const CHECK_LEAF = 0x4;
const CHECK_CHAIN = 0x8;
const UNSPECIFIED = 1;
const OUT_OF_MEMORY = 17;
/** SSL_VERIFY_PEER and SSL_VERIFY_FAIL_IF_NO_PEER_CERT. */
const DEMAND = 0x1 + 0x2;
/** SSL_set1_verify_cert_store is a macro for it, with number 1. */
const SET_VERIFY_STORE = 106;
/** A context that no handshake starts with, so that nothing resumes a session that has it. */
const NOT_RESUMABLE = 'causeway-client-certificate';

/** Authorities that certificates of clients are verified with. */
export interface Trust {
  readonly store: CData;
  /** Those whose names clients are told. */
  readonly authorities: CData;
}

/** @returns the TLS connection of the request that runs now; undefined: there is none */
export function connectionOfRequest(): CData | undefined {
  return openssl.ngx_http_lua_ffi_get_req_ssl_pointer(get_request(), PROBLEM);
}

/** A place for a number in every connection, 0 until it is set. */
export function newMark(): number {
  return openssl.CRYPTO_get_ex_new_index(EX_INDEX_SSL, 0, undefined, undefined, undefined, undefined);
}

export function markOf(connection: CData, mark: number): number {
  return tonumber(cast(NUMBER, openssl.SSL_get_ex_data(connection, mark))) ?? 0;
}

export function setMark(connection: CData, mark: number, value: number): void {
  openssl.SSL_set_ex_data(connection, mark, cast(POINTER, value));
}

/** Lower case; `''` when the client named none. */
export function serverNameOf(connection: CData): string {
  const name = openssl.SSL_get_servername(connection, HOST_NAME);
  return name === undefined ? '' : string.lower(textOf(name));
}

/**
 * The handshake fails unless the client shows a good certificate. OpenSSL asks a callback, with 1 or 0, whether what it found
 * shall count: that of nginx always says yes, and cannot be taken away; abs says what it is told.
 *
 * Source: SSL_set_verify(3); nginx 1.22, ngx_ssl_trusted_certificate.
 *
 * @returns whether OpenSSL took it all
 */
export function demandCertificate(connection: CData, { store, authorities }: Trust, depth: number): boolean {
  const taken = openssl.SSL_ctrl(connection, SET_VERIFY_STORE, 1, store);
  if (tonumber(taken) !== OK) return false;
  const count = openssl.OPENSSL_sk_num(authorities);
  for (let index = 0; index < count; index++) {
    if (openssl.SSL_add_client_CA(connection, openssl.OPENSSL_sk_value(authorities, index)) !== OK) return false;
  }
  openssl.SSL_set_verify_depth(connection, depth);
  openssl.SSL_set_verify(connection, DEMAND, openssl.abs);
  return true;
}

/** Nobody may resume the session that is being made. */
export function forbidResumption(connection: CData): void {
  openssl.SSL_set_num_tickets(connection, 0);
  const session = openssl.SSL_get_session(connection);
  if (session !== undefined) openssl.SSL_SESSION_set1_id_context(session, NOT_RESUMABLE, NOT_RESUMABLE.length);
}

/** Nobody may resume the session any more. */
export function forgetSession(connection: CData): void {
  const session = openssl.SSL_get_session(connection);
  if (session !== undefined) openssl.SSL_CTX_remove_session(openssl.SSL_get_SSL_CTX(connection), session);
  openssl.ERR_clear_error();
}

/** @returns whether OpenSSL took the list */
export function setCiphers(connection: CData, list: string): boolean {
  const taken = openssl.SSL_set_cipher_list(connection, list) === OK;
  openssl.ERR_clear_error();
  return taken;
}

export function preferServerCiphers(connection: CData, prefer: boolean): void {
  if (prefer) openssl.SSL_set_options(connection, SERVER_PREFERENCE);
  else openssl.SSL_clear_options(connection, SERVER_PREFERENCE);
}

/**
 * @param ofLeafAlone authorities between are not looked up in the lists
 * @returns undefined when something of it is no PEM
 */
export function readTrust(caPem: string, crlPem: string | undefined, ofLeafAlone: boolean): Trust | undefined {
  const [authorities] = parse_pem_cert(caPem);
  const made = openssl.X509_STORE_new();
  if (authorities === undefined || made === undefined) return undefined;
  const store = gc(made, openssl.X509_STORE_free);
  const count = openssl.OPENSSL_sk_num(authorities);
  for (let index = 0; index < count; index++) {
    if (openssl.X509_STORE_add_cert(store, openssl.OPENSSL_sk_value(authorities, index)) !== OK) return undefined;
  }
  if (crlPem !== undefined) {
    if (!addRevocations(store, crlPem)) return undefined;
    openssl.X509_STORE_set_flags(store, ofLeafAlone ? CHECK_LEAF : CHECK_LEAF + CHECK_CHAIN);
  }
  openssl.ERR_clear_error();
  return count === 0 ? undefined : { store, authorities };
}

function addRevocations(store: CData, pem: string): boolean {
  const bio = openssl.BIO_new_mem_buf(pem, pem.length);
  if (bio === undefined) return false;
  let count = 0;
  let added = true;
  let crl = openssl.PEM_read_bio_X509_CRL(bio, undefined, undefined, undefined);
  while (crl !== undefined && added) {
    added = openssl.X509_STORE_add_crl(store, crl) === OK;
    openssl.X509_CRL_free(crl);
    count++;
    crl = openssl.PEM_read_bio_X509_CRL(bio, undefined, undefined, undefined);
  }
  openssl.BIO_free(bio);
  openssl.ERR_clear_error();
  return added && count > 0;
}

/**
 * Verifies the certificate that the client of a connection has shown: chain, dates, purpose, revocation.
 *
 * @returns 0 when it is good, else a code of OpenSSL (X509_V_ERR_...); undefined when there is none
 */
export function verifyClient(connection: CData, trust: Trust, depth: number): number | undefined {
  return ofPeerCertificate(connection, (leaf) => {
    const context = openssl.X509_STORE_CTX_new();
    if (context === undefined) return OUT_OF_MEMORY;
    const code = verifyIn(context, connection, leaf, trust, depth);
    openssl.X509_STORE_CTX_free(context);
    return code;
  });
}

function verifyIn(context: CData, connection: CData, leaf: CData, { store }: Trust, depth: number): number {
  const chain = openssl.SSL_get_peer_cert_chain(connection);
  if (openssl.X509_STORE_CTX_init(context, store, leaf, chain) !== OK) return UNSPECIFIED;
  if (openssl.X509_STORE_CTX_set_default(context, 'ssl_client') !== OK) return UNSPECIFIED;
  const param = openssl.X509_STORE_CTX_get0_param(context);
  openssl.X509_VERIFY_PARAM_set_depth(param, depth);
  openssl.X509_VERIFY_PARAM_set_auth_level(param, openssl.SSL_get_security_level(connection));
  const good = openssl.X509_verify_cert(context) === OK;
  const code = openssl.X509_STORE_CTX_get_error(context);
  return good || code !== 0 ? code : UNSPECIFIED;
}

/**
 * @param read may not keep the certificate
 * @returns what it made of the certificate of the client; undefined also when there is none
 */
export function ofPeerCertificate<T>(connection: CData, read: (certificate: CData) => T | undefined): T | undefined {
  const leaf = openssl.SSL_get1_peer_certificate(connection);
  if (leaf === undefined) return undefined;
  const made = read(leaf);
  openssl.X509_free(leaf);
  openssl.ERR_clear_error();
  return made;
}

/** A stack of what the client has shown beside its own certificate, which the connection keeps; undefined: nothing. */
export function peerChainOf(connection: CData): CData | undefined {
  return openssl.SSL_get_peer_cert_chain(connection);
}

/** What nginx's variables say from now on about the certificate of the client. */
export function setVerifyResult(connection: CData, code: number): void {
  openssl.SSL_set_verify_result(connection, code);
}

export function verifyErrorText(code: number): string {
  const text = openssl.X509_verify_cert_error_string(code);
  return text === undefined ? `${code}` : textOf(text);
}
