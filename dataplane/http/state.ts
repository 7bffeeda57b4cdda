/**
 * Everything a worker knows, by record id. Changes are compiled when they arrive
 * ({@link compileRecord}) and applied when their transaction
 * commits ({@link applyChange}, which cannot fail).
 */

import type { HostTlsRecord } from '../policy/client-certificate.ts';
import type { DataplaneRecord, PortRecord, ServerNameRecord } from '../policy/record.ts';
import { addRoute, newRuleIndex, type RuleIndex, removeRoute } from '../policy/rule-index.ts';
import { type Certificate, parseCertificate } from './certificate-pem.ts';
import { type ClientPolicy, compileClientPolicy } from './client-policy.ts';
import { compileGroup, type Group, takeOver } from './group.ts';
import { forgetRoute } from './metrics.ts';
import { type ServedRoute, serveRoute } from './served-route.ts';

export interface State {
  /** Version of the last transaction, 0 for none. */
  version: number;
  readonly ports: LuaTable<number, Port>;
  readonly routes: LuaTable<string, ServedRoute>;
  readonly groups: LuaTable<string, Group>;
  readonly certificates: LuaTable<string, Certificate>;
  readonly serverNames: LuaTable<string, ServerNameRecord>;
  readonly clientPolicies: LuaTable<string, ClientPolicy>;
  readonly hostTls: LuaTable<string, HostTlsRecord>;
}

export interface Port {
  /** Absent while only routes or names for it have arrived. */
  record: PortRecord | undefined;
  readonly index: RuleIndex;
  /** Certificate ids by `a.com` or `*.app.com`. */
  readonly certificates: LuaTable<string, string>;
  /** By host, what is asked of clients; undefined while no host asks anything. */
  guards: LuaTable<string, HostTlsRecord> | undefined;
  /** By host, those that have ciphers of their own; undefined while none has. */
  ciphers: LuaTable<string, HostTlsRecord> | undefined;
}

export type Change =
  | { readonly op: 'port'; readonly port: PortRecord }
  | { readonly op: 'route'; readonly route: ServedRoute }
  | { readonly op: 'group'; readonly id: string; readonly group: Group }
  | { readonly op: 'certificate'; readonly id: string; readonly certificate: Certificate }
  | { readonly op: 'serverName'; readonly name: ServerNameRecord }
  | { readonly op: 'clientPolicy'; readonly id: string; readonly policy: ClientPolicy }
  | { readonly op: 'hostTls'; readonly host: HostTlsRecord }
  | { readonly op: 'delete'; readonly type: DataplaneRecord['type']; readonly id: string };

export function newState(): State {
  return {
    version: 0,
    ports: new LuaTable(),
    routes: new LuaTable(),
    groups: new LuaTable(),
    certificates: new LuaTable(),
    serverNames: new LuaTable(),
    clientPolicies: new LuaTable(),
    hostTls: new LuaTable(),
  };
}

/** @returns undefined for what is not ours, and for a certificate that OpenSSL refuses: it is logged, so that all else still applies */
export function compileRecord(record: DataplaneRecord): Change | undefined {
  switch (record.type) {
    case 'port':
      return { op: 'port', port: record };
    case 'streamPort':
    case 'passthrough':
      return undefined;
    case 'route':
      return { op: 'route', route: serveRoute(record) };
    case 'group':
      return { op: 'group', id: record.id, group: compileGroup(record) };
    case 'serverName':
      return { op: 'serverName', name: record };
    case 'clientPolicy':
      return { op: 'clientPolicy', id: record.id, policy: compileClientPolicy(record) };
    case 'hostTls':
      return { op: 'hostTls', host: record };
    case 'certificate': {
      const [certificate, problem] = parseCertificate(record);
      if (certificate !== undefined) return { op: 'certificate', id: record.id, certificate };
      ngx.log(ngx.ERR, 'certificate ', record.id, ' skipped: ', problem);
      return undefined;
    }
  }
}

