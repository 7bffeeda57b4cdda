/** Answers preflights and lets browsers read answers of other origins (spec ALB-76). */
import { allowedOrigin, type CorsStep, variesByOrigin } from '../policy/cors.ts';
import type { Answer } from './exchange.ts';
import { compileEdit, editHeaders, type FixedHeader, type HeaderEdit, isEditable } from './header-list.ts';
import { addVary } from './headers.ts';
import { requestStructure } from './nginx-request.ts';
import { nginxVariable, readText } from './nginx-variable.ts';

const ORIGIN = nginxVariable('http_origin');
const REQUEST_METHOD = nginxVariable('http_access_control_request_method');
const REQUEST_HEADERS = nginxVariable('http_access_control_request_headers');
const MAX_AGE = 'Access-Control-Max-Age';
const ALLOW_ORIGIN = 'Access-Control-Allow-Origin';

/** Any OPTIONS counts as a preflight; the backend gets none of them. */
export function answerPreflight(preflight: Answer): Answer | undefined {
  return ngx.req.get_method() === 'OPTIONS' ? preflight : undefined;
}

/** The other headers of it are those of every answer. */
export function preflightAnswer(cors: CorsStep): Answer {
  return { status: cors.preflightStatus ?? 204, reason: '', headers: { 'access-control-max-age': cors.maxAge } };
}

/** Says in place of the backend who may read the answer. */
export function compileCors(cors: CorsStep): (this: void) => void {
  const exposed = cors.exposeHeaders === '' ? undefined : cors.exposeHeaders;
  const headers: FixedHeader[] = [
    { name: 'Access-Control-Allow-Credentials', value: cors.credentials ? 'true' : undefined },
    { name: 'Access-Control-Allow-Methods', value: cors.allowMethods },
    { name: 'Access-Control-Allow-Headers', value: cors.allowHeaders },
    { name: 'Access-Control-Expose-Headers', value: exposed },
  ];
  const varies = variesByOrigin(cors);
  const edits = newOriginEdits(cors, headers, varies);
  const answer = (): void => {
    const allowed = allowedOrigin(cors, readText(ORIGIN));
    const request = requestStructure();
    const edit = edits === undefined || request === undefined ? undefined : edits.get(allowed ?? '');
    if (edit !== undefined && request !== undefined) editHeaders(request.headers_out, edit);
    else setHeaders(headersFor(cors, headers, allowed), allowed, varies);
  };
  if (cors.echoesMethod !== true && cors.echoesHeaders !== true) return answer;
  return () => {
    answer();
    if (cors.onlyAllowed === true && allowedOrigin(cors, readText(ORIGIN)) === undefined) return;
    const { header } = ngx;
    if (cors.echoesMethod === true) header['Access-Control-Allow-Methods'] = readText(REQUEST_METHOD);
    if (cors.echoesHeaders === true) header['Access-Control-Allow-Headers'] = readText(REQUEST_HEADERS);
  };
}

/** By the origin that is allowed, `''` for none: all that are known before the request; undefined when a text is not for nginx's list. */
function newOriginEdits(
  cors: CorsStep,
  headers: readonly FixedHeader[],
  varies: boolean,
): LuaTable<string, HeaderEdit> | undefined {
  for (const header of headers) if (!isEditable(header, 'answers')) return undefined;
  const edits: LuaTable<string, HeaderEdit> = new LuaTable();
  const add = (origin: string): void => {
    const value = origin === '' ? undefined : origin;
    const all: FixedHeader[] = [{ name: ALLOW_ORIGIN, value }];
    for (const header of headersFor(cors, headers, value)) all.push(header);
    if (varies) all.push({ name: 'Vary', value: 'Origin', isOneMore: true });
    if (isEditable({ name: ALLOW_ORIGIN, value: origin }, 'answers')) edits.set(origin, compileEdit(all));
  };
  for (const origin of ['', '*', cors.configured]) add(origin);
  for (const origin of cors.origins) add(origin);
  return edits;
}

/** @param allowed origin; undefined: none is */
function headersFor(
  cors: CorsStep,
  headers: readonly FixedHeader[],
  allowed: string | undefined,
): readonly FixedHeader[] {
  if (cors.onlyAllowed !== true || allowed !== undefined) return headers;
  const none: FixedHeader[] = [{ name: MAX_AGE, value: undefined }];
  for (const { name } of headers) none.push({ name, value: undefined });
  return none;
}

function setHeaders(headers: readonly FixedHeader[], allowed: string | undefined, varies: boolean): void {
  const { header } = ngx;
  header[ALLOW_ORIGIN] = allowed;
  for (const { name, value } of headers) header[name] = value;
  if (varies) addVary('Origin');
}
