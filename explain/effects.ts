import { urlText } from '@causeway/dataplane/policy/auth-url';
import { exceedsBodyLimit } from '@causeway/dataplane/policy/body-limit';
import { allowedOrigin, type CorsStep } from '@causeway/dataplane/policy/cors';
import { compilePathRewrite, rewrittenPath } from '@causeway/dataplane/policy/path-rewrite';
import { encodePath } from '@causeway/dataplane/policy/percent';
import type { RequestView } from '@causeway/dataplane/policy/request-view';
import { hasOperator, templateText, variableValue } from '@causeway/dataplane/policy/template';
import {
  type FaultIR,
  type FilterIR,
  type FirewallRuleSetIR,
  type HeaderChangeIR,
  type PathRewriteIR,
  parseAskedHost,
  type RequestFormIR,
  type SetCookieIR,
  type TemplateIR,
  type TemplatePartIR,
  type TextTestIR,
} from '@causeway/ir/gateway';
import { renderCors } from '@causeway/targets/nginx/cors';
import {
  explainApiKey,
  explainAuthorization,
  explainForwardAuth,
  explainGrpcAuth,
  explainJwt,
  explainOidc,
  explainPasswordAuth,
  explainSourceRange,
} from './access.ts';
import { explainClientCertificate } from './client-certificate.ts';
import { globalLimitText, limitText } from './limit-text.ts';
import { tracingText } from './tracing-text.ts';

/** What the filters of a route do to one request and its answer, a line for each change. */
export function explainEffects(filters: readonly FilterIR[], request: RequestView): readonly string[] {
  return filters.flatMap((filter) => effectsOf(filter, request));
}

function effectsOf(filter: FilterIR, request: RequestView): readonly string[] {
  switch (filter.type) {
    case 'bodyLimit':
      return bodyLimitText(filter.bytes, request);
    case 'clientCertificate':
      return explainClientCertificate(filter, request);
    case 'connection':
      return [`header of the request, Connection: set to ${JSON.stringify(filter.value)}`];
    case 'setCookie':
      return cookieTexts(filter);
    case 'location':
      return [
        `header of the answer, Location: ${JSON.stringify(filter.from)} at its beginning becomes ${JSON.stringify(templateText(filter.to, request))}`,
      ];
    case 'firewall':
      return [`the firewall inspects the request first: ${rulesText(filter.ruleSet)}`];
    case 'cors':
      return corsText(renderCors(filter), request);
    case 'pathRewrite':
      return [rewriteText(filter, request)];
    case 'hostRewrite':
      return [`the backend sees Host: ${filter.host}`];
    case 'hostFromHeader':
      return [`the backend sees as Host what the header ${filter.header} says, if it is there`];
    case 'requestHeaders':
      return filter.changes.map((change) => changeText('request', change, request));
    case 'responseHeaders':
      return filter.changes.map((change) => changeText('answer', change, request));
    case 'accessLog':
      return [];
    case 'tracing':
      return [tracingText(filter, request)];
    case 'refuse':
      return [`answered with ${filter.status}: ${filter.reason}`];
    case 'sourceRange':
      return explainSourceRange(filter, request);
    case 'passwordAuth':
      return explainPasswordAuth(filter, request);
    case 'authorization':
      return [explainAuthorization(filter, request)];
    case 'removeHeaders':
      return [`headers of the ${filter.of} are taken off by their names: ${filter.names.map(nameTestText).join(', ')}`];
    case 'requestForm':
      return formTexts(filter);
    case 'requestDeadline':
      return [`its body must be there after ${filter.ms} ms, else 408`];
    case 'durationLimit':
      return [`it ends after ${filter.ms} ms, whatever is under way`];
    case 'clientConnections':
      return [`at most ${filter.connections} connections of clients at once; others are closed without an answer`];
    case 'clientFromHeader':
      return [`who the client is says the header ${filter.name}${filter.required ? '; without it: 403' : ''}`];
    case 'certificateHeader':
      return [`header of the request, X-Forwarded-Client-Cert: ${CERTIFICATE_HEADER[filter.mode]}`];
    case 'backendConnections':
      return [
        `at most ${filter.connections} connections to backends at once; ${filter.waiting} requests may wait for one, others get 503`,
      ];
    case 'endpointConnections':
      return [
        `at most ${filter.connections} connections to each endpoint at once; ${filter.waiting} requests may wait for one, others get 503`,
      ];
    case 'endpointOverride':
      return [endpointText(filter.headers, request)];
    case 'fault':
      return faultTexts(filter);
    case 'guarded':
      return [];
    case 'reroute':
      return ['the route is looked for again, with the headers that have been set'];
    case 'apiKey':
      return [explainApiKey(filter, request)];
    case 'grpcAuth':
      return [explainGrpcAuth(filter)];
    case 'oidc':
      return [explainOidc(filter, request)];
    case 'jwt':
      return explainJwt(filter, request);
    case 'forwardAuth':
      return explainForwardAuth(filter, request);
    case 'requestLimit':
      return limitText(filter, request);
    case 'globalLimit':
      return [globalLimitText(filter, request)];
    case 'mirror':
      return [
        `a copy goes to ${filter.scheme}://${parseAskedHost(filter.host).host}:${filter.port}${urlText(filter.path, request)}, Host: ${filter.hostHeader ?? request.header('host') ?? ''}`,
      ];
    case 'responseSpeed':
      return [`at most ${filter.bytesPerSecond} bytes of the answer a second, after ${filter.bytesAtOnce} at once`];
  }
}

