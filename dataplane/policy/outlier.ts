/** Endpoints that fail again and again are avoided for a while. Source: Envoy, "Outlier detection", consecutive 5xx. */

export interface Ejection {
  readonly failures: number;
  readonly baseMs: number;
  readonly mostPercent: number;
  /** Where fewer peers would be left, none is avoided. */
  readonly fewestWell: number;
}

/** Of the peers of a group, by their places. */
export interface Outliers {
  readonly ejection: Ejection;
  /** One after the other. */
  readonly failures: number[];
  /** How often they were avoided, one after the other. */
  readonly times: number[];
  /** In seconds; 0: never. */
  readonly until: number[];
}

const MS = 1000;

export function newOutliers(ejection: Ejection, peers: number): Outliers {
  const failures: number[] = [];
  const times: number[] = [];
  const until: number[] = [];
  for (let place = 0; place < peers; place++) {
    failures.push(0);
    times.push(0);
    until.push(0);
  }
  return { ejection, failures, times, until };
}

/** @param now in seconds */
export function isOutlier(outliers: Outliers, place: number, now: number): boolean {
  if ((outliers.until[place] ?? 0) <= now) return false;
  return outliers.until.length - avoided(outliers, now) >= outliers.ejection.fewestWell;
}

/** What became of an attempt at a peer. @param now in seconds */
export function noteAttempt(outliers: Outliers, place: number, failed: boolean, now: number): void {
  const { ejection, failures, times, until } = outliers;
  if (!failed) {
    failures[place] = 0;
    if ((until[place] ?? 0) <= now) times[place] = 0;
    return;
  }
  const count = (failures[place] ?? 0) + 1;
  failures[place] = count;
  if (count < ejection.failures || (until[place] ?? 0) > now) return;
  if (avoided(outliers, now) >= Math.max(1, Math.floor((until.length * ejection.mostPercent) / 100))) return;
  const time = (times[place] ?? 0) + 1;
  times[place] = time;
  until[place] = now + (ejection.baseMs / MS) * time;
  failures[place] = 0;
}

function avoided({ until }: Outliers, now: number): number {
  let count = 0;
  for (const end of until) if (end > now) count++;
  return count;
}
