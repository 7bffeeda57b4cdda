import type { BackendIR } from './backend.ts';
import type { ContentIR } from './content.ts';
import type { RedirectIR } from './redirect.ts';

/** Errors that other backends answer, whatever path was asked for, or that get an answer of our own. */
export interface CustomErrorsIR {
  /** In ascending order, from 400 to 599; not empty. */
  readonly statuses: readonly number[];
  /** Also those that backends answer. */
  readonly intercept: boolean;
  /** Spoken to in clear text; one of them is chosen in turn. Empty with `answers`. */
  readonly backends: readonly BackendIR[];
  /** One for each of the statuses. */
  readonly answers?: readonly OwnErrorIR[];
}

/** Our answer in place of an error. */
export interface OwnErrorIR {
  readonly status: number;
  /** Status that the client sees; absent: the same. */
  readonly as?: number;
  readonly content?: ContentIR;
  /** Instead of a content. */
  readonly redirect?: RedirectIR;
}

/** What backends that stand in for others are told about these. */
export interface ErrorOriginIR {
  readonly namespace: string;
  /** Of the Ingress, or of the object that has the route. */
  readonly name: string;
  readonly service: string;
  readonly servicePort: string;
}
