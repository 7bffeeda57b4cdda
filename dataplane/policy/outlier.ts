/**
 * Endpoints that fail again and again are avoided for a while: after so many failures in a row, counted by kind, or when too many of the
 * attempts of an interval have failed.
 *
 * Source: Envoy, "Outlier detection": consecutive 5xx, gateway failure and local origin failure; failure percentage.
 */

export interface Ejection {
  readonly serverErrors: number;
  readonly gatewayErrors?: number;
  readonly unanswered?: number;
  readonly failures?: { readonly percent: number; readonly intervalMs: number };
  readonly baseMs: number;
  readonly mostPercent: number;
  /** Where fewer peers would be left, none is avoided. */
  readonly fewestWell: number;
}

/** Of the peers of a group, by their places. */
export interface Outliers {
  readonly ejection: Ejection;
  /** One after the other. */
  readonly serverErrors: number[];
  readonly gatewayErrors: number[];
  readonly unanswered: number[];
  /** How often they were avoided, one after the other. */
  readonly times: number[];
  /** In seconds; 0: never. */
  readonly until: number[];
  /** Of the present interval, which ends at this second. */
  readonly attempts: number[];
  readonly failed: number[];
  readonly leastAttempts: number;
  intervalEnd: number;
}

/** What an attempt without an answer counts as, instead of a status. */
export const UNANSWERED = 0;

const MS = 1000;
const SERVER_ERROR = 500;
const BAD_GATEWAY = 502;
const GATEWAY_TIMEOUT = 504;
/** Shares say something of so many peers with enough attempts. As Envoy has it. */
const LEAST_PEERS = 5;

/** @param leastAttempts of an interval, for its share of failures to say something */
export function newOutliers(ejection: Ejection, peers: number, leastAttempts: number): Outliers {
  return {
    ejection,
    serverErrors: zeros(peers),
    gatewayErrors: zeros(peers),
    unanswered: zeros(peers),
    times: zeros(peers),
    until: zeros(peers),
    attempts: zeros(peers),
    failed: zeros(peers),
    leastAttempts,
    intervalEnd: 0,
  };
}

/** What was learned of a peer that has another place now; what the present interval brought is forgotten. */
export function takeOverPeer(own: Outliers, place: number, known: Outliers, before: number): void {
  own.serverErrors[place] = known.serverErrors[before] ?? 0;
  own.gatewayErrors[place] = known.gatewayErrors[before] ?? 0;
  own.unanswered[place] = known.unanswered[before] ?? 0;
  own.times[place] = known.times[before] ?? 0;
  own.until[place] = known.until[before] ?? 0;
}

/** @param now in seconds */
export function isOutlier(outliers: Outliers, place: number, now: number): boolean {
  if ((outliers.until[place] ?? 0) <= now) return false;
  return outliers.until.length - avoided(outliers, now) >= outliers.ejection.fewestWell;
}

/**
 * What became of an attempt at a peer.
 *
 * @param status of the answer, or {@link UNANSWERED}
 * @param now in seconds
 * @returns whether a peer is avoided from now on
 */
export function noteAttempt(outliers: Outliers, place: number, status: number, now: number): boolean {
  const isTooMany = countInRow(outliers, place, status);
  const fails = status === UNANSWERED || status >= SERVER_ERROR;
  if (!fails && (outliers.until[place] ?? 0) <= now) outliers.times[place] = 0;
  const ejects = isTooMany && eject(outliers, place, now);
  return noteShare(outliers, place, fails, now) || ejects;
}

/** @returns whether there were too many of one kind */
function countInRow(outliers: Outliers, place: number, status: number): boolean {
  const { ejection, serverErrors, gatewayErrors, unanswered } = outliers;
  const isApart = ejection.unanswered !== undefined;
  if (isApart && status === UNANSWERED) return another(unanswered, place, true, ejection.unanswered);
  if (isApart) another(unanswered, place, false, 0);
  const isGatewayError = status === UNANSWERED || (status >= BAD_GATEWAY && status <= GATEWAY_TIMEOUT);
  const byGateway = another(gatewayErrors, place, isGatewayError, ejection.gatewayErrors);
  return another(serverErrors, place, isGatewayError || status >= SERVER_ERROR, ejection.serverErrors) || byGateway;
}

function another(counts: number[], place: number, isOne: boolean, most: number | undefined): boolean {
  const count = isOne ? (counts[place] ?? 0) + 1 : 0;
  counts[place] = count;
  return most !== undefined && most > 0 && count >= most;
}

/** @returns whether an interval is over that ends so for a peer */
function noteShare(outliers: Outliers, place: number, fails: boolean, now: number): boolean {
  const { ejection, attempts, failed } = outliers;
  if (ejection.failures === undefined) return false;
  let ejects = false;
  if (now >= outliers.intervalEnd) {
    if (outliers.intervalEnd > 0) ejects = endInterval(outliers, ejection.failures.percent, now);
    outliers.intervalEnd = now + ejection.failures.intervalMs / MS;
  }
  attempts[place] = (attempts[place] ?? 0) + 1;
  if (fails) failed[place] = (failed[place] ?? 0) + 1;
  return ejects;
}

function endInterval(outliers: Outliers, percent: number, now: number): boolean {
  const { attempts, failed, leastAttempts } = outliers;
  let counting = 0;
  for (const count of attempts) if (count >= leastAttempts) counting++;
  let ejects = false;
  for (let place = 0; place < attempts.length; place++) {
    const [made, lost] = [attempts[place] ?? 0, failed[place] ?? 0];
    attempts[place] = 0;
    failed[place] = 0;
    if (counting < LEAST_PEERS || made < leastAttempts || lost * 100 < made * percent) continue;
    ejects = eject(outliers, place, now) || ejects;
  }
  return ejects;
}

/** @returns false where it is avoided already, or where too many are */
function eject(outliers: Outliers, place: number, now: number): boolean {
  const { ejection, times, until } = outliers;
  if ((until[place] ?? 0) > now) return false;
  if (avoided(outliers, now) >= Math.max(1, Math.floor((until.length * ejection.mostPercent) / 100))) return false;
  const time = (times[place] ?? 0) + 1;
  times[place] = time;
  until[place] = now + (ejection.baseMs / MS) * time;
  outliers.serverErrors[place] = 0;
  outliers.gatewayErrors[place] = 0;
  outliers.unanswered[place] = 0;
  return true;
}

function avoided({ until }: Outliers, now: number): number {
  let count = 0;
  for (const end of until) if (end > now) count++;
  return count;
}

function zeros(count: number): number[] {
  const list: number[] = [];
  for (let place = 0; place < count; place++) list.push(0);
  return list;
}
