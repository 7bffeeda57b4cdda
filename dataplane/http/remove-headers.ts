import { compileHeaderNames, isRemoved, type RemoveHeadersStep } from '../policy/remove-headers.ts';
import type { RequestWork, ResponseWork } from './work.ts';

export function removeRequestHeaders({ names }: RemoveHeadersStep): RequestWork {
  const tests = compileHeaderNames(names);
  return () => {
    for (const name in ngx.req.get_headers(0, true)) if (isRemoved(tests, name)) ngx.req.clear_header(name);
    return undefined;
  };
}

export function removeAnswerHeaders({ names }: RemoveHeadersStep): ResponseWork {
  const tests = compileHeaderNames(names);
  return () => {
    for (const name in ngx.resp.get_headers(0, true)) if (isRemoved(tests, name)) ngx.header[name] = undefined;
  };
}
