/**
 * Changes of headers with operators of Envoy in their values. All values are made before the first header is changed, so that they say what
 * came, whatever the order of the changes.
 *
 * Source: Envoy v1.37, "Custom request/response headers".
 */
import type { HeaderChange } from '../policy/step.ts';
import { hasOperator, templateText } from '../policy/template.ts';
import { beginRequest, currentRequest } from './request.ts';

/** One change to the headers of the current request, or of its answer. */
export type Change = (this: void) => void;
export type HeaderWrite = 'set' | 'default' | 'add';
/** Of `set` without a value no header is left. */
type Write = (this: void, op: HeaderWrite, name: string, value: string | undefined) => void;

export function needOperators(changes: readonly HeaderChange[]): boolean {
  for (const change of changes) if (isFormatted(change)) return true;
  return false;
}

function isFormatted(change: HeaderChange): boolean {
  return 'value' in change && hasOperator(change.value);
}

/**
 * Where nothing comes of the operators of a value there is no such header: one that the client sent itself would be taken for it.
 *
 * @param plain one without operators
 */
export function formattedChanges(
  changes: readonly HeaderChange[],
  plain: (this: void, change: HeaderChange) => Change | undefined,
  write: Write,
): (this: void) => undefined {
  const plainOnes: (Change | false)[] = [];
  for (const change of changes) plainOnes.push(isFormatted(change) ? false : (plain(change) ?? nothing));
  return () => {
    beginRequest();
    const texts: string[] = [];
    for (let i = 0; i < changes.length; i++) {
      const change = changes[i];
      const isMade = plainOnes[i] === false && change !== undefined && 'value' in change;
      texts.push(isMade ? templateText(change.value, currentRequest) : '');
    }
    for (let i = 0; i < changes.length; i++) {
      const change = changes[i];
      const one = plainOnes[i];
      const text = texts[i] ?? '';
      if (one !== false) one?.();
      else if (change !== undefined && 'value' in change) {
        if (text !== '') write(change.op, change.name, text);
        else if (change.op === 'set') write('set', change.name, undefined);
      }
    }
    beginRequest();
    return undefined;
  };
}

function nothing(this: void): void {}
