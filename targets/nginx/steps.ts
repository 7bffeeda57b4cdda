/** Filters of the IR as steps of the data plane. What becomes another part of an action (a new Host) is no step. */
import { hash } from 'node:crypto';
import type { GlobalLimitStep } from '@causeway/dataplane/policy/global-limit';
import type { RequestLimitStep } from '@causeway/dataplane/policy/limit';
import type { MirrorStep } from '@causeway/dataplane/policy/mirror';
import type { PathRewriteStep } from '@causeway/dataplane/policy/path-rewrite';
import type { HeaderChange, Step } from '@causeway/dataplane/policy/step';
import type { TracingStep } from '@causeway/dataplane/policy/tracing';
import type {
  FilterIR,
  GlobalLimitIR,
  HeaderChangeIR,
  MirrorIR,
  PathRewriteIR,
  RequestHeadersIR,
  RequestLimitIR,
  TracingIR,
} from '@causeway/ir/gateway';
import { neededValues } from './access-log/log-values.ts';
import { renderAddressRanges } from './address-ranges.ts';
import { renderForwardAuth, renderJwt, renderOidc, renderPasswordAuth } from './auth-steps.ts';
import { renderAuthorization } from './authorization.ts';
import { changesForwarded } from './conf/forwarded-headers.ts';
import { renderCors } from './cors.ts';
import { ruleSetId } from './firewall-rule-set.ts';
import { renderClientPolicy } from './host-tls.ts';

/** In the order of the filters; undefined when none is a step, since an absent list costs a request nothing. */
export function renderSteps(filters: readonly FilterIR[], protocol = 'http'): readonly Step[] | undefined {
  const steps = filters.flatMap((filter) => stepsOf(filter, protocol));
  return steps.length === 0 ? undefined : steps;
}

function stepsOf(filter: FilterIR, protocol: string): readonly Step[] {
  switch (filter.type) {
    case 'accessLog':
      return [{ type: 'accessLog', values: neededValues(filter.lines) }];
    case 'bodyLimit':
      return filter.bytes === 0 ? [] : [filter];
    case 'hostRewrite':
      return [];
    case 'clientCertificate':
      return [{ type: 'clientCertificate', policy: renderClientPolicy(filter.policy).id }];
    case 'connection':
      // Between HTTP/2 peers there is no such header.
      return protocol.startsWith('grpc') ? [] : [filter];
    case 'hostFromHeader':
    case 'setCookie':
    case 'location':
      return [filter];
    case 'firewall':
      return [{ type: 'firewall', ruleSet: ruleSetId(filter.ruleSet), transaction: filter.transaction }];
    case 'cors':
      return [renderCors(filter)];
    case 'pathRewrite':
      return [renderPathRewrite(filter)];
    case 'requestHeaders':
      return [requestHeadersStep(filter)];
    case 'responseHeaders':
      return [{ ...filter, changes: filter.changes.map(headerChange) }];
    case 'refuse':
      return [filter];
    case 'tracing':
      return [renderTracing(filter)];
    case 'sourceRange':
      return [{ type: 'sourceRange', ranges: renderAddressRanges(filter.ranges) }];
    case 'passwordAuth':
      return [renderPasswordAuth(filter)];
    case 'authorization':
      return [renderAuthorization(filter)];
    case 'oidc':
      return [renderOidc(filter)];
    case 'jwt':
      return [renderJwt(filter)];
    case 'apiKey':
    case 'durationLimit':
    case 'endpointOverride':
    case 'grpcAuth':
    case 'fault':
    case 'removeHeaders':
    case 'requestForm':
    case 'clientFromHeader':
    case 'certificateHeader':
    case 'guarded':
    case 'reroute':
      return [filter];
    case 'requestDeadline':
      return protocol.startsWith('grpc') ? [] : [filter];
    case 'backendConnections':
    case 'clientConnections':
    case 'endpointConnections':
      return [{ ...filter, scope: scopeHash(filter.scope) }];
    case 'forwardAuth':
      return [renderForwardAuth(filter)];
    case 'requestLimit':
      return [limitStep(filter)];
    case 'globalLimit':
      return [globalLimitStep(filter)];
    case 'mirror':
      return mirrorSteps(filter, protocol.startsWith('grpc'));
    case 'responseSpeed':
      return [filter];
  }
}

function requestHeadersStep(filter: RequestHeadersIR): Step {
  const step = { ...filter, changes: filter.changes.map(headerChange) };
  return changesForwarded(filter) ? { ...step, ownsForwarded: true } : step;
}

/** Whether a value is secret makes no difference to what is done. */
function headerChange(change: HeaderChangeIR): HeaderChange {
  if (change.op !== 'set' && change.op !== 'default') return change;
  const { op, name, value } = change;
  return { op, name, value };
}

function renderPathRewrite({ type, pattern, every, replacement, log }: PathRewriteIR): PathRewriteStep {
  return {
    type,
    ...(pattern === undefined ? {} : { pattern }),
    ...(every && { every }),
    replacement,
    ...(log ? { log } : {}),
  };
}

/** ALB compares with 2^32 - 1; a share of 1 takes every id. */
export function renderTracing({ sampler, trustIncoming, name, attributes }: TracingIR): TracingStep {
  const tags = Object.values(attributes.tags ?? {});
  const taggedHeaders = tags.flatMap((tag) => ('header' in tag ? tag.header : []));
  return {
    type: 'tracing',
    below: sampler.share === 1 ? 2 ** 32 : sampler.share * (2 ** 32 - 1),
    followsParent: sampler.followsParent,
    trustIncoming,
    name,
    requestHeaders: attributes.requestHeaders,
    responseHeaders: attributes.responseHeaders,
    ...(taggedHeaders.length === 0 ? {} : { taggedHeaders: [...new Set(taggedHeaders)].sort() }),
  };
}

/** Calls of gRPC may be streams, which cannot be read as a whole first. */
function mirrorSteps({ scheme, calls, ...others }: MirrorIR, isOfCalls: boolean): readonly MirrorStep[] {
  if (isOfCalls && calls !== true) return [];
  return [{ ...others, secure: scheme === 'https', ...(isOfCalls ? { calls: true as const } : {}) }];
}

function limitStep({ scope, rates, exempt, ...others }: RequestLimitIR): Step {
  return {
    ...others,
    scope: scopeHash(scope),
    rates: rates.map(({ count, periodMs, burst }) => ({ intervalMs: periodMs / count, burst })),
    exempt: rangesOf(exempt),
  };
}

function globalLimitStep({ scope, exempt, except, among, ...others }: GlobalLimitIR): Step {
  return {
    ...others,
    scope: scopeHash(scope),
    exempt: rangesOf(exempt),
    ...amongRanges(among),
    ...(except === undefined
      ? {}
      : { except: except.map(({ among: networks, ...terms }) => ({ ...terms, ...amongRanges(networks) })) }),
  };
}

function amongRanges(among: GlobalLimitIR['among']): Pick<GlobalLimitStep, 'among'> {
  return among === undefined ? {} : { among: among.map(rangesOf) };
}

/** Begins the keys of what counts together. */
export function scopeHash(scope: string): string {
  return hash('sha256', scope, 'base64url').slice(0, 12);
}

function rangesOf(networks: readonly string[]): RequestLimitStep['exempt'] {
  return renderAddressRanges({ allow: networks, deny: [] }).allow ?? [];
}
