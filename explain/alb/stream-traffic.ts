import type { MetricName } from '@causeway/targets/nginx/metric-family';
import type { MetricLine } from './metric-lines.ts';

/** What goes through a tcp or udp port; rates are per second. */
export interface StreamTraffic {
  readonly port: number;
  readonly protocol: string;
  /** Name of the Frontend. */
  readonly frontend: string;
  /** Sessions that are open now. */
  readonly open: number;
  /** Sessions that ended. */
  readonly sessions: number;
  /** Of these, those that reached no endpoint. */
  readonly failed: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Since the instances started to count. */
  readonly sessionsEver: number;
}

type Tally = { -readonly [Field in keyof StreamTraffic]: StreamTraffic[Field] };

const OPEN = 'causeway_stream_sessions' satisfies MetricName;
const ENDED = 'causeway_stream_sessions_total' satisfies MetricName;
const RECEIVED = 'causeway_stream_received_bytes_total' satisfies MetricName;
const SENT = 'causeway_stream_sent_bytes_total' satisfies MetricName;

/** Names of the metrics that {@link StreamTallies} adds up. */
export const STREAM_METRICS: readonly string[] = [OPEN, ENDED, RECEIVED, SENT];

export class StreamTallies {
  readonly #tallies = new Map<string, Tally>();

  /**
   * @param rate by which the counter grew in a second
   * @returns false when the line is not about layer 4
   */
  add({ name, labels, value }: MetricLine, rate: number): boolean {
    if (!STREAM_METRICS.includes(name)) return false;
    const tally = this.#of(labels);
    switch (name) {
      case OPEN:
        tally.open += value;
        break;
      case ENDED:
        tally.sessions += rate;
        tally.sessionsEver += value;
        if (labels['status'] !== '200') tally.failed += rate;
        break;
      case RECEIVED:
        tally.receivedBytes += rate;
        break;
      case SENT:
        tally.sentBytes += rate;
        break;
    }
    return true;
  }

  /** By port. */
  traffic(): readonly StreamTraffic[] {
    return [...this.#tallies.values()].sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1));
  }

  #of({ port = '', protocol = '', frontend = '' }: MetricLine['labels']): Tally {
    const key = `${protocol}:${port}`;
    let tally = this.#tallies.get(key);
    if (tally === undefined) {
      const none = { open: 0, sessions: 0, failed: 0, receivedBytes: 0, sentBytes: 0, sessionsEver: 0 };
      tally = { port: Number(port), protocol, frontend, ...none };
      this.#tallies.set(key, tally);
    }
    return tally;
  }
}
