/** Sends another query to the backend, after the path as the client sent it. */
import { type CData, copy } from 'ffi';
import { indexOf, slice } from '#platform';
import { requestStructure } from './nginx-request.ts';
import { nginx, type RequestStructure, type Span } from './nginx-structure.ts';
import { currentRequest } from './request.ts';

/** @param query without `?`; `''` for none. What was read of {@link currentRequest} before is not changed */
export function setQuery(query: string): void {
  const request = requestStructure();
  if (request === undefined) {
    ngx.req.set_uri_args(query);
    return;
  }
  const target = currentRequest.target();
  const mark = indexOf(target, '?', 0);
  const path = mark < 0 ? target : slice(target, 0, mark);
  write(request, request.args, query);
  write(request, request.unparsed_uri, query === '' ? path : `${path}?${query}`);
}

function write({ pool }: RequestStructure, span: Span, text: string): void {
  const bytes: CData | undefined = text === '' ? undefined : nginx.ngx_pnalloc(pool, text.length);
  if (bytes === undefined) {
    span.len = 0;
    return;
  }
  copy(bytes, text, text.length);
  span.data = bytes;
  span.len = text.length;
}
