import type { BackendIR } from './backend.ts';

/** Errors that other backends answer, whatever path was asked for. */
export interface CustomErrorsIR {
  /** In ascending order, from 400 to 599; not empty. */
  readonly statuses: readonly number[];
  /** Also those that backends answer. */
  readonly intercept: boolean;
  /** Spoken to in clear text; one of them is chosen in turn. */
  readonly backends: readonly BackendIR[];
}

/** What backends that stand in for others are told about these. */
export interface ErrorOriginIR {
  readonly namespace: string;
  /** Of the Ingress, or of the object that has the route. */
  readonly name: string;
  readonly service: string;
  readonly servicePort: string;
}
