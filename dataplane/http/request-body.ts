/** The body of a request, as far as it is short enough to be told to others than the backend. */
import { currentRequest } from './request.ts';

/** Whether there may be one: HTTP/2 need not say so. */
export function hasBody(): boolean {
  const length = currentRequest.header('content-length');
  if (length !== undefined) return length !== '0';
  return currentRequest.header('transfer-encoding') !== undefined || ngx.var['server_protocol'] === 'HTTP/2.0';
}

/** @returns undefined when it is longer than `bytes`. Waits; `currentRequest` is another's afterwards until `beginRequest()`. */
export function readBody(bytes: number): string | undefined {
  const length = tonumber(currentRequest.header('content-length') ?? '0') ?? 0;
  if (length > bytes) return undefined;
  const data = bodyUpTo(bytes + 1);
  return data.length > bytes ? undefined : data;
}

/** @returns so many bytes at least, if there are; perhaps more */
function bodyUpTo(bytes: number): string {
  ngx.req.read_body();
  return ngx.req.get_body_data() ?? bodyInFile(bytes);
}

function bodyInFile(bytes: number): string {
  const name = ngx.req.get_body_file();
  if (name === undefined) return '';
  const [file] = io.open(name, 'rb');
  if (file === undefined) return '';
  const text = file.read(bytes) ?? '';
  file.close();
  return text;
}

/** What a service that judges a request is told of it; undefined: it is longer than allowed. Waits, as {@link readBody}. */
export function toldBody(bytes: number, cutsBody: true | undefined): string | undefined {
  if (!hasBody()) return '';
  return cutsBody === true ? string.sub(bodyUpTo(bytes), 1, bytes) : readBody(bytes);
}
