import type { HeaderModifier } from '@causeway/apis/gateway-api/header-modifier';
import type { HTTPRouteFilter } from '@causeway/apis/gateway-api/http-filter';
import type { CorsIR, FilterIR, HeaderChangeIR, MirrorIR, RedirectIR, RespondIR, TermIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import type { Referrer } from '../../gateway/reference.ts';
import { type RefRefusal, resolveBackend, unspokenProtocol } from '../backend/backend-ref.ts';
import { parseOperators } from '../operator-text.ts';
import { askedService } from '../plane/asked-service.ts';
import { translateExternalAuth } from './external-auth.ts';
import { decodedPath, withoutEnd } from './http-match.ts';
import { redirectOf } from './redirect.ts';
import { isRouteFilterKind, translateRouteFilter } from './route-filter.ts';

export interface TranslatedFilters {
  readonly filters: readonly FilterIR[];
  /** Requests are answered with it, whatever the port; its port is absent where that of the listener is meant. */
  readonly redirect?: RedirectIR;
  /** Requests are answered with it. */
  readonly answer?: RespondIR;
  /** Backends see their own name as Host, where they have one. */
  readonly namesBackend?: true;
  /** The rule takes only requests of which all terms of one of these hold. */
  readonly matches?: readonly (readonly TermIR[])[];
  /** References that cannot be followed; copies that would go there are left out. */
  readonly refusals: readonly RefRefusal[];
  /** What this version does not do: requests are answered 500 rather than passed on without it. */
  readonly unsupported?: string;
  /** The same of filters that are served, but not together. */
  readonly incompatible?: string;
}

export interface FilterContext {
  readonly view: View;
  readonly referrer: Referrer;
  /** Path that the rule matched, where that is a prefix. */
  readonly prefix: string;
}

/** Headers that say how a message is carried, which are between each two neighbours alone. */
const NOT_CHANGED: ReadonlySet<string> = new Set(['host', 'content-length', 'transfer-encoding', 'connection']);

/** Filters of an HTTPRoute, in their order. Source: GW-20 to GW-23. */
export function translateHttpFilters(written: readonly HTTPRouteFilter[], context: FilterContext): TranslatedFilters {
  const filters: FilterIR[] = [];
  const refusals: RefRefusal[] = [];
  let redirect: RedirectIR | undefined;
  let answer: RespondIR | undefined;
  let namesBackend = false;
  let matches: TranslatedFilters['matches'];
  let unsupported: string | undefined;
  let incompatible: string | undefined;
  for (const filter of written) {
    if (filter.type === 'RequestHeaderModifier') {
      const changes = headerChanges(filter.requestHeaderModifier ?? {}, 'request');
      if (typeof changes === 'string') unsupported ??= `requestHeaderModifier: ${changes}`;
      else if (changes.length > 0) filters.push({ type: 'requestHeaders', changes });
    } else if (filter.type === 'ResponseHeaderModifier') {
      const changes = headerChanges(filter.responseHeaderModifier ?? {}, 'answer');
      if (typeof changes === 'string') unsupported ??= `responseHeaderModifier: ${changes}`;
      else if (changes.length > 0) filters.push({ type: 'responseHeaders', changes });
    } else if (filter.type === 'RequestRedirect') {
      redirect = redirectOf(filter.requestRedirect ?? {}, context.prefix);
    } else if (filter.type === 'URLRewrite') {
      filters.push(...rewriteOf(filter.urlRewrite ?? {}, context.prefix));
    } else if (filter.type === 'CORS') {
      filters.push(corsOf(filter.cors ?? {}));
    } else if (filter.type === 'RequestMirror') {
      const mirror = mirrorOf(filter.requestMirror, context);
      if ('reason' in mirror) refusals.push(mirror);
      else filters.push(mirror);
    } else if (filter.type === 'ExternalAuth' && filter.externalAuth !== undefined) {
      const auth = translateExternalAuth(context.view, context.referrer, filter.externalAuth);
      if (typeof auth === 'string') unsupported ??= auth;
      else if ('reason' in auth) {
        refusals.push(auth);
        filters.push({ type: 'refuse', status: 500, reason: `AuthFail : ${auth.message}` });
      } else {
        filters.push(auth);
      }
    } else if (filter.type === 'ExtensionRef' && filter.extensionRef !== undefined) {
      const { group, kind, name } = filter.extensionRef;
      const ofName = isRouteFilterKind(group, kind)
        ? translateRouteFilter(context.view, context.referrer, name)
        : undefined;
      if (typeof ofName === 'string') {
        unsupported ??= ofName;
        continue;
      }
      if (ofName !== undefined) {
        filters.push(...ofName.filters);
        answer ??= ofName.answer;
        namesBackend ||= ofName.namesBackend === true;
        if (matches !== undefined && ofName.matches !== undefined) {
          incompatible ??= `extensionRef: ${kind} ${name}: another one of the rule has matches`;
        }
        matches ??= ofName.matches;
        continue;
      }
      if (isRouteFilterKind(group, kind)) {
        const message = `extensionRef: ${kind} ${context.referrer.namespace}/${name} not found`;
        refusals.push({ reason: 'BackendNotFound', message });
        filters.push({ type: 'refuse', status: 500, reason: `InvalidFilter : ${message}` });
        continue;
      }
      const message = `extensionRef: ${group}/${kind} ${name}: no filters of this kind are served`;
      refusals.push({ reason: 'InvalidKind', message });
      filters.push({ type: 'refuse', status: 500, reason: `InvalidKind : ${message}` });
    } else {
      unsupported ??= `filter ${filter.type} is not served`;
    }
  }
  if (redirect !== undefined && answer !== undefined) incompatible ??= 'a redirect and a directResponse';
  return {
    filters: redirect === undefined ? guarded(filters) : filtersOfRedirect(filters),
    refusals,
    ...(redirect === undefined ? {} : { redirect }),
    ...(answer === undefined ? {} : { answer }),
    ...(namesBackend && { namesBackend }),
    ...(matches === undefined ? {} : { matches }),
    ...(unsupported === undefined ? {} : { unsupported }),
    ...(incompatible === undefined ? {} : { incompatible }),
  };
}

/** Who is not let in learns nothing of backends. */
function guarded(filters: readonly FilterIR[]): readonly FilterIR[] {
  const judges = filters.some(({ type }) => type === 'forwardAuth' || type === 'grpcAuth');
  return judges ? [{ type: 'guarded' }, ...filters] : filters;
}

/** What concerns the answer; and who may have it, where that is asked. */
function filtersOfRedirect(filters: readonly FilterIR[]): readonly FilterIR[] {
  const judges = filters.filter(({ type }) => type === 'forwardAuth' || type === 'grpcAuth' || type === 'refuse');
  return [
    ...(judges.length === 0 ? [] : [{ type: 'guarded' as const }]),
    ...judges,
    ...filters.filter(({ type }) => type === 'responseHeaders' || type === 'cors'),
  ];
}

/** @returns text: what is wrong */
function headerChanges(
  { set = [], add = [], remove = [] }: HeaderModifier,
  place: 'request' | 'answer',
): readonly HeaderChangeIR[] | string {
  const changes: HeaderChangeIR[] = [];
  for (const [op, list] of [['set', set] as const, ['add', add] as const]) {
    for (const { name, value } of list) {
      const parsed = parseOperators(value, place);
      if (typeof parsed === 'string') return `${op}, ${name}: ${parsed}`;
      changes.push({ op, name, value: parsed });
    }
  }
  changes.push(...remove.map((name): HeaderChangeIR => ({ op: 'remove', name })));
  return changes.filter(({ name }) => !NOT_CHANGED.has(name.toLowerCase()));
}

function rewriteOf(
  { hostname, path }: NonNullable<HTTPRouteFilter['urlRewrite']>,
  prefix: string,
): readonly FilterIR[] {
  const filters: FilterIR[] = [];
  if (hostname !== undefined) filters.push({ type: 'hostRewrite', host: hostname });
  if (path === undefined) return filters;
  if (path.type === 'ReplaceFullPath') {
    filters.push({ type: 'pathRewrite', replacement: [decodedPath(path.replaceFullPath ?? '/')], log: false });
  } else {
    // What is left begins with a slash, or is empty.
    const pattern = `^${literal(withoutEnd(decodedPath(prefix)))}`;
    filters.push({
      type: 'pathRewrite',
      pattern,
      replacement: [withoutEnd(decodedPath(path.replacePrefixMatch ?? ''))],
      log: false,
    });
  }
  return filters;
}

/** GW-24. Where everything is allowed, what is asked for is: so says Envoy, and browsers take no `*` with credentials. */
function corsOf(cors: NonNullable<HTTPRouteFilter['cors']>): CorsIR {
  const { allowOrigins = [], allowMethods = [], allowHeaders = [], exposeHeaders = [], maxAge = 5 } = cors;
  return {
    type: 'cors',
    allowOrigins: allowOrigins.includes('*') ? 'any' : allowOrigins,
    allowMethods,
    allowHeaders,
    exposeHeaders,
    allowCredentials: cors.allowCredentials === true,
    anyLabels: true,
    echoesOrigin: true,
    spaced: true,
    preflightStatus: 200,
    ...(allowMethods.includes('*') ? { echoesMethod: true } : {}),
    ...(allowHeaders.includes('*') ? { echoesHeaders: true } : {}),
    maxAge,
  };
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function mirrorOf(mirror: HTTPRouteFilter['requestMirror'], { view, referrer }: FilterContext): MirrorIR | RefRefusal {
  if (mirror === undefined) return { reason: 'BackendNotFound', message: 'requestMirror: Required value' };
  const backend = resolveBackend(view, referrer, mirror.backendRef);
  if ('reason' in backend) return backend;
  const unspoken = unspokenProtocol(backend, referrer);
  if (unspoken !== undefined) return unspoken;
  const asked = askedService(backend);
  if (typeof asked === 'string') return { reason: 'UnsupportedProtocol', message: `requestMirror: ${asked}` };
  const { percent, fraction } = mirror;
  const share = percent === undefined ? fraction && fraction.numerator / (fraction.denominator ?? 100) : percent / 100;
  return {
    type: 'mirror',
    scheme: backend.protocol === 'https' ? 'https' : 'http',
    ...asked,
    path: [{ variable: 'request_uri' }],
    body: true,
    calls: true,
    ...(referrer.kind === 'GRPCRoute' || backend.protocol.startsWith('grpc') ? { http2: true as const } : {}),
    ...(share === undefined ? {} : { share }),
  };
}
