import { CLOSED_STATUS } from './client-connections.ts';
import type { Content } from './content.ts';
import type { Redirect } from './redirect.ts';

/** Errors that another group answers, or that get another answer of our own. Source: ingress-nginx, "Custom HTTP Errors". */
export interface ErrorPages {
  /** Id of a group record; spoken to in clear text. Absent: {@link answers} has one for each status. */
  readonly group?: string;
  /** From 400 to 599. */
  readonly statuses: readonly number[];
  /** With {@link group}. */
  readonly origin?: ErrorOrigin;
  readonly answers?: readonly PageAnswer[];
}

export interface PageAnswer {
  readonly status: number;
  /** That the client sees. */
  readonly as: number;
  readonly content?: Content;
  readonly redirect?: Redirect;
}

/** What the endpoints of that group are told about those they stand in for. */
export interface ErrorOrigin {
  readonly namespace: string;
  readonly name: string;
  readonly service: string;
  readonly servicePort: string;
}

export function pageAnswer(pages: ErrorPages, status: number): PageAnswer | undefined {
  if (pages.answers === undefined) return undefined;
  for (const one of pages.answers) if (one.status === status) return one;
  return undefined;
}

export function hasPage(pages: ErrorPages | undefined, status: number): boolean {
  if (pages === undefined || status === CLOSED_STATUS) return false;
  for (const one of pages.statuses) if (one === status) return true;
  return false;
}
