/**
 * Whether the client of a request has shown the certificate that its route or its host wants (LIM-03). The handshake asks for it, by
 * the name that the connection asks for (host-tls.ts), and lets everything pass; judged is here, for each request, against
 * the authorities of its own policy alone. What came out is kept with the connection, as long as the policy stays the same.
 */
import type { CData } from 'ffi';
import { testRegex } from '#platform';
import { urlText } from '../policy/auth-url.ts';
import { hasIdentity } from '../policy/certificate-identity.ts';
import {
  CLIENT_CERTIFICATE_HEADERS,
  CLIENT_CERTIFICATE_SPELLINGS,
  type ClientCertificateStep,
  commonNamesIn,
  FORWARDED_CERTIFICATE,
} from '../policy/client-certificate.ts';
import { certificateFacts } from './certificate-facts.ts';
import { askedFor, type ClientPolicy } from './client-policy.ts';
import type { Answer } from './exchange.ts';
import { isInspected } from './firewall.ts';
import { policyIdOf } from './host-tls.ts';
import { live } from './live.ts';
import {
  connectionOfRequest,
  forgetSession,
  markOf,
  newMark,
  serverNameOf,
  setMark,
  setVerifyResult,
  verifyClient,
  verifyErrorText,
} from './openssl.ts';
import { currentRequest } from './request.ts';
import type { Port } from './state.ts';

/** Handle of a policy times {@link CODES}, and what {@link verifyClient} said for it, plus 1. */
const verified = newMark();
const CODES = 1024;
/** There is no certificate. */
const NONE = 1000;
const GOOD = 0;
/** X509_V_ERR_APPLICATION_VERIFICATION: it is good, but not one of those that are wanted. */
const UNWANTED = 50;
/** Nobody knows the authority. Source: nginx, ngx_ssl_verify_error_optional. */
const UNKNOWN_AUTHORITY: readonly number[] = [18, 19, 20, 21];

const MISDIRECTED: Answer = {
  status: 421,
  reason: 'MisdirectedRequest : the connection was made under other rules for client certificates',
};
const NO_POLICY: Answer = { status: 500, reason: 'InvalidClientCertificate : no policy found' };
const BROKEN: Answer = { status: 403, reason: 'InvalidClientCertificate : clients cannot be verified' };

/**
 * Judges the client by the policy of the route, else by that of the host. Requests that come back from the firewall were judged
 * before.
 *
 * @param step of the route
 * @returns what ends the request
 */
export function refuseClient(port: Port, step: ClientCertificateStep | undefined): Answer | undefined {
  const id = step === undefined ? policyIdOfRequest(port) : step.policy;
  if (id === undefined || isInspected()) return undefined;
  const policy = live.state.clientPolicies.get(id);
  if (policy === undefined) return NO_POLICY;
  return judge(policy, step !== undefined);
}

function policyIdOfRequest(port: Port): string | undefined {
  return port.guards === undefined ? undefined : policyIdOf(port, currentRequest.host());
}

function judge(policy: ClientPolicy, tells: boolean): Answer | undefined {
  const { record } = policy;
  if (record.verify === 'off') {
    if (tells) takeOffTold();
    return undefined;
  }
  if (record.verify === 'closed') return { status: record.status ?? 500, reason: record.reason ?? '' };
  if (policy.broken || policy.trust === undefined) return BROKEN;
  const connection = connectionOfRequest();
  if (connection !== undefined && !isAskedFor(connection, policy)) return MISDIRECTED;
  const code = connection === undefined ? NONE : codeOf(connection, policy);
  if (connection !== undefined && code !== NONE) setVerifyResult(connection, code);
  const refusal = refusalOf(policy, code);
  if (refusal !== undefined) return refusal;
  if (tells) tellBackend(code, record.passCertificate === true);
  return undefined;
}

/** Of a name whose policy has changed since, the certificate is judged again; one that was never asked for cannot be. */
function isAskedFor(connection: CData, policy: ClientPolicy): boolean {
  const asked = markOf(connection, askedFor);
  if (asked === policy.handle) return true;
  if (asked !== 0) return serverNameOf(connection) === currentRequest.host();
  // The next connection shall not resume it once more.
  forgetSession(connection);
  return false;
}

