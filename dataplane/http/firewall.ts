/**
 * Requests that a firewall inspects take a way round: this nginx hands them to the second one (../firewall), which sends those that
 * pass back to a port that only it reaches, and there all else happens, as if the request had just come. So rules see what the client
 * sent, before anything of it is changed (spec ALB 7.1), and what the backend answered.
 *
 *   client -> port, route() -> @causeway_firewall -> second nginx -> routeInspected() -> backend
 *
 * What the port knew, and the way back does not say, travels in headers `X-Causeway-*`, which are taken off there.
 */
import type { FirewallStep } from '../policy/step.ts';
import { templateText } from '../policy/template.ts';
import { currentRequest } from './request.ts';

/** Taken off the request before it goes on. */
const PRIVATE_HEADERS = [
  'x-causeway-rules',
  'x-causeway-transaction',
  'x-causeway-client',
  'x-causeway-peer',
  'x-causeway-server',
  'x-causeway-port',
  'x-causeway-scheme',
  'x-causeway-protocol',
];
const MAX_TRANSACTION_BYTES = 128;

/** Of the request that is routed at the moment; undefined when it comes from a client. */
let inspectedBy: string | undefined;

/** Rules that have changed since the request was inspected inspect it again. */
export function needsInspection(step: FirewallStep): boolean {
  return step.ruleSet !== inspectedBy;
}

/** Sends the request to the second nginx. */
export function handOver(step: FirewallStep): void {
  ngx.var['causeway_rules'] = step.ruleSet;
  ngx.var['causeway_transaction'] = transactionOf(step);
  ngx.var['causeway_exit'] = '@causeway_firewall';
}

/** What users put into it comes from clients, and ends in logs. */
function transactionOf({ transaction }: FirewallStep): string {
  const text = templateText(transaction, currentRequest);
  if (text === '') return ngx.var['request_id'] ?? '';
  const [clean] = string.gsub(string.sub(text, 1, MAX_TRANSACTION_BYTES), '[^%w._:@/+=-]', '_');
  return clean;
}

/**
 * What a request from the second nginx says of its way; its headers are taken off.
 *
 * @returns the port that the client asked
 */
export function beginInspected(): number {
  inspectedBy = ngx.var['http_x_causeway_rules'] ?? '';
  const port = tonumber(ngx.var['causeway_port']) ?? 0;
  for (const name of PRIVATE_HEADERS) ngx.req.clear_header(name);
  return port;
}

/** Reports whether the request comes from the second nginx: only the server that it reaches says so. */
export function isInspected(): boolean {
  return ngx.var['causeway_inspected'] === '1';
}

export function endInspected(): void {
  inspectedBy = undefined;
}
