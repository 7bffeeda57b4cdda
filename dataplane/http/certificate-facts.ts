/**
 * What the certificate of a client says and is.
 *
 * Source: OpenSSL 3.0 manual pages of the functions named here; RFC 5280 section 4.2.1.6.
 */
import { new as allocate, type CData, cast, cdef, typeof as ctype, C as library, string as textOf } from 'ffi';
import {
  type AlternativeName,
  type AlternativeNameKind,
  addressText,
  type CertificateFacts,
} from '../policy/certificate-identity.ts';
import { ofPeerCertificate, peerChainOf } from './openssl.ts';

cdef(`
void *X509_get_ext_d2i(const void *certificate, int nid, int *critical, int *index);
void GENERAL_NAMES_free(void *names);
void *GENERAL_NAME_get0_value(const void *name, int *type);
const unsigned char *ASN1_STRING_get0_data(const void *text);
int ASN1_STRING_length(const void *text);
void *X509_get_X509_PUBKEY(const void *certificate);
int i2d_X509_PUBKEY(const void *key, unsigned char **out);
int X509_digest(const void *certificate, const void *type, unsigned char *digest, unsigned int *length);
int EVP_Digest(const void *data, size_t count, unsigned char *digest, unsigned int *length, const void *type, void *engine);
const void *EVP_sha256(void);
int GENERAL_NAME_get0_otherName(const void *name, void **kind, void **value);
int OBJ_obj2txt(char *text, int size, const void *object, int asNumbers);
void *BIO_s_mem(void);
void *BIO_new(const void *type);
int PEM_write_bio_X509(void *bio, const void *certificate);
long BIO_ctrl(void *bio, int command, long number, void *argument);
`);

type Pointer = CData | undefined;

/** An array of C counts from 0, which a list of TypeScript that became Lua does not. */
type CArray<T> = CData & { [index: number]: T };

interface X509 {
  X509_get_ext_d2i(this: void, certificate: CData, nid: number, critical: Pointer, index: Pointer): Pointer;
  GENERAL_NAMES_free(this: void, names: CData): void;
  GENERAL_NAME_get0_value(this: void, name: Pointer, type: CData): Pointer;
  OPENSSL_sk_num(this: void, stack: CData): number;
  OPENSSL_sk_value(this: void, stack: CData, index: number): Pointer;
  ASN1_STRING_get0_data(this: void, text: CData): CData;
  ASN1_STRING_length(this: void, text: CData): number;
  X509_get_X509_PUBKEY(this: void, certificate: CData): Pointer;
  i2d_X509_PUBKEY(this: void, key: Pointer, out: Pointer): number;
  X509_digest(this: void, certificate: CData, type: Pointer, digest: CData, length: Pointer): number;
  EVP_Digest(
    this: void,
    data: CData,
    count: number,
    digest: CData,
    length: Pointer,
    type: Pointer,
    engine: Pointer,
  ): number;
  EVP_sha256(this: void): Pointer;
  GENERAL_NAME_get0_otherName(this: void, name: Pointer, kind: CData, value: CData): number;
  OBJ_obj2txt(this: void, text: CData, size: number, object: Pointer, asNumbers: number): number;
  BIO_s_mem(this: void): Pointer;
  BIO_new(this: void, type: Pointer): Pointer;
  PEM_write_bio_X509(this: void, bio: CData, certificate: Pointer): number;
  BIO_ctrl(this: void, bio: CData, command: number, number: number, argument: CData): unknown;
  BIO_free(this: void, bio: CData): number;
}

const x509 = library as unknown as X509;

const OK = 1;
/** NID_subject_alt_name. */
const ALTERNATIVE_NAMES = 85;
const DIGEST_BYTES = 32;
const DIGEST = allocate(`unsigned char[${DIGEST_BYTES}]`);
const KIND = allocate('int[1]') as CArray<number>;
const OUT = allocate('unsigned char *[1]') as CArray<CData>;
/** GEN_OTHERNAME. */
const OTHER_NAME = 0;
const OTHER_KIND = allocate('void *[1]') as CArray<CData>;
const OTHER_VALUE = allocate('void *[1]') as CArray<CData>;
const VALUE = ctype('struct { int type; void *text; } *');
const NUMBERS_BYTES = 128;
const NUMBERS = allocate(`char[${NUMBERS_BYTES}]`);
/** BIO_CTRL_INFO: BIO_get_mem_data is a macro for it. */
const MEMORY = 3;

/** Of the certificate of the client. @returns undefined when there is none, or it cannot be read */
export function certificateFacts(connection: CData): CertificateFacts | undefined {
  return ofPeerCertificate(connection, (certificate) => {
    const own = hashOf(certificate);
    const key = keyHashOf(certificate);
    if (own === undefined || key === undefined) return undefined;
    return {
      names: namesOf(certificate),
      hashes: [
        { of: 'certificate', sha256: own },
        { of: 'key', sha256: key },
      ],
    };
  });
}

