/** Names of months and days that stand for their numbers. */
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: Readonly<Record<string, number>>;
}

const BOUNDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: Object.fromEntries(MONTHS.map((name, index) => [name, index + 1])) },
  { min: 0, max: 6, names: Object.fromEntries(DAYS.map((name, index) => [name, index])) },
];

const DESCRIPTORS: ReadonlySet<string> = new Set([
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
]);

/**
 * What is wrong with the schedule of a CronJob: five fields, or `@daily` and the like. Undefined when nothing is.
 *
 * Source: the parser that Kubernetes uses, github.com/robfig/cron/v3, ParseStandard.
 */
export function cronProblem(schedule: string): string | undefined {
  const text = schedule.replace(/^(?:CRON_)?TZ=\S* +/, '');
  if (text.startsWith('@')) {
    if (DESCRIPTORS.has(text)) return undefined;
    if (text.startsWith('@every ')) {
      return /^(?:\d+(?:\.\d+)?(?:ns|us|ms|s|m|h))+$/.test(text.slice('@every '.length))
        ? undefined
        : `failed to parse duration ${text}`;
    }
    return `unrecognized descriptor: ${text}`;
  }
  const fields = text.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== BOUNDS.length) {
    return `expected exactly ${BOUNDS.length} fields, found ${fields.length}: [${fields.join(' ')}]`;
  }
  for (const [index, bounds] of BOUNDS.entries()) {
    const problem = (fields[index] ?? '').split(',').map((range) => rangeProblem(range, bounds));
    const first = problem.find((each) => each !== undefined);
    if (first !== undefined) return first;
  }
  return undefined;
}

/** `5`, `*`, `1-5`, `mon-fri`, and a step `/2` after each. */
function rangeProblem(range: string, { min, max, names = {} }: Bounds): string | undefined {
  const [span = '', stepText, ...more] = range.split('/');
  if (more.length > 0) return `too many slashes: ${range}`;
  const [low = '', high, ...rest] = span.split('-');
  if (rest.length > 0) return `too many hyphens: ${range}`;
  const numberOf = (text: string): number =>
    names[text.toLowerCase()] ?? (/^\d+$/.test(text) ? Number(text) : Number.NaN);
  const isAll = low === '*' || low === '?';
  const start = isAll ? min : numberOf(low);
  const end = high === undefined ? (isAll || stepText !== undefined ? max : start) : numberOf(high);
  for (const [number, text] of [
    [start, low],
    [end, high ?? low],
  ] as const) {
    if (Number.isNaN(number))
      return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  }
  const step = stepText === undefined ? 1 : numberOf(stepText);
  if (Number.isNaN(step)) {
    return `failed to parse int from ${stepText}: strconv.Atoi: parsing ${JSON.stringify(stepText)}: invalid syntax`;
  }
  if (start < min) return `beginning of range (${start}) below minimum (${min}): ${range}`;
  if (end > max) return `end of range (${end}) above maximum (${max}): ${range}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${range}`;
  return step === 0 ? `step of range should be a positive number: ${range}` : undefined;
}
