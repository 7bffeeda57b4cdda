/** Answers that nginx makes itself because something failed: their page, and the header that says why (ALB-110). */
import type { Profile } from '../profile.ts';
import { indent, whole } from './directive.ts';

/** Statuses nginx makes itself and that get our page. */
const ERROR_STATUSES = [
  ...[400, 401, 403, 404, 405, 408, 411, 412, 413, 414, 415, 416, 421, 429, 494, 495, 496, 497],
  ...[500, 501, 502, 503, 504, 505, 507],
];
export const ERROR_PAGE = pageOf(ERROR_STATUSES);

/** Those that nginx makes while it forwards, and of which the backend rarely has more to say than our page. */
const FORWARDING_STATUSES = [413, 502, 504];

function pageOf(statuses: readonly number[]): string {
  return `error_page ${statuses.join(' ')} /.causeway/error;`;
}

/**
 * Lines of locations of a route some of whose errors other backends answer. Where answers of backends are read for that, nginx
 * would put our page in place of each error that is listed, and so only few of its own are.
 */
export function errorPageLines({ protocol, errors, repeatedStatuses = [] }: Profile): readonly string[] {
  if (errors === undefined && repeatedStatuses.length === 0) return [];
  const repeated = new Set(repeatedStatuses);
  const statuses = (errors?.statuses ?? []).filter((status) => !repeated.has(status));
  const intercept = errors?.intercept === true || repeated.size > 0;
  const others = (intercept ? FORWARDING_STATUSES : ERROR_STATUSES).filter(
    (status) => !statuses.includes(status) && !repeated.has(status),
  );
  return [
    ...(repeated.size === 0 ? [] : [`error_page ${[...repeated].map(whole).join(' ')} = @causeway_again;`]),
    ...statuses.map((status) => `error_page ${whole(status)} = @causeway_error_${whole(status)};`),
    ...(others.length === 0 ? [] : [pageOf(others)]),
    ...(intercept ? [`${protocol.startsWith('grpc') ? 'grpc' : 'proxy'}_intercept_errors on;`] : []),
  ];
}

/** Statuses with which nginx ends a request whose attempt failed. */
const FAILED_ATTEMPT = [500, 502, 504];

/**
 * Locations of requests that are sent again (dataplane/http/again.ts): where they wait, and one that no request enters, but whose error
 * pages count for attempts that brought no answer.
 *
 * @param work lines of the first that come first
 */
export function againLocations(work: readonly string[]): string {
  return `location @causeway_again {
${indent(work.join('\n'))}
  rewrite_by_lua_block { causeway.again() }
}
location @causeway_unreached {
  error_page ${FAILED_ATTEMPT.join(' ')} = @causeway_again;
}`;
}

/**
 * Locations to which requests go whose error other backends answer, one for each status (dataplane/http/custom-errors.ts).
 *
 * @param work lines of each location that come first
 */
export function customErrorLocations(profiles: readonly Profile[], work: readonly string[]): string {
  const statuses = new Set(profiles.flatMap(({ errors }) => errors?.statuses ?? []));
  return [...statuses]
    .sort((a, b) => a - b)
    .map(
      (status) => `location @causeway_error_${whole(status)} {
${indent(work.join('\n'))}
  rewrite_by_lua_block { causeway.customError(${whole(status)}) }
  proxy_set_body "";
  proxy_pass http://causeway_http;
}`,
    )
    .join('\n');
}

/** Every status that is registered or known to be used, from 400 on: a list is quicker than a look at each status as a text. */
const ERRORS = [
  ...range(400, 431),
  ...[440, 444, 449, 450, 451, 460, 463, 464, 494, 495, 496, 497, 498, 499],
  ...range(500, 511),
  ...[520, 521, 522, 523, 524, 525, 526, 527, 529, 530, 561, 598, 599],
];

/**
 * A reason set by us wins; otherwise the error came from the backend, or is nginx's own 502. Of another ALB behind this one the
 * reason is passed on: it knows more.
 */
export const ERROR_HEADER = `map $upstream_bytes_received $causeway_backend_bytes {
  default $upstream_bytes_received;
  "~(?<n>\\d+)$" $n;
  "" 0;
}
map $upstream_http_x_alb_err_reason $causeway_backend_reason {
  "" "BackendError : read $causeway_backend_bytes byte data from backend";
  default $upstream_http_x_alb_err_reason;
}
map $causeway_reason $causeway_error_reason {
  "" $causeway_backend_reason;
  default $causeway_reason;
}
more_set_headers -s '${ERRORS.join(' ')}' 'X-ALB-ERR-REASON: $causeway_error_reason';`;

/** The location of the page. @param work lines of the location that come first */
export function errorLocation(work: readonly string[]): string {
  return `location = /.causeway/error {
  internal;
${indent(work.join('\n'))}
  set $causeway_exit "";
  set $causeway_new_host "";
  set $causeway_new_connection "";
  set $causeway_cookie "";
  set $causeway_backend_name "";
  set $causeway_auth_cookies "";
  set $causeway_bytes_at_once 0;
  set $causeway_failed 1;
  if ($status = 504) {
    set $causeway_reason "TimeoutViaBackend : no answer from backend in time";
  }
  if ($status = 413) {
    set $causeway_reason "RequestTooLarge : the body is larger than allowed";
  }
  default_type text/plain;
  return 200 "X-Error: $status\\n";
}`;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
