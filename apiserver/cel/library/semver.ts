import { global, member, type Overload, traversal } from '../declaration.ts';
import { EvaluationError, NUMBER_LENGTH_MAX, Opaque } from '../value.ts';

/*
 * Semantic versions.
 *
 * Source: apiserver pkg/cel/library/semverlib.go; semver.org 2.0.0.
 */

const TYPE = 'kubernetes.Semver';
const NUMBER = '(0|[1-9]\\d*)';
const WORD = '(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)';
const TEXT = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${WORD}(?:\\.${WORD})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);

class Semver extends Opaque {
  override readonly typeName = TYPE;
  readonly numbers: readonly bigint[];
  readonly before: readonly string[];

  constructor(numbers: readonly bigint[], before: readonly string[]) {
    super();
    this.numbers = numbers;
    this.before = before;
  }

  override equals(other: Opaque): boolean {
    return other instanceof Semver && order(this, other) === 0;
  }
}

function parse(text: string, normalize = false): Semver | undefined {
  if (text.length > NUMBER_LENGTH_MAX) return undefined;
  const match = TEXT.exec(normalize ? normalized(text) : text);
  if (match === null) return undefined;
  const numbers = match.slice(1, 4).map(BigInt);
  if (numbers.some((each) => each >= 2n ** 64n)) return undefined;
  return new Semver(numbers, match[4]?.split('.') ?? []);
}

/** `v1.02` -> `1.2.0` */
function normalized(text: string): string {
  const [, version = '', rest = ''] = /^v?([\d.]*)(.*)$/s.exec(text.trim()) ?? [];
  const parts = version.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length < 3 && rest === '') parts.push('0');
  return parts.join('.') + rest;
}

function semver(text: string, normalize = false): Semver {
  const version = parse(text, normalize);
  if (version !== undefined) return version;
  throw new EvaluationError(`No Major.Minor.Patch elements found`);
}

function order(a: Semver, b: Semver): number {
  for (const [index, number] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (a.before.length === 0 || b.before.length === 0)
    return Number(a.before.length === 0) - Number(b.before.length === 0);
  for (const [index, word] of a.before.entries()) {
    const other = b.before[index];
    if (other === undefined) return 1;
    const difference = wordOrder(word, other);
    if (difference !== 0) return difference;
  }
  return a.before.length < b.before.length ? -1 : 0;
}

function wordOrder(a: string, b: string): number {
  const numeric = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (numeric[0] !== numeric[1]) return numeric[0] ? -1 : 1;
  if (a === b) return 0;
  if (numeric[0]) return BigInt(a) < BigInt(b) ? -1 : 1;
  return a < b ? -1 : 1;
}

const PARSING = traversal();

export const SEMVER: readonly Overload[] = [
  global('semver', `string -> ${TYPE}`, (text: string) => semver(text), PARSING),
  global('semver', `string, bool -> ${TYPE}`, semver, PARSING),
  global('isSemver', 'string -> bool', (text: string) => parse(text) !== undefined, PARSING),
  global(
    'isSemver',
    'string, bool -> bool',
    (text: string, loose: boolean) => parse(text, loose) !== undefined,
    PARSING,
  ),
  member('isGreaterThan', `${TYPE}, ${TYPE} -> bool`, (a: Semver, b: Semver) => order(a, b) > 0),
  member('isLessThan', `${TYPE}, ${TYPE} -> bool`, (a: Semver, b: Semver) => order(a, b) < 0),
  member('compareTo', `${TYPE}, ${TYPE} -> int`, (a: Semver, b: Semver) => BigInt(order(a, b))),
  member('major', `${TYPE} -> int`, ({ numbers }: Semver) => numbers[0] ?? 0n),
  member('minor', `${TYPE} -> int`, ({ numbers }: Semver) => numbers[1] ?? 0n),
  member('patch', `${TYPE} -> int`, ({ numbers }: Semver) => numbers[2] ?? 0n),
];
