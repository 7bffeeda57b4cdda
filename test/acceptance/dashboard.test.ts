/** The Grafana dashboard asks only for what instances have: every metric and label of it, against a real one. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answersWith, Lab } from '../alb/lab.ts';
import { eventually } from '../e2e/eventually.ts';
import { ask } from './http-request.ts';
import { type MetricsPage, readMetrics } from './metrics-page.ts';
import { group, serviceTo } from './objects.ts';
import { heardFrom, type StreamBackend, startTcpBackend } from './stream-backend.ts';

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
}

const FILE = path.join(import.meta.dirname, '../../deploy/grafana/causeway-alb.generated.json');
const dashboard = JSON.parse(readFileSync(FILE, 'utf8')) as Dashboard;
/** Added by Prometheus to everything it scrapes. */
const TARGET_LABELS = ['instance', 'job'];
/** Series that exist from the first such request on. */
const SEEN_AFTER_TRAFFIC = [
  'nginx_http_status',
  'nginx_http_mismatch_rule_requests',
  'alb_error',
  'causeway_stream_sessions_total',
];
const FUNCTIONS = ['rate', 'sum', 'topk', 'histogram_quantile', 'by', 'label_values'];

let lab: Lab;
let backend: StreamBackend;
let page: MetricsPage;

beforeAll(async () => {
  lab = await Lab.start(['a']);
  backend = await startTcpBackend('tcp');
  await lab.home.apply(...serviceTo({ name: 'tcp', port: backend.port }));
  const web = await lab.open('web');
  await lab.addRule('web', 'some', {
    dslx: [{ type: 'URL', values: [['STARTS_WITH', '/some']] }],
    serviceGroup: group({ a: 100 }),
  });
  const tcp = await lab.open('tcp', { protocol: 'tcp', serviceGroup: group({ tcp: 100 }) });
  await answersWith(200, web, '/some');
  await ask(web, '/none');
  await eventually(async () => {
    (await heardFrom(tcp)).socket.destroy();
    page = await readMetrics(lab.home, lab.ports.metrics);
    for (const name of SEEN_AFTER_TRAFFIC) {
      expect(page.series(name), name).not.toEqual([]);
    }
  });
});
afterAll(async () => {
  await lab.stop();
  await backend.close();
});

const expressions = [
  ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr }))),
  ...dashboard.templating.list
    .filter(({ query }) => query !== 'prometheus')
    .map(({ name, query }) => ({ title: `choice of ${name}`, expr: query })),
];

test('there are panels for every part', () => {
  expect(expressions.length).toBeGreaterThan(30);
});

test.each(expressions)('$title: $expr', ({ expr }) => {
  const asked = askedBy(expr);
  expect(asked.metrics.length).toBeGreaterThan(0);
  for (const { name, labels } of asked.metrics) {
    const [line] = page.series(name);
    expect(line, `${name} exists`).toBeDefined();
    for (const label of [...labels, ...asked.grouping]) {
      if (!TARGET_LABELS.includes(label)) expect(Object.keys(line?.labels ?? {}), name).toContain(label);
    }
  }
  for (const { name, status } of asked.metrics) {
    if (status !== undefined) expect(() => new RegExp(status)).not.toThrow();
    // A counter is never shown as it is, but for events since a start.
    const shown = !expr.startsWith('label_values(') && !/_(reloads|starts)_total$/.test(name);
    if (shown && page.types.get(name) === 'counter') expect(expr).toContain(`rate(${name}`);
  }
});

/** The metrics of an expression with the labels they are selected by, and the labels it groups by. */
function askedBy(expr: string): {
  readonly metrics: readonly { readonly name: string; readonly labels: readonly string[]; readonly status?: string }[];
  readonly grouping: readonly string[];
} {
  const grouping = [...expr.matchAll(/ by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '));
  const values = /^label_values\((?:.*\}|[^,]*), (\w+)\)$/.exec(expr)?.[1];
  const bare = expr.replace(/ by \([^)]*\)/g, '').replace(/, \w+\)$/, ')');
  const metrics = [];
  for (const [, name = '', selector = ''] of bare.matchAll(/\b([a-z_]+)(?:\{([^}]*)\})?(?=[^\w"]|$)/g)) {
    if (FUNCTIONS.includes(name) || !/_|^alb/.test(name) || name.startsWith('__')) continue;
    const labels = [...selector.matchAll(/(\w+)(?:=~|=)"/g)].map(([, label = '']) => label);
    const status = /status=~"([^"]*)"/.exec(selector)?.[1];
    metrics.push({ name, labels, ...(status !== undefined && { status }) });
  }
  return { metrics, grouping: values === undefined ? grouping : [...grouping, values] };
}