function endpointText(headers: readonly string[], request: RequestView): string {
  const header = headers.find((name) => request.header(name) !== undefined);
  if (header === undefined) return `the endpoint could be named by the header ${headers.join(' or ')}`;
  return `the header ${header} names the endpoint, if the route has it: ${request.header(header)}`;
}

const CERTIFICATE_HEADER = {
  always: 'as the client says, whoever it is',
  forward: 'removed, unless the client has shown a good certificate',
  append: 'the certificate of the client is added; without a good one removed',
  set: 'the certificate of the client; without a good one removed',
} as const;

function nameTestText(test: TextTestIR): string {
  return test.op === 'regex' ? `regex ${test.pattern}` : `${test.op} ${test.value}`;
}

function formTexts({ slashes, rejectsUnderscores }: RequestFormIR): readonly string[] {
  const effect = { reject: '400', redirect: '307 to the path with /', replace: 'the backend gets /' };
  return [
    ...(rejectsUnderscores === true ? ['a header with _ in its name: 400'] : []),
    ...(slashes === undefined ? [] : [`an escaped slash in the path: ${effect[slashes]}`]),
  ];
}

function faultTexts({ delay, abort }: FaultIR): readonly string[] {
  return [
    ...(delay === undefined
      ? []
      : [
          `${delay.share * 100} % of the requests wait for ${delay.ms} ms, on purpose${delay.withinMs === undefined ? '' : `; all of it takes ${delay.withinMs} ms at most`}`,
        ]),
    ...(abort === undefined ? [] : [`${abort.share * 100} % of the requests get ${statusText(abort)}, on purpose`]),
  ];
}

function statusText({ status, grpcStatus }: NonNullable<FaultIR['abort']>): string {
  return grpcStatus === undefined ? `${status}` : `status ${grpcStatus} of gRPC (${status} where they are no calls)`;
}

function cookieTexts({ domain, path }: SetCookieIR): readonly string[] {
  return [
    ...(domain === undefined ? [] : [`cookies of the answer: Domain ${domain.from} becomes ${domain.to}`]),
    ...(path === undefined ? [] : [`cookies of the answer: Path ${path.from} becomes ${path.to}`]),
  ];
}

function rulesText({ recommended, rules, core }: FirewallRuleSetIR): string {
  const own = rules.split('\n').filter((line) => /^Sec(Rule|Action) /i.test(line)).length;
  const parts = [
    ...(recommended ? ['the recommended settings'] : []),
    ...(own > 0 ? [`${own} rules of its own`] : []),
    ...(core ? ['the core rules of OWASP'] : []),
  ];
  const engine = /^SecRuleEngine "?(\w+)/im.exec(
    rules.split('\n').findLast((line) => /^SecRuleEngine /i.test(line)) ?? '',
  );
  return `${parts.length === 0 ? 'no rules' : parts.join(', ')}; ${EFFECTS[engine?.[1]?.toLowerCase() ?? ''] ?? 'matches are only logged'}`;
}