/** SHA-256 of the certificate of the client, in hexadecimal digits. @returns undefined when there is none */
export function certificateHash(connection: CData): string | undefined {
  return ofPeerCertificate(connection, hashOf);
}

/** What the client has shown, its own certificate first, as PEM. @returns undefined when there is none, or it cannot be read */
export function certificateChainPem(connection: CData): string | undefined {
  return ofPeerCertificate(connection, (certificate) => {
    const bio = x509.BIO_new(x509.BIO_s_mem());
    if (bio === undefined) return undefined;
    // Without the first, as always on this side of a connection; a session that is taken up again has none.
    const chain = peerChainOf(connection);
    const count = chain === undefined ? 0 : x509.OPENSSL_sk_num(chain);
    let written = x509.PEM_write_bio_X509(bio, certificate) === OK;
    for (let index = 0; chain !== undefined && index < count; index++) {
      if (x509.PEM_write_bio_X509(bio, x509.OPENSSL_sk_value(chain, index)) !== OK) written = false;
    }
    const length = tonumber(x509.BIO_ctrl(bio, MEMORY, 0, OUT)) ?? 0;
    const pem = OUT[0];
    const text = written && pem !== undefined ? textOf(pem, length) : undefined;
    x509.BIO_free(bio);
    return text;
  });
}

function namesOf(certificate: CData): readonly AlternativeName[] {
  const list = x509.X509_get_ext_d2i(certificate, ALTERNATIVE_NAMES, undefined, undefined);
  if (list === undefined) return [];
  const names: AlternativeName[] = [];
  const count = x509.OPENSSL_sk_num(list);
  for (let index = 0; index < count; index++) {
    const entry = x509.OPENSSL_sk_value(list, index);
    const value = x509.GENERAL_NAME_get0_value(entry, KIND);
    const type = KIND[0] ?? 0;
    const name = value === undefined ? undefined : type === OTHER_NAME ? otherNameOf(entry) : nameOf(type, value);
    if (name !== undefined) names.push(name);
  }
  x509.GENERAL_NAMES_free(list);
  return names;
}

/** Source: openssl/x509v3.h, GEN_EMAIL to GEN_IPADD. */
function kindOf(type: number): AlternativeNameKind | undefined {
  if (type === 1) return 'email';
  if (type === 2) return 'dns';
  if (type === 6) return 'uri';
  return type === 7 ? 'ip' : undefined;
}

function nameOf(type: number, text: CData): AlternativeName | undefined {
  const of = kindOf(type);
  if (of === undefined) return undefined;
  const bytes = textOf(x509.ASN1_STRING_get0_data(text), x509.ASN1_STRING_length(text));
  const value = of === 'ip' ? addressText(bytes) : bytes;
  return value === undefined ? undefined : { of, value };
}

/** An `ASN1_TYPE`, of which the first two fields are public. */
interface Value {
  readonly type: number;
  readonly text: CData;
}

/** @returns undefined for one that is no text */
function otherNameOf(name: Pointer): AlternativeName | undefined {
  if (x509.GENERAL_NAME_get0_otherName(name, OTHER_KIND, OTHER_VALUE) !== OK) return undefined;
  const { type, text } = cast(VALUE, OTHER_VALUE[0]) as unknown as Value;
  if (!isText(type)) return undefined;
  const length = x509.OBJ_obj2txt(NUMBERS, NUMBERS_BYTES, OTHER_KIND[0], 1);
  if (length <= 0 || length >= NUMBERS_BYTES) return undefined;
  const value = textOf(x509.ASN1_STRING_get0_data(text), x509.ASN1_STRING_length(text));
  return { of: `oid:${textOf(NUMBERS, length)}`, value };
}

/** Strings of octets, UTF-8, printable characters, IA5 and visible ones. Source: openssl/asn1.h. */
function isText(type: number): boolean {
  return type === 4 || type === 12 || type === 19 || type === 22 || type === 26;
}

function hashOf(certificate: CData): string | undefined {
  return x509.X509_digest(certificate, x509.EVP_sha256(), DIGEST, undefined) === OK ? digestText() : undefined;
}

function keyHashOf(certificate: CData): string | undefined {
  const key = x509.X509_get_X509_PUBKEY(certificate);
  const length = x509.i2d_X509_PUBKEY(key, undefined);
  if (length <= 0) return undefined;
  const encoded = allocate(`unsigned char[${length}]`);
  OUT[0] = encoded;
  x509.i2d_X509_PUBKEY(key, OUT);
  const done = x509.EVP_Digest(encoded, length, DIGEST, undefined, x509.EVP_sha256(), undefined) === OK;
  return done ? digestText() : undefined;
}

function digestText(): string {
  const bytes = textOf(DIGEST, DIGEST_BYTES);
  let digits = '';
  for (let position = 1; position <= DIGEST_BYTES; position++) {
    digits += string.format('%02x', string.byte(bytes, position));
  }
  return digits;
}
