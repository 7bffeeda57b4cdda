/** Headers that tell an endpoint which error it is to answer, and in whose place. Source: ingress-nginx, "Custom errors". */
import type { ErrorOrigin } from '../policy/error-pages.ts';
import { requestId } from '../policy/template.ts';
import { currentRequest } from './request.ts';

/** Instead of what the client says under these names. */
export function tellError(status: number, origin: ErrorOrigin): void {
  const { set_header: set } = ngx.req;
  const format = currentRequest.header('accept');
  set('X-Code', `${status}`);
  if (format === undefined) ngx.req.clear_header('X-Format');
  else set('X-Format', format);
  set('X-Original-URI', currentRequest.target());
  set('X-Namespace', origin.namespace);
  set('X-Ingress-Name', origin.name);
  set('X-Service-Name', origin.service);
  set('X-Service-Port', origin.servicePort);
  set('X-Request-ID', requestId(currentRequest));
}
