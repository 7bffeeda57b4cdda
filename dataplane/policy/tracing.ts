/**
 * Trace contexts of requests and which of them become spans, the same in nginx and in explain.
 *
 * Source: W3C Trace Context level 1; spec ALB-101.
 */
import { byteAt, slice } from '#platform';
import type { TemplatePart } from './template.ts';

export interface TracingStep {
  readonly type: 'tracing';
  /** Trace ids whose first 32 bits are below it are sampled: 0 for none, 2^32 for all. */
  readonly below: number;
  /** The flag of a trace that goes on decides instead. */
  readonly followsParent: boolean;
  /** Traces of requests go on; else every request begins one. */
  readonly trustIncoming: boolean;
  /** Of the spans. */
  readonly name: readonly TemplatePart[];
  readonly requestHeaders: boolean;
  readonly responseHeaders: boolean;
  /** Headers of requests that spans are to tell, in lower case; absent: none. */
  readonly taggedHeaders?: readonly string[];
}

/** `00-`, 32 digits of the trace, `-`, 16 of the span, `-`, 2 of the flags. */
const LENGTH = 55;

/** Reports whether the value of a `traceparent` header names a trace. Later versions may go on behind the flags. */
export function isTraceparent(text: string): boolean {
  if (text.length < LENGTH) return false;
  const version = slice(text, 0, 2);
  if (version === 'ff' || !isHex(text, 0, 2)) return false;
  if (text.length > LENGTH && (version === '00' || slice(text, LENGTH, LENGTH + 1) !== '-')) return false;
  if (byteAt(text, 2) !== 45 || byteAt(text, 35) !== 45 || byteAt(text, 52) !== 45) return false;
  return isId(text, 3, 35) && isId(text, 36, 52) && isHex(text, 53, 55);
}

/** Of what {@link isTraceparent} takes. */
export function traceIdOf(traceparent: string): string {
  return slice(traceparent, 3, 35);
}

export function spanIdOf(traceparent: string): string {
  return slice(traceparent, 36, 52);
}

/** Reports whether a request that is in a trace becomes a span. */
export function continuesSampled(step: TracingStep, traceparent: string): boolean {
  if (step.followsParent) return digit(byteAt(traceparent, 54) ?? 0) % 2 === 1;
  let bits = 0;
  for (let i = 3; i < 11; i++) bits = bits * 16 + digit(byteAt(traceparent, i) ?? 0);
  return bits < step.below;
}

/** Lower-case hexadecimal digits, not all of them 0. */
function isId(text: string, from: number, to: number): boolean {
  if (!isHex(text, from, to)) return false;
  for (let i = from; i < to; i++) if (byteAt(text, i) !== 48) return true;
  return false;
}

function isHex(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (digit(byteAt(text, i) ?? 0) < 0) return false;
  return true;
}

/** Negative for what is none. */
function digit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  return byte >= 97 && byte <= 102 ? byte - 87 : -1;
}
