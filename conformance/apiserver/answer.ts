import type { JsonValue } from '@causeway/apiserver/schema/json';

/** What a server said to one step. */
export type Answer = ResponseAnswer | EventsAnswer;

export interface ResponseAnswer {
  readonly status: number;
  /** Without parameters. */
  readonly contentType: string;
  readonly warnings: readonly string[];
  /** Parsed when it is JSON. */
  readonly body: JsonValue;
}

export interface EventsAnswer {
  readonly events: readonly JsonValue[];
}
