/** What requests may look like, and who sends them. */
import { byteAt, slice } from '#platform';

export interface RequestFormStep {
  readonly type: 'requestForm';
  readonly slashes?: 'reject' | 'redirect' | 'replace';
  readonly rejectsUnderscores?: true;
}

/** A request whose body has not come to its end after this long is answered 408. */
export interface RequestDeadlineStep {
  readonly type: 'requestDeadline';
  readonly ms: number;
}

export interface ClientFromHeaderStep {
  readonly type: 'clientFromHeader';
  /** Lower case. */
  readonly name: string;
  readonly required: boolean;
}

const PERCENT = 37;
const QUESTION_MARK = 63;
const TWO = 50;
const FIVE = 53;

/**
 * The target of a request with `/` in place of every `%2F` and `%5C` of its path; the query stays.
 *
 * @returns undefined when there is none
 */
export function withPlainSlashes(target: string): string | undefined {
  let plain = '';
  let from = 0;
  let position = 0;
  for (;;) {
    const byte = byteAt(target, position);
    if (byte === undefined || byte === QUESTION_MARK) break;
    if (byte === PERCENT && isSlash(byteAt(target, position + 1), byteAt(target, position + 2))) {
      plain = `${plain}${slice(target, from, position)}/`;
      from = position + 3;
      position = from;
    } else position++;
  }
  return from === 0 ? undefined : plain + slice(target, from, target.length);
}

/** `2F`, `2f`, `5C`, `5c`. */
function isSlash(first: number | undefined, second: number | undefined): boolean {
  if (first === TWO) return second === 70 || second === 102;
  return first === FIVE && (second === 67 || second === 99);
}
