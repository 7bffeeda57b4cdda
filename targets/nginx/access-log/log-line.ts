import { operatorValue, type ReadValue, requestValue } from '@causeway/dataplane/policy/operator';
import type { LogConditionIR, LogFormatIR, LogLineIR, OperatorTextIR, RequestValueIR } from '@causeway/ir/gateway';
import type { LogValue } from './log-values.ts';

/** Reports whether a request has this line. */
export function hasLine({ matches }: LogLineIR, read: ReadValue): boolean {
  return matches.length === 0 || matches.some((condition) => holds(condition, read));
}

/** The line of a request, with its end. */
export function logLine(format: LogFormatIR, read: ReadValue): string {
  const said = lineParts(format, read);
  const text = typeof said === 'string' ? said : JSON.stringify(said);
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** What a line says: a text, or fields by name. */
export function lineParts(format: LogFormatIR, read: ReadValue): string | Readonly<Record<string, LogFieldValue>> {
  if (format.type === 'text') return oneLine(textOf(format.text, read));
  const fields = Object.entries(format.fields).map(([name, text]) => [name, fieldOf(text, read)] as const);
  return Object.fromEntries(fields);
}

/** null: absent. */
export type LogFieldValue = string | number | null;

/** What clients send must not look like another line; line ends of the format itself stay. */
function oneLine(parts: readonly { readonly text: string; readonly fixed: boolean }[]): string {
  return parts.map(({ text, fixed }) => (fixed ? text : text.replaceAll(CONTROL, escaped))).join('');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped
const CONTROL = /[\u0000-\u001f\u007f]/g;

function escaped(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** Absent values are `-`. Source: Envoy, access log format strings. */
function textOf(text: OperatorTextIR, read: ReadValue) {
  return text.map((part) =>
    typeof part === 'string'
      ? { text: part, fixed: true }
      : { text: String(operatorValue(part, read) ?? '-'), fixed: false },
  );
}

/** One value alone keeps its type, and is null when it is absent. Source: Envoy, access log format dictionaries. */
function fieldOf(text: OperatorTextIR, read: ReadValue): LogFieldValue {
  const [first, ...others] = text;
  if (first !== undefined && typeof first !== 'string' && others.length === 0)
    return operatorValue(first, read) ?? null;
  return textOf(text, read)
    .map((part) => part.text)
    .join('');
}

/** What a worker told of a request, or what follows from it. */
export function lineValue(name: RequestValueIR, read: ReadValue): LogValue {
  return requestValue(name, undefined, read);
}

/** A value that is absent fulfils nothing but `!=`. */
function holds(condition: LogConditionIR, read: ReadValue): boolean {
  switch (condition.type) {
    case 'and':
      return condition.of.every((each) => holds(each, read));
    case 'or':
      return condition.of.some((each) => holds(each, read));
    case 'not':
      return !holds(condition.of, read);
    case 'present':
      return lineValue(condition.value, read) !== undefined;
    case 'compare': {
      const { operator, with: other } = condition;
      const value = lineValue(condition.value, read);
      if (value === undefined) return operator === '!=';
      return typeof other === 'number'
        ? compare(operator, Number(value), other)
        : compare(operator, String(value), other);
    }
  }
}

type Operator = Extract<LogConditionIR, { type: 'compare' }>['operator'];

function compare<T extends string | number>(operator: Operator, value: T, other: T): boolean {
  switch (operator) {
    case '==':
      return value === other;
    case '!=':
      return value !== other;
    case '<':
      return value < other;
    case '<=':
      return value <= other;
    case '>':
      return value > other;
    case '>=':
      return value >= other;
    case 'startsWith':
      return String(value).startsWith(String(other));
    case 'endsWith':
      return String(value).endsWith(String(other));
    case 'contains':
      return String(value).includes(String(other));
  }
}
