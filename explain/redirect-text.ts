import type { RedirectIR } from '@causeway/ir/gateway';

/** Where a redirect leads, whatever the request: `https://a.com:9090/x`, `https, all else as asked for`. */
export function redirectText({ to }: RedirectIR): string {
  if (to.type === 'location') return to.location;
  const { scheme, host, port, path } = to;
  const given = [
    ...(scheme === undefined ? [] : [scheme]),
    ...(host === undefined ? [] : [`host ${host}`]),
    ...(port === undefined ? [] : [`port ${port}`]),
    ...(path === undefined
      ? []
      : [path.type === 'full' ? `path ${path.path}` : `prefix ${path.prefix} replaced by ${path.replacement || '/'}`]),
  ];
  return `${given.join(', ')}, all else as asked for`;
}