function codeOf(connection: CData, policy: ClientPolicy): number {
  const { trust, handle, record, identity } = policy;
  const known = markOf(connection, verified);
  const from = handle * CODES;
  if (known > from && known <= from + NONE + 1) return known - from - 1;
  if (trust === undefined) return NONE;
  let code = verifyClient(connection, trust, record.depth ?? 1) ?? NONE;
  if (code === GOOD && identity !== undefined) {
    const facts = certificateFacts(connection);
    if (facts === undefined || !hasIdentity(identity, facts)) code = UNWANTED;
  }
  setMark(connection, verified, from + code + 1);
  return code;
}

function refusalOf(policy: ClientPolicy, code: number): Answer | undefined {
  const { record, commonName } = policy;
  if (code === NONE) {
    if (record.verify === 'on') return refused(policy, 'no certificate was sent');
  } else if (code !== GOOD && !isForgiven(policy, code)) {
    return refused(policy, code === UNWANTED ? 'it is not one of those that are wanted' : verifyErrorText(code));
  }
  if (commonName !== undefined && !isNamedSo(policy, code)) {
    return { status: 403, reason: 'InvalidClientCertificate : the common name' };
  }
  return undefined;
}

function isForgiven({ record: { verify } }: ClientPolicy, code: number): boolean {
  return verify === 'optional_insecure' || (verify === 'optional_no_ca' && isOneOf(UNKNOWN_AUTHORITY, code));
}

function isOneOf(codes: readonly number[], code: number): boolean {
  for (const one of codes) if (one === code) return true;
  return false;
}

/** Every common name must fit: the client's authority may have signed several. */
function isNamedSo({ commonName }: ClientPolicy, code: number): boolean {
  if (code === NONE || commonName === undefined) return false;
  const names = commonNamesIn(ngx.var['ssl_client_s_dn'] ?? '');
  for (const name of names) if (!testRegex(commonName, name)) return false;
  return names.length > 0;
}

function refused({ record }: ClientPolicy, why: string): Answer {
  const { errorPage } = record;
  if (errorPage === undefined) return { status: 400, reason: `InvalidClientCertificate : ${why}` };
  return { status: 302, reason: '', headers: { location: urlText(errorPage, currentRequest) } };
}

function tellBackend(code: number, passes: boolean): void {
  const has = code !== NONE;
  setHeader('ssl-client-verify', statusText(code));
  setHeader('ssl-client-subject-dn', has ? ngx.var['ssl_client_s_dn'] : undefined);
  setHeader('ssl-client-issuer-dn', has ? ngx.var['ssl_client_i_dn'] : undefined);
  setHeader('ssl-client-cert', has && passes ? ngx.var['ssl_client_escaped_cert'] : undefined);
}

/** Nobody was asked. */
function takeOffTold(): void {
  for (const name of CLIENT_CERTIFICATE_HEADERS) if (name !== FORWARDED_CERTIFICATE) ngx.req.clear_header(name);
}

/** As nginx's $ssl_client_verify says it. */
function statusText(code: number): string {
  if (code === NONE) return 'NONE';
  return code === GOOD ? 'SUCCESS' : `FAILED:${verifyErrorText(code)}`;
}

function setHeader(name: (typeof CLIENT_CERTIFICATE_HEADERS)[number], value: string | undefined): void {
  if (value === undefined || value === '') ngx.req.clear_header(name);
  else ngx.req.set_header(name, value);
}

interface TakenOff {
  /** Also under the names that some backends take for them. */
  readonly everySpelling: boolean;
  /** The client was judged, and the backend is told what came of it. */
  readonly isJudged: boolean;
  /** Something else writes X-Forwarded-Client-Cert, or leaves it. */
  readonly isForwarded: boolean;
}

/** Takes off what clients say about their certificates, where nginx.conf leaves these headers to the data plane. */
export function takeOffClientCertificate({
  everySpelling,
  isJudged,
  isForwarded,
}: TakenOff): (this: void) => undefined {
  const names: string[] = [];
  for (const name of everySpelling ? CLIENT_CERTIFICATE_SPELLINGS : CLIENT_CERTIFICATE_HEADERS) {
    const stays = name === FORWARDED_CERTIFICATE ? isForwarded : isJudged && isTold(name);
    if (!stays) names.push(name);
  }
  return () => {
    for (const name of names) ngx.req.clear_header(name);
    return undefined;
  };
}

function isTold(name: string): boolean {
  for (const told of CLIENT_CERTIFICATE_HEADERS) if (told === name) return true;
  return false;
}
