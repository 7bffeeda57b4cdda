/** The body of a request, as far as it is short enough to be told to others than the backend. */
import { currentRequest } from './request.ts';

export function hasBody(): boolean {
  const length = currentRequest.header('content-length');
  return (length !== undefined && length !== '0') || currentRequest.header('transfer-encoding') !== undefined;
}

/** @returns undefined when it is longer than `bytes`. Waits; `currentRequest` is another's afterwards until `beginRequest()`. */
export function readBody(bytes: number): string | undefined {
  const length = tonumber(currentRequest.header('content-length') ?? '0') ?? 0;
  if (length > bytes) return undefined;
  ngx.req.read_body();
  const data = ngx.req.get_body_data() ?? bodyInFile(bytes);
  return data.length > bytes ? undefined : data;
}

function bodyInFile(bytes: number): string {
  const name = ngx.req.get_body_file();
  if (name === undefined) return '';
  const [file] = io.open(name, 'rb');
  if (file === undefined) return '';
  const text = file.read(bytes + 1) ?? '';
  file.close();
  return text;
}
