/** Which requests go to a canary, the same in nginx and in explain. Source: ingress-nginx, "Canary"; LIM-05. */
import { compileRegex, testRegex } from '#platform';
import type { RequestView } from './request-view.ts';

/** What of a request asks for the canary. */
export interface CanaryCriteria {
  /** With a value or pattern those ask for it, else `always` and `never` decide. */
  readonly header?: {
    /** Lower case. */
    readonly name: string;
    readonly value?: string;
    readonly pattern?: string;
  };
  /** Name of a cookie that says `always` or `never`. */
  readonly cookie?: string;
}

/** Sends some requests to another group; to the own one while that has no peer. */
export interface CanaryStep extends CanaryCriteria {
  readonly type: 'canary';
  /** Id of a group record. */
  readonly group: string;
  /** Of `total` requests that neither header nor cookie decide. */
  readonly weight: number;
  readonly total: number;
  /** Sessions stay on the side they began with. */
  readonly sticky: boolean;
}

/** What the request itself says: that it goes to the canary, that it does not, or nothing. */
export type CanaryWish = 'always' | 'never' | undefined;

/** @returns a function, so that the pattern is compiled once */
export function canaryWish({ header, cookie }: CanaryCriteria): (this: void, request: RequestView) => CanaryWish {
  const wanted = header?.value;
  const pattern = wanted === undefined ? header?.pattern : undefined;
  const regex = pattern === undefined ? undefined : compileRegex(pattern, false);
  const isSwitch = wanted === undefined && pattern === undefined;
  return (request) => {
    const value = header === undefined ? undefined : request.header(header.name);
    if (value !== undefined) {
      if (isSwitch) {
        if (value === 'always' || value === 'never') return value;
      } else if (value === wanted || (regex !== undefined && testRegex(regex, value))) {
        return 'always';
      }
    }
    const said = cookie === undefined ? undefined : request.cookie(cookie);
    return said === 'always' || said === 'never' ? said : undefined;
  };
}
