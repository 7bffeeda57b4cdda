import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
/** Not repeated in front of every line. */
const HIDDEN = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'name', 'err', 'v']);

/**
 * One line of a program's log for people: `12:00:01.250 warn  agent: port 80 is taken port=80`.
 * What is not a JSON object (a crash report of Node) is passed on as it is.
 */
export function logLineText(line: string, program: string): string {
  const entry = parseEntry(line);
  if (entry === undefined) return `${program}: ${line}`;
  const { level, time, msg, err } = entry;
  const when = typeof time === 'number' ? new Date(time).toISOString().slice(11, 23) : '';
  const name = (typeof level === 'number' ? LEVELS[level] : undefined) ?? String(level);
  const fields = Object.entries(entry)
    .filter(([key]) => !HIDDEN.has(key))
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const problem = isRecord(err) ? `: ${String(err['message'])}` : '';
  return `${when} ${name.padEnd(5)} ${program}: ${String(msg ?? '')}${problem}${fields.join('')}`;
}

/** Writes every line of `from` to stderr as text. */
export function relayAsText(from: Readable, program: string): void {
  createInterface({ input: from, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
    process.stderr.write(`${logLineText(line, program)}\n`);
  });
}

function parseEntry(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
