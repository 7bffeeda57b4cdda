/** Errors that another group answers. Source: ingress-nginx, "Custom HTTP Errors". */
export interface ErrorPages {
  /** Id of a group record; spoken to in clear text. */
  readonly group: string;
  /** From 400 to 599. */
  readonly statuses: readonly number[];
  readonly origin: ErrorOrigin;
}

/** What the endpoints of that group are told about those they stand in for. */
export interface ErrorOrigin {
  readonly namespace: string;
  readonly name: string;
  readonly service: string;
  readonly servicePort: string;
}

export function hasPage(pages: ErrorPages | undefined, status: number): boolean {
  if (pages === undefined) return false;
  for (const one of pages.statuses) if (one === status) return true;
  return false;
}
