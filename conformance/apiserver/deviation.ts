import type { JsonValue } from '@causeway/apiserver/schema/json';
import type { Answer } from './answer.ts';
import type { Sequence } from './sequence.ts';

/** A place where two servers said different things. */
export interface Deviation {
  readonly sequence: string;
  /** Counted from 0. */
  readonly step: number;
  /** `body.metadata.labels`; list items by their index. */
  readonly path: string;
  /** undefined: not there */
  readonly kubernetes: JsonValue | undefined;
  readonly causeway: JsonValue | undefined;
  /** All that Kubernetes answered to the step. */
  readonly answer: Answer | undefined;
}

/** Both normalized. */
export function deviationsOf(
  sequence: Sequence,
  kubernetes: readonly (Answer | undefined)[],
  causeway: readonly (Answer | undefined)[],
): readonly Deviation[] {
  const found: Deviation[] = [];
  for (const step of sequence.steps.keys()) {
    const add = (path: string, expected: JsonValue | undefined, actual: JsonValue | undefined): void =>
      void found.push({
        sequence: sequence.name,
        step,
        path,
        kubernetes: expected,
        causeway: actual,
        answer: kubernetes[step],
      });
    compare('', asJson(kubernetes[step]), asJson(causeway[step]), add);
  }
  return found;
}

/** One line for a reader. */
export function deviationText({ sequence, step, path, kubernetes, causeway }: Deviation): string {
  return `${sequence} [${step}] ${path}: ${shown(kubernetes)} <> ${shown(causeway)}`;
}

type Add = (path: string, expected: JsonValue | undefined, actual: JsonValue | undefined) => void;

function compare(path: string, expected: JsonValue | undefined, actual: JsonValue | undefined, add: Add): void {
  if (isCompound(expected) && isCompound(actual) && Array.isArray(expected) === Array.isArray(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      compare(path === '' ? key : `${path}.${key}`, entry(expected, key), entry(actual, key), add);
    }
  } else if (expected !== actual) add(path, expected, actual);
}

function isCompound(value: JsonValue | undefined): value is Exclude<JsonValue, string | number | boolean | null> {
  return typeof value === 'object' && value !== null;
}

function entry(value: object, key: string): JsonValue | undefined {
  return (value as Record<string, JsonValue | undefined>)[key];
}

function asJson(answer: Answer | undefined): JsonValue | undefined {
  return answer === undefined ? undefined : (JSON.parse(JSON.stringify(answer)) as JsonValue);
}

function shown(value: JsonValue | undefined): string {
  const text = value === undefined ? '(nothing)' : JSON.stringify(value);
  return text.length > 400 ? `${text.slice(0, 400)}...` : text;
}
