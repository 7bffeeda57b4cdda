/** What is done to the requests of a route and their answers, beside forwarding. */
import type { ForwardAuthStep, PasswordAuthStep, RefuseStep, SourceRangeStep } from './auth.ts';
import type { TemplatePart } from './template.ts';

/** In the order of the list. One that only one kind of request needs costs the others nothing. */
export type Step =
  | RequestHeadersStep
  | ResponseHeadersStep
  | RefuseStep
  | SourceRangeStep
  | PasswordAuthStep
  | ForwardAuthStep;

export interface RequestHeadersStep {
  readonly type: 'requestHeaders';
  readonly changes: readonly HeaderChange[];
}

export interface ResponseHeadersStep {
  readonly type: 'responseHeaders';
  readonly changes: readonly HeaderChange[];
}

export type HeaderChange =
  | { readonly op: 'set' | 'add'; readonly name: string; readonly value: readonly TemplatePart[] }
  | { readonly op: 'remove'; readonly name: string }
  /** Without effect while the variable has no value. */
  | { readonly op: 'copy'; readonly name: string; readonly variable: string; readonly append: boolean };
