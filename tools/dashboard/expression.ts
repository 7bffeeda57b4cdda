/** PromQL over the metrics of an instance; a metric or label that does not exist is refused when the dashboard is made. */
import { METRIC_FAMILIES, type MetricName } from '@causeway/targets/nginx/metric-family';

/** Label to matcher: `{ status: '=~"5.."' }`. */
export type Matchers = Readonly<Record<string, string>>;

/** Labels that Prometheus adds when it scrapes. */
const TARGET_LABELS = ['instance', 'job'];

const OF_INSTANCE: Matchers = { instance: '=~"$instance"' };
const OF_RULE: Matchers = { ...OF_INSTANCE, rule: '=~"$rule"' };

/** The value of a gauge, of the instances chosen. */
export function value(name: MetricName, matchers: Matchers = {}): string {
  return selector(name, name, matchers);
}

/** Of a counter, per second. */
export function rate(name: MetricName, matchers: Matchers = {}): string {
  return `rate(${selector(name, name, matchers)}[$__rate_interval])`;
}

/** Sum of an expression over {@link rate}s or {@link value}s of one metric. @param by labels that are kept */
export function sum(name: MetricName, expression: string, by: readonly string[] = []): string {
  for (const label of by) check(name, label);
  return by.length === 0 ? `sum(${expression})` : `sum by (${by.join(', ')}) (${expression})`;
}

/** @param q 0 to 1 */
export function quantile(q: number, name: MetricName, by: readonly string[] = [], matchers: Matchers = {}): string {
  for (const label of by) check(name, label);
  const buckets = `rate(${selector(name, `${name}_bucket`, matchers)}[$__rate_interval])`;
  return `histogram_quantile(${q}, sum by (${['le', ...by].join(', ')}) (${buckets}))`;
}

/** Mean of a histogram. */
export function mean(name: MetricName): string {
  const part = (suffix: string): string => `sum(rate(${selector(name, `${name}_${suffix}`, {})}[$__rate_interval]))`;
  return `${part('sum')} / ${part('count')}`;
}

/** The values of a label, for a choice. */
export function labelValues(name: MetricName, label: string): string {
  check(name, label);
  return label === 'instance'
    ? `label_values(${name}, instance)`
    : `label_values(${name}{instance=~"$instance"}, ${label})`;
}

function selector(name: MetricName, series: string, matchers: Matchers): string {
  const labels: readonly string[] = METRIC_FAMILIES[name].labels;
  const all = { ...(labels.includes('rule') ? OF_RULE : OF_INSTANCE), ...matchers };
  for (const label of Object.keys(all)) check(name, label);
  return `${series}{${Object.entries(all)
    .map(([label, matcher]) => `${label}${matcher}`)
    .join(',')}}`;
}

function check(name: MetricName, label: string): void {
  const labels: readonly string[] = METRIC_FAMILIES[name].labels;
  if (!labels.includes(label) && !TARGET_LABELS.includes(label)) throw new RangeError(`${name} has no label ${label}`);
}
