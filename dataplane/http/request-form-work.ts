import { indexOf } from '#platform';
import { type ClientFromHeaderStep, type RequestFormStep, withPlainSlashes } from '../policy/request-form.ts';
import type { Answer } from './exchange.ts';
import { setPath } from './path-rewrite.ts';
import { currentRequest } from './request.ts';
import type { RequestWork } from './work.ts';

const ODD_NAME: Answer = { status: 400, reason: 'InvalidRequest : a header with _ in its name' };
const ODD_PATH: Answer = { status: 400, reason: 'InvalidRequest : an escaped slash in the path' };
const NO_CLIENT: Answer = { status: 403, reason: 'AccessDenied : no header tells the address of the client' };

export function underscoresWork(): RequestWork {
  return () => {
    for (const name in ngx.req.get_headers(0, true)) if (indexOf(name, '_', 0) >= 0) return ODD_NAME;
    return undefined;
  };
}

export function slashesWork(slashes: NonNullable<RequestFormStep['slashes']>): RequestWork {
  return () => {
    const plain = withPlainSlashes(currentRequest.target());
    if (plain === undefined) return undefined;
    if (slashes === 'reject') return ODD_PATH;
    if (slashes === 'redirect') {
      const location = `${currentRequest.scheme()}://${ngx.var['http_host'] ?? currentRequest.host()}${plain}`;
      return { status: 307, reason: '', headers: { location } };
    }
    // nginx has unescaped all of it, but a backslash is one to it.
    const [path] = string.gsub(currentRequest.path(), '\\', '/');
    setPath(path);
    return undefined;
  };
}

/** What else reads the address of the client comes later: a map of nginx.conf makes it of this variable. */
export function clientFromHeader({ name, required }: ClientFromHeaderStep): RequestWork {
  return () => {
    const [address] = string.match(currentRequest.header(name) ?? '', '^%s*([%x.:]+)%s*$');
    if (address === undefined) return required ? NO_CLIENT : undefined;
    ngx.var['causeway_told_client'] = address;
    return undefined;
  };
}
