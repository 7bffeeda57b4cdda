/** The metrics of an instance as Prometheus gets them. */
import { readFileSync } from 'node:fs';
import { type Answer, ask } from './http-request.ts';
import type { Installation } from './installation.ts';

export type Labels = Readonly<Record<string, string | RegExp>>;

export interface MetricLine {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export class MetricsPage {
  readonly lines: readonly MetricLine[];
  /** By family, as the page says. */
  readonly types: ReadonlyMap<string, string>;

  constructor(text: string) {
    this.lines = text.split('\n').flatMap((line) => parsed(line) ?? []);
    this.types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  }

  /** Sum over all series of that name that have these labels among theirs; 0 without any. */
  sum(name: string, labels: Labels = {}): number {
    return this.series(name, labels).reduce((sum, { value }) => sum + value, 0);
  }

  series(name: string, labels: Labels = {}): readonly MetricLine[] {
    return this.lines.filter(
      (line) =>
        line.name === name &&
        Object.entries(labels).every(([key, want]) =>
          want instanceof RegExp ? want.test(line.labels[key] ?? '') : line.labels[key] === want,
        ),
    );
  }
}

/** @param to its address; absent: that of the machine */
export async function readMetrics(home: Installation, port: number, to?: string): Promise<MetricsPage> {
  const answer = await onMetricsPort(port, '/metrics', { authorization: `Bearer ${tokenOf(home)}` }, to);
  if (answer.status !== 200) throw new Error(`metrics: ${answer.status} ${answer.body}`);
  return new MetricsPage(answer.body);
}

export function onMetricsPort(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  to?: string,
): Promise<Answer> {
  return ask(port, path, { serverName: 'localhost', headers, ...(to === undefined ? {} : { to }) });
}

/** Of the administrator. */
export function tokenOf(home: Installation): string {
  return /token: (\S+)/.exec(readFileSync(`${home.dataDirectory}/kubeconfig`, 'utf8'))?.[1] ?? '';
}

function parsed(line: string): MetricLine | undefined {
  const [, name, labelsText = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) return undefined;
  const labels: Record<string, string> = {};
  for (const [, key = '', text = ''] of labelsText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) labels[key] = text;
  return { name, labels, value: Number(value) };
}
