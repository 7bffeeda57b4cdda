/** Rules about who may ask for what, the same in nginx and in explain. Source: GW-39. */
import { type CompiledRanges, compileRanges, isAmongRanges, type RangeList } from './address-ranges.ts';
import type { RequestView } from './request-view.ts';
import type { VerifiedToken } from './verified-token.ts';

export interface AuthorizationStep {
  readonly type: 'authorization';
  readonly rules: readonly AuthorizationRule[];
  readonly allowsOthers: boolean;
}

/** Absent parts hold for every request. */
export interface AuthorizationRule {
  readonly allows: boolean;
  readonly clients?: RangeList;
  readonly peers?: RangeList;
  readonly headers?: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly methods?: readonly string[];
  readonly token?: TokenRule;
}

export interface TokenRule {
  readonly provider: string;
  readonly claims: readonly { readonly name: string; readonly isList: boolean; readonly values: readonly string[] }[];
  readonly scopes: readonly string[];
}

export interface CompiledAuthorization {
  readonly rules: readonly CompiledRule[];
  readonly allowsOthers: boolean;
}

interface CompiledRule {
  readonly allows: boolean;
  readonly clients: CompiledRanges | undefined;
  readonly peers: CompiledRanges | undefined;
  readonly headers: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly methods: readonly string[] | undefined;
  readonly token: TokenRule | undefined;
}

export function compileAuthorization({ rules, allowsOthers }: AuthorizationStep): CompiledAuthorization {
  const compiled: CompiledRule[] = [];
  for (const { allows, clients, peers, headers, methods, token } of rules) {
    compiled.push({
      allows,
      clients: clients === undefined ? undefined : compileRanges(clients),
      peers: peers === undefined ? undefined : compileRanges(peers),
      headers: headers ?? [],
      methods,
      token,
    });
  }
  return { rules: compiled, allowsOthers };
}

/** Reports whether a request may pass. @param token that it has shown */
export function isAuthorized(
  { rules, allowsOthers }: CompiledAuthorization,
  request: RequestView,
  token?: VerifiedToken,
): boolean {
  for (const rule of rules) {
    if ((rule.token === undefined || says(token, rule.token)) && isFor(rule, request)) return rule.allows;
  }
  return allowsOthers;
}

function isFor({ clients, peers, headers, methods }: CompiledRule, request: RequestView): boolean {
  if (methods !== undefined && !isOneOf(methods, request.method())) return false;
  if (clients !== undefined && !isAmongRanges(clients, request.sourceAddress())) return false;
  if (peers !== undefined && !isAmongRanges(peers, peerOf(request))) return false;
  for (const { name, values } of headers) {
    const value = request.header(name);
    if (value === undefined || !isOneOf(values, value)) return false;
  }
  return true;
}

function says(token: VerifiedToken | undefined, { provider, claims, scopes }: TokenRule): boolean {
  if (token === undefined || token.provider !== provider) return false;
  for (const { name, isList, values } of claims) if (!hasOne(token.claims[name], isList, values)) return false;
  for (const scope of scopes) if (!isOneOf(token.scopes, scope)) return false;
  return true;
}

function hasOne(claim: string | readonly string[] | undefined, isList: boolean, values: readonly string[]): boolean {
  if (claim === undefined) return false;
  if (typeof claim === 'string') return !isList && isOneOf(values, claim);
  if (!isList) return false;
  for (const each of claim) if (isOneOf(values, each)) return true;
  return false;
}

/** Where nobody knows another one, the client is the peer. */
function peerOf(request: RequestView): string {
  const peer = request.other('realip_remote_addr') ?? '';
  return peer === '' ? request.sourceAddress() : peer;
}

function isOneOf(values: readonly string[], value: string): boolean {
  for (const each of values) if (each === value) return true;
  return false;
}
