/** A sample of Prometheus text, format 0.0.4. */
export interface MetricLine {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/**
 * Samples of a Prometheus text; lines of other names, comments and what cannot be read are left out.
 *
 * @param names as they stand in the lines: with `_bucket`, `_sum` or `_count`
 */
export function* metricLines(text: string, names: ReadonlySet<string>): Generator<MetricLine> {
  for (const line of text.split('\n')) {
    if (!names.has(line.slice(0, line.search(/[{ ]/)))) continue;
    const [, name, labelsText = '', value] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    const labels: Record<string, string> = {};
    for (const [, label = '', quoted = ''] of labelsText.matchAll(LABEL)) labels[label] = unescaped(quoted);
    yield { name, labels, value: Number(value) };
  }
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
}
