/** The answer header `x-cpaas-trace`: which rule and endpoint a request got (spec ALB-132). */
import { encode } from 'cjson.safe';
import { isBefore } from '../policy/route.ts';
import { currentExchange, type Exchange } from './exchange.ts';
import { live } from './live.ts';

/**
 * Routes that may be compared per second to find the place of one in the order. Anybody may ask for a trace, and with 100,000 rules
 * one takes some milliseconds.
 */
const COMPARISONS_PER_SECOND = 200_000;
const PLAIN = '@causeway_http';

let second = 0;
let comparisons = 0;

/**
 * Body of rewrite_by_lua of the location for traced requests: writes the header but for its last field, the endpoint, which nobody
 * knows yet, and goes on to the location of the request.
 */
export function trace(): void {
  const exchange = currentExchange();
  if (exchange !== undefined) ngx.var['causeway_trace'] = headerStart(exchange);
  const place = ngx.var['causeway_exit'];
  ngx.exec(place === undefined || place === '' ? PLAIN : place);
}

function headerStart(exchange: Exchange): string {
  const index = indexOf(exchange);
  return (
    `{"alb_pod":${quoted(ngx.var['hostname'])},"rule":${quoted(ngx.var['causeway_route'])},` +
    `${index === undefined ? '' : `"index":${index},`}"upstream":${quoted(exchange.group?.name)}`
  );
}

/** Place of the rule in the order of its port, from 0; undefined without a rule, and when too many ask. */
function indexOf(exchange: Exchange): number | undefined {
  const counter = exchange.counter;
  const route = counter === undefined ? undefined : live.state.routes.get(counter.route);
  if (counter === undefined || route === undefined) return undefined;
  const now = Math.floor(ngx.now());
  if (now !== second) {
    second = now;
    comparisons = 0;
  }
  if (comparisons > COMPARISONS_PER_SECOND) return undefined;
  const port = `${counter.port}`;
  let before = 0;
  for (const [, other] of live.state.routes) {
    comparisons++;
    if (isBefore(other, route) && isOn(other.ports, port)) before++;
  }
  return before;
}

function isOn(ports: readonly string[], wanted: string): boolean {
  for (const port of ports) if (port === wanted) return true;
  return false;
}

function quoted(text: string | undefined): string {
  const [json] = encode(text ?? '');
  return json ?? '""';
}
