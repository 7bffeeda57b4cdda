import type { JsonValue } from '@causeway/apiserver/schema/json';

/**
 * Requests in an order, and watches meanwhile: one behaviour of the API. Texts may hold `<<ns>>`, the namespace of the sequence, and
 * `<<name.metadata.uid>>`, a value of the answer to the step of that name; a text that is nothing else becomes the value itself.
 */
export interface Sequence {
  /** Unique; `topic/behaviour`. */
  readonly name: string;
  readonly steps: readonly Step[];
}

export type Step = RequestStep | WatchStep | EventsStep;

export interface RequestStep {
  /** For placeholders of later steps. */
  readonly name?: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** A text is sent as it is, anything else as JSON. */
  readonly body?: JsonValue;
  /** application/json when there is a body and nothing else is said. */
  readonly contentType?: string;
  readonly accept?: string;
  readonly as?: User;
  /** Repeated until the answer has this status: for what servers do after they answered. Only the last answer counts. */
  readonly until?: number;
  /** What the answer says is not compared: it prepares what the sequence is about. */
  readonly unseen?: true;
}

/** Impersonated by the administrator. */
export interface User {
  readonly name: string;
  readonly groups?: readonly string[];
}

/** Begins a watch, which ends with the sequence. */
export interface WatchStep {
  readonly watch: string;
  readonly path: string;
  readonly accept?: string;
}

/** Waits for this many further events of a watch. */
export interface EventsStep {
  readonly events: string;
  readonly count: number;
}
