import { planeText } from '../plane-name.ts';
import type { StreamTraffic } from './stream-traffic.ts';
import { type Column, renderTable } from './table.ts';
import type { AlbTraffic, Rates, RuleTraffic } from './traffic.ts';

const COLUMNS: readonly Column<RuleTraffic>[] = [
  ['PORT', ({ port }) => port],
  ['RULE', ({ rule }) => (rule === '' ? '(no rule)' : rule)],
  ['SOURCE', ({ source }) => source],
  ['REQ/S', ({ requests }) => requests.toFixed(1)],
  ['4XX/S', ({ clientErrors }) => clientErrors.toFixed(1)],
  ['5XX/S', ({ serverErrors }) => serverErrors.toFixed(1)],
  ['MEAN', ({ meanMs }) => timeText(meanMs)],
  ['P50', ({ p50Ms }) => timeText(p50Ms)],
  ['P90', ({ p90Ms }) => timeText(p90Ms)],
  ['P99', ({ p99Ms }) => timeText(p99Ms)],
  ['REQUESTS', ({ requestsEver }) => requestsEver],
];

const STREAMS: readonly Column<StreamTraffic>[] = [
  ['PORT', ({ port }) => port],
  ['PROTOCOL', ({ protocol }) => protocol],
  ['FRONTEND', ({ frontend }) => frontend],
  ['OPEN', ({ open }) => open],
  ['ENDED/S', ({ sessions }) => sessions.toFixed(1)],
  ['FAILED/S', ({ failed }) => failed.toFixed(1)],
  ['RECEIVED', ({ receivedBytes }) => bytesText(receivedBytes)],
  ['SENT', ({ sentBytes }) => bytesText(sentBytes)],
  ['SESSIONS', ({ sessionsEver }) => sessionsEver],
];

/** @param limit at most so many rules */
export function renderAlbTraffic(traffic: AlbTraffic, limit: number): string {
  const { alb, instances, connections, total, rules, streams } = traffic;
  const heading = [
    `${planeText(alb)}: ${instances === 1 ? '1 instance' : `${instances} instances`}`,
    connections === 1 ? '1 connection' : `${connections} connections`,
    totalText(total),
  ].join(', ');
  const more = rules.length > limit ? `\n... and ${rules.length - limit} more; --limit` : '';
  const parts = [heading];
  if (rules.length > 0) parts.push(renderTable(COLUMNS, rules.slice(0, limit)) + more);
  if (streams.length > 0) parts.push(renderTable(STREAMS, streams));
  if (parts.length === 1) parts.push('No requests yet.');
  return parts.join('\n\n');
}

function totalText({ requests, clientErrors, serverErrors, meanMs }: Rates): string {
  const share = (part: number): string => `${requests === 0 ? 0 : ((part / requests) * 100).toFixed(1)} %`;
  const errors = `${share(clientErrors)} 4xx, ${share(serverErrors)} 5xx`;
  return `${requests.toFixed(1)} requests/s (${errors}${meanMs === undefined ? '' : `, mean ${timeText(meanMs)}`})`;
}

function timeText(ms: number | undefined): string {
  if (ms === undefined) return '';
  return ms < 100 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

function bytesText(rate: number): string {
  if (rate < 1000) return `${Math.round(rate)} B/s`;
  return rate < 1_000_000 ? `${(rate / 1000).toFixed(1)} kB/s` : `${(rate / 1_000_000).toFixed(1)} MB/s`;
}
