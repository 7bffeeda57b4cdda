import { table } from '../measure/statistics.ts';
import { CHANGE_KINDS } from './changes.ts';
import { FAULT_KINDS } from './faults.ts';
import { LOAD_KINDS } from './load.ts';
import type { SoakResult } from './soak.ts';

/** At most so many problems are told; a run that goes wrong has thousands of the same. */
const TOLD_MAX = 20;

/** The result for people: Markdown tables, and what is wrong. */
export function reportOf(result: SoakResult): string {
  const { faults, changes, requests, failures, convergedMs, problems, seed } = result;
  const explained = failures.map((failure) => ({ ...failure, by: faults.explanationOf(failure) }));
  const kills = FAULT_KINDS.map((kind) => [
    kind,
    String(faults.count(kind)),
    (faults.slowestMs(kind) / 1_000).toFixed(2),
    ...LOAD_KINDS.map((load) =>
      String(explained.filter((failure) => failure.load === load && failure.by === kind).length),
    ),
  ]);
  const unexplained = LOAD_KINDS.map((load) =>
    String(explained.filter((failure) => failure.load === load && failure.by === undefined).length),
  );
  const sent = LOAD_KINDS.map((load) => String(requests[load]));
  const head = ['killed', 'times', 'slowest replacement, s', ...LOAD_KINDS.map((load) => `failed ${load}`)];
  return [
    table(head, [...kills, ['none explains', '', '', ...unexplained], ['of requests', '', '', ...sent]]),
    table(
      ['change', 'times'],
      CHANGE_KINDS.map((kind) => [kind, String(changes.count(kind))]),
    ),
    `Seed ${seed}. Converged ${(convergedMs / 1_000).toFixed(2)} s after the last fault and change.`,
    ...problems.slice(0, TOLD_MAX).map((problem) => `PROBLEM: ${problem}`),
    ...(problems.length > TOLD_MAX ? [`and ${problems.length - TOLD_MAX} problems more`] : []),
  ].join('\n\n');
}
