import type { AlbRules, ListedAction, ListedRule, PortRules } from './rules.ts';
import { type Column, renderTable } from './table.ts';

type Row = ListedRule & { readonly port: number };

const COLUMNS: readonly Column<Row>[] = [
  ['PORT', ({ port }) => port],
  ['ORDER', ({ position }) => position],
  ['PRIORITY', ({ priority }) => priority],
  ['RULE', ({ name }) => name],
  ['SOURCE', ({ source }) => source],
  ['MATCH', ({ terms }) => (terms.length === 0 ? 'every request' : terms.join(' and '))],
  ['ACTION', ({ action }) => actionText(action)],
];

/** The rules of all ports in one table; below it, what does not stand in it. */
export function renderAlbRules({ ports, problems = [] }: AlbRules): string {
  const rows = ports.flatMap(({ port, rules }) => rules.map((rule) => ({ ...rule, port })));
  const parts = [rows.length === 0 ? 'No rules.' : renderTable(COLUMNS, rows)];
  const remarks = [...ports.flatMap(remarksOf), ...problems];
  if (remarks.length > 0) parts.push(remarks.join('\n'));
  return parts.join('\n\n');
}

/** `http to default/a:80 (25 %, 1 endpoint), default/b:80 (75 %, 2 endpoints)` */
export function actionText(action: ListedAction): string {
  if (action.type === 'respond') return `answers ${action.status}: ${action.reason}`;
  if (action.type === 'redirect') return `redirects (${action.status}) to ${action.to}`;
  const backends = action.backends.map(({ service, share, endpoints, canary }) => {
    const count = endpoints.length === 1 ? '1 endpoint' : `${endpoints.length} endpoints`;
    return `${service} (${canary === undefined ? '' : 'canary, '}${Math.round(share * 100)} %, ${count})`;
  });
  return `${action.protocol} to ${backends.join(', ')}`;
}

function remarksOf({ port, protocol, frontend, served, rules, fallback, unserved, problems }: PortRules): string[] {
  const rest = protocol === 'tcp' || protocol === 'udp' ? 'everything' : 'what no rule takes';
  const where = `port ${port} (${frontend})`;
  return [
    ...(served ? [] : [`${where}: not served`]),
    ...(fallback === undefined ? [] : [`${where}: ${rest}: ${actionText(fallback)}`]),
    ...problems.map((problem) => `${where}: ${problem}`),
    ...unserved.map(({ rule, reason }) => `${where}: Rule ${rule} is not served: ${reason}`),
    ...rules.flatMap(({ name, problems: ofRule }) => ofRule.map((problem) => `${where}: Rule ${name}: ${problem}`)),
  ];
}
