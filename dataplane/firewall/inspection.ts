/**
 * What the second nginx does with a request on its way between two ports of the first: reads it to libmodsecurity, phase by phase, and
 * answers instead of passing it on when a rule says so.
 *
 * Source: ModSecurity v3 Reference Manual, "Processing Phases"; spec ALB-96.
 */
import { auditLine, auditMatch, ruleOf } from './audit.ts';
import {
  addRequestHeader,
  addResponseHeader,
  appendRequestBody,
  beginTransaction,
  endTransaction,
  type Intervention,
  interventionOf,
  processRequestBody,
  processRequestHeaders,
  processResponseHeaders,
  processTarget,
  type Transaction,
} from './modsecurity.ts';
import { ruleSet } from './rule-sets.ts';

/** Kept in ngx.ctx. */
interface Inspection {
  transaction: Transaction | undefined;
  id: string;
  blockedBy: number | undefined;
  /** What takes the place of the body of the answer. */
  replacement: string | undefined;
}

/** Headers by which the first nginx says what it knows; rules do not see them. */
const PRIVATE = 'x-causeway-';
const CHUNK_BYTES = 65_536;

/** Body of access_by_lua. */
export function inspectRequest(): void {
  const set = ruleSet(ngx.var['http_x_causeway_rules'] ?? '');
  if (set === undefined) {
    refuse(503, 'WAF : not available');
    return;
  }
  if ('problem' in set) {
    refuse(503, 'WAF : invalid configuration');
    return;
  }
  const id = ngx.var['http_x_causeway_transaction'] ?? '';
  const transaction = beginTransaction(set.rules, id, {
    client: ngx.var['http_x_causeway_client'] ?? '',
    clientPort: 0,
    server: ngx.var['http_x_causeway_server'] ?? '',
    serverPort: tonumber(ngx.var['http_x_causeway_port']) ?? 0,
  });
  const inspection: Inspection = { transaction, id, blockedBy: undefined, replacement: undefined };
  ngx.ctx['inspection'] = inspection;
  const [, version] = string.match(ngx.var['http_x_causeway_protocol'] ?? '', '^(%u+)/([%d.]+)$');
  processTarget(transaction, ngx.var['request_uri'] ?? '', ngx.req.get_method(), version ?? '1.1');
  readRequestHeaders(transaction);
  processRequestHeaders(transaction);
  if (intervene(inspection)) return;
  ngx.req.read_body();
  readRequestBody(transaction);
  processRequestBody(transaction);
  intervene(inspection);
}

function readRequestHeaders(transaction: Transaction): void {
  const headers = ngx.req.get_headers(0, true);
  for (const name in headers) {
    if (string.lower(string.sub(name, 1, PRIVATE.length)) === PRIVATE) continue;
    const value = headers[name];
    if (typeof value === 'string') addRequestHeader(transaction, name, value);
    else if (typeof value === 'object') for (const one of value) addRequestHeader(transaction, name, one);
    else if (value === true) addRequestHeader(transaction, name, '');
  }
}

/** The library takes no more than its limit, and says what is to be done then. */
function readRequestBody(transaction: Transaction): void {
  const data = ngx.req.get_body_data();
  if (data !== undefined) {
    appendRequestBody(transaction, data);
    return;
  }
  const file = ngx.req.get_body_file();
  if (file === undefined) return;
  const [handle] = io.open(file, 'rb');
  if (handle === undefined) return;
  for (;;) {
    const chunk = handle.read(CHUNK_BYTES);
    if (chunk === undefined) break;
    appendRequestBody(transaction, chunk);
  }
  handle.close();
}

/** @returns whether the request has ended */
function intervene(inspection: Inspection): boolean {
  const { transaction } = inspection;
  const intervention = transaction === undefined ? undefined : interventionOf(transaction);
  if (intervention === undefined) return false;
  const body = prepareAnswer(inspection, intervention);
  ngx.print(body);
  ngx.exit(200);
  return true;
}

/** Status and headers of the answer that a rule wants. @returns its body, as of every error (ALB-110) */
function prepareAnswer(inspection: Inspection, { status, location, log }: Intervention): string {
  const rule = ruleOf(log);
  inspection.blockedBy = rule;
  inspection.transaction?.matches.push(log);
  const redirects = location !== '';
  const answered = redirects && (status < 300 || status > 399) ? 302 : status < 300 ? 403 : status;
  ngx.status = answered;
  ngx.header['x-causeway-blocked'] = `${rule}`;
  if (redirects) ngx.header['location'] = location;
  return errorBody(answered, `WAF : ${rule}`);
}

function refuse(status: number, reason: string): void {
  ngx.status = status;
  ngx.print(errorBody(status, reason));
  ngx.exit(200);
}

function errorBody(status: number, reason: string): string {
  const body = status >= 400 ? `X-Error: ${status}\n` : '';
  ngx.header['content-type'] = 'text/plain';
  ngx.header['content-length'] = body.length;
  if (status >= 400) ngx.header['x-alb-err-reason'] = reason;
  return body;
}

/** Body of header_filter_by_lua. */
export function inspectResponse(): void {
  const inspection = ngx.ctx['inspection'] as Inspection | undefined;
  const transaction = inspection?.transaction;
  if (inspection === undefined || transaction === undefined || inspection.blockedBy !== undefined) return;
  const headers = ngx.resp.get_headers(0, true);
  for (const name in headers) {
    if (string.lower(string.sub(name, 1, PRIVATE.length)) === PRIVATE) continue;
    const value = headers[name];
    if (typeof value === 'string') addResponseHeader(transaction, name, value);
    else if (typeof value === 'object') for (const one of value) addResponseHeader(transaction, name, one);
  }
  processResponseHeaders(transaction, ngx.status, 'HTTP/1.1');
  const intervention = interventionOf(transaction);
  if (intervention === undefined) return;
  for (const name in headers) ngx.header[name] = undefined;
  inspection.replacement = prepareAnswer(inspection, intervention);
}

/** Body of body_filter_by_lua. */
export function replaceBody(): void {
  const inspection = ngx.ctx['inspection'] as Inspection | undefined;
  if (inspection === undefined || inspection.replacement === undefined) return;
  ngx.arg[1] = inspection.replacement;
  ngx.arg[2] = true;
  inspection.replacement = '';
}

/** Body of log_by_lua. */
export function endInspection(): void {
  const inspection = ngx.ctx['inspection'] as Inspection | undefined;
  const transaction = inspection?.transaction;
  if (inspection === undefined || transaction === undefined) return;
  inspection.transaction = undefined;
  endTransaction(transaction);
  const { blockedBy, id } = inspection;
  if (transaction.matches.length === 0) return;
  const matched = [];
  for (const text of transaction.matches) matched.push(auditMatch(text));
  const entry = {
    transaction: id,
    client: ngx.var['http_x_causeway_client'] ?? '',
    method: ngx.req.get_method(),
    host: ngx.var['http_host'] ?? '',
    path: ngx.var['uri'] ?? '',
    status: ngx.status,
    matched,
  };
  if (blockedBy !== undefined) (entry as { blockedBy?: number }).blockedBy = blockedBy;
  ngx.var['causeway_audit'] = auditLine(entry);
}