export function applyChange(state: State, change: Change): void {
  switch (change.op) {
    case 'port':
      openPort(state, change.port.port).record = change.port;
      break;
    case 'route':
      deleteRoute(state, change.route.id);
      state.routes.set(change.route.id, change.route);
      for (const port of change.route.ports) addRoute(openPort(state, tonumber(port) ?? 0).index, change.route);
      break;
    case 'group':
      setGroup(state, change.id, change.group);
      break;
    case 'certificate':
      state.certificates.set(change.id, change.certificate);
      break;
    case 'serverName':
      deleteServerName(state, change.name.id);
      state.serverNames.set(change.name.id, change.name);
      openPort(state, tonumber(change.name.port) ?? 0).certificates.set(change.name.host, change.name.certificate);
      break;
    case 'clientPolicy':
      state.clientPolicies.set(change.id, change.policy);
      break;
    case 'hostTls':
      setHostTls(state, change.host);
      break;
    case 'delete':
      deleteRecord(state, change.type, change.id);
      break;
  }
}

/**
 * The order in which changes of one long transaction are applied, smaller first:
 * what is referred to comes before what refers, deletions the other way round, so
 * that every moment in between serves.
 */
export function applyPhase(change: Change): number {
  switch (change.op) {
    case 'group':
    case 'certificate':
    case 'clientPolicy':
      return 0;
    case 'port':
    case 'route':
    case 'serverName':
    case 'hostTls':
      return 1;
    case 'delete':
      return isReferredTo(change.type) ? 3 : 2;
  }
}

function isReferredTo(type: DataplaneRecord['type']): boolean {
  return type === 'group' || type === 'certificate' || type === 'clientPolicy';
}

function deleteRecord(state: State, type: DataplaneRecord['type'], id: string): void {
  switch (type) {
    case 'port': {
      const port = state.ports.get(tonumber(id) ?? 0);
      if (port !== undefined) port.record = undefined;
      break;
    }
    case 'route':
      deleteRoute(state, id);
      break;
    case 'group':
      state.groups.delete(id);
      break;
    case 'certificate':
      state.certificates.delete(id);
      break;
    case 'serverName':
      deleteServerName(state, id);
      break;
    case 'clientPolicy':
      state.clientPolicies.delete(id);
      break;
    case 'hostTls':
      deleteHostTls(state, id);
      break;
    case 'streamPort':
    case 'passthrough':
      break;
  }
}

function setGroup(state: State, id: string, group: Group): void {
  const previous = state.groups.get(id);
  if (previous !== undefined) takeOver(group, previous);
  state.groups.set(id, group);
}

function deleteRoute(state: State, id: string): void {
  const route = state.routes.get(id);
  if (route === undefined) return;
  state.routes.delete(id);
  for (const portId of route.ports) {
    const number = tonumber(portId) ?? 0;
    const port = state.ports.get(number);
    if (port !== undefined) removeRoute(port.index, route);
    forgetRoute(number, id);
  }
}

function deleteServerName(state: State, id: string): void {
  const name = state.serverNames.get(id);
  if (name === undefined) return;
  state.serverNames.delete(id);
  const port = state.ports.get(tonumber(name.port) ?? 0);
  if (port !== undefined) port.certificates.delete(name.host);
}

function setHostTls(state: State, record: HostTlsRecord): void {
  deleteHostTls(state, record.id);
  state.hostTls.set(record.id, record);
  const port = openPort(state, tonumber(record.port) ?? 0);
  if (record.policy !== undefined) {
    if (port.guards === undefined) port.guards = new LuaTable();
    port.guards.set(record.host, record);
  }
  if (record.ciphers !== undefined || record.preferServerCiphers !== undefined) {
    if (port.ciphers === undefined) port.ciphers = new LuaTable();
    port.ciphers.set(record.host, record);
  }
}

function deleteHostTls(state: State, id: string): void {
  const record = state.hostTls.get(id);
  if (record === undefined) return;
  state.hostTls.delete(id);
  const port = state.ports.get(tonumber(record.port) ?? 0);
  if (port === undefined) return;
  port.guards = without(port.guards, record.host);
  port.ciphers = without(port.ciphers, record.host);
}

function without(
  hosts: LuaTable<string, HostTlsRecord> | undefined,
  host: string,
): LuaTable<string, HostTlsRecord> | undefined {
  if (hosts === undefined) return undefined;
  hosts.delete(host);
  const [first] = next(hosts);
  return first === undefined ? undefined : hosts;
}

function openPort(state: State, number: number): Port {
  const existing = state.ports.get(number);
  if (existing !== undefined) return existing;
  const port: Port = {
    record: undefined,
    index: newRuleIndex(),
    certificates: new LuaTable(),
    guards: undefined,
    ciphers: undefined,
  };
  state.ports.set(number, port);
  return port;
}
