/** Rules about who may ask for what, the same in nginx and in explain. Source: GW-39. */
import { type CompiledRanges, compileRanges, isAmongRanges, type RangeList } from './address-ranges.ts';
import type { RequestView } from './request-view.ts';

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
}

export function compileAuthorization({ rules, allowsOthers }: AuthorizationStep): CompiledAuthorization {
  const compiled: CompiledRule[] = [];
  for (const { allows, clients, peers, headers, methods } of rules) {
    compiled.push({
      allows,
      clients: clients === undefined ? undefined : compileRanges(clients),
      peers: peers === undefined ? undefined : compileRanges(peers),
      headers: headers ?? [],
      methods,
    });
  }
  return { rules: compiled, allowsOthers };
}

/** Reports whether a request may pass. */
export function isAuthorized({ rules, allowsOthers }: CompiledAuthorization, request: RequestView): boolean {
  for (const rule of rules) if (isFor(rule, request)) return rule.allows;
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

/** Where nobody knows another one, the client is the peer. */
function peerOf(request: RequestView): string {
  const peer = request.other('realip_remote_addr') ?? '';
  return peer === '' ? request.sourceAddress() : peer;
}

function isOneOf(values: readonly string[], value: string): boolean {
  for (const each of values) if (each === value) return true;
  return false;
}