/** By the engine's state. */
const EFFECTS: Readonly<Record<string, string>> = { on: 'matches that deny are answered 403', off: 'switched off' };

function corsText(cors: CorsStep, request: RequestView): readonly string[] {
  if (request.method() === 'OPTIONS')
    return [`CORS: OPTIONS is answered ${cors.preflightStatus ?? 204} here, the backend does not see it`];
  const allowed = allowedOrigin(cors, request.header('origin'));
  return [
    `header of the answer, Access-Control-Allow-Origin: ${allowed === undefined ? 'none, this origin is not in the list' : JSON.stringify(allowed)}`,
  ];
}

function rewriteText(filter: PathRewriteIR, request: RequestView): string {
  const { pattern, every, replacement } = filter;
  const rewrite = compilePathRewrite({
    type: 'pathRewrite',
    ...(pattern === undefined ? {} : { pattern }),
    ...(every && { every }),
    replacement,
  });
  if (rewrite === undefined)
    return `the path is rewritten where it matches ${pattern}, which only the data plane can tell`;
  const rewritten = rewrittenPath(rewrite, request.path());
  return rewritten === undefined
    ? `the path stays, since ${pattern} is not in it`
    : `the backend sees the path ${encodePath(rewritten)}`;
}

function bodyLimitText(bytes: number, request: RequestView): readonly string[] {
  if (bytes === 0) return [];
  const limit = `bodies of more than ${bytes} bytes are answered 413`;
  return [exceedsBodyLimit(bytes, request) ? `${limit}, and this request announces one` : limit];
}

/** That of the client, else one that nginx makes: not to be known before. */
function isRequestId({ value }: { readonly value: readonly TemplatePartIR[] }, request: RequestView): boolean {
  const [part, ...others] = value;
  const isVariable =
    typeof part === 'object' && 'variable' in part && part.variable === 'req_id' && others.length === 0;
  return isVariable && (request.header('x-request-id') ?? '') === '';
}

/** What only a worker knows is named: `<status>`. */
function valueText(value: TemplateIR, request: RequestView): string {
  const shown = value.map((part) => {
    if (typeof part === 'string' || 'variable' in part) return part;
    const isOfRequest = part.values.every((name) => name.startsWith('request:'));
    const found = isOfRequest || part.values.some((name) => request.told(name) !== undefined);
    return found ? part : `<${part.values.join(' or ')}>`;
  });
  return JSON.stringify(templateText(shown, request));
}

function changeText(where: 'request' | 'answer', change: HeaderChangeIR, request: RequestView): string {
  const header = `header of the ${where}, ${change.name}`;
  const isMade = 'value' in change && hasOperator(change.value);
  if (isMade && valueText(change.value, request) === '""') {
    return `${header}: ${change.op === 'set' ? 'removed' : 'unchanged'}, since its value would be empty`;
  }
  switch (change.op) {
    case 'set':
      if (change.secret === true) return `${header}: set to a secret value`;
      if (isRequestId(change, request)) return `${header}: set to a new id, since the client sends none`;
      return `${header}: set to ${valueText(change.value, request)}`;
    case 'default':
      if (change.secret === true) return `${header}: set to a secret value where there is none`;
      return `${header}: set to ${valueText(change.value, request)} where there is none`;
    case 'add':
      return `${header}: ${valueText(change.value, request)} added`;
    case 'remove':
      return `${header}: removed`;
    case 'copy': {
      const value = variableValue(change.variable, request);
      if (value === undefined) return `${header}: unchanged, since $${change.variable} has no value`;
      return `${header}: ${change.append ? 'added' : 'set to'} ${JSON.stringify(value)}, from $${change.variable}`;
    }
  }
}
