/** A text with variables: `$name` and `${name}`. */
export type Template = readonly TemplatePart[];
export type TemplatePart = string | { readonly variable: string };

/** Variables by name. Source: nginx, "Alphabetical index of variables"; spec ALB-78, ALB-82. */
const VARIABLES: ReadonlySet<string> = new Set([
  'args',
  'connection',
  'connection_requests',
  'content_length',
  'content_type',
  'document_uri',
  'escaped_request_uri',
  'first_forward',
  'first_forward_or_remote_addr',
  'host',
  'hostname',
  'is_args',
  'method',
  'msec',
  'pass_access_scheme',
  'query_string',
  'remote_addr',
  'remote_port',
  'remote_user',
  'req_id',
  'request_id',
  'request_length',
  'request_method',
  'request_uri',
  'scheme',
  'server_addr',
  'server_name',
  'server_port',
  'server_protocol',
  'ssl_cipher',
  'ssl_client_fingerprint',
  'ssl_client_i_dn',
  'ssl_client_s_dn',
  'ssl_client_serial',
  'ssl_client_verify',
  'ssl_protocol',
  'ssl_server_name',
  'time_iso8601',
  'time_local',
  'uri',
]);
const FAMILIES = /^(http|cookie|arg|param)_[A-Za-z0-9_-]+$/;

/** Reports whether requests have a variable of that name (it may be empty). */
export function isVariable(name: string): boolean {
  return VARIABLES.has(name) || FAMILIES.test(name);
}

/** @returns a text that says what is wrong: a variable that does not exist, or a `$` without one */
export function readTemplate(text: string): Template | string {
  const parts: TemplatePart[] = [];
  let rest = text;
  while (rest !== '') {
    const match = /\$(?:\{([A-Za-z0-9_-]*)\}|([A-Za-z0-9_]*))/.exec(rest);
    if (match === null) {
      parts.push(rest);
      break;
    }
    const name = match[1] ?? match[2] ?? '';
    if (name === '') return `has a $ without the name of a variable in ${JSON.stringify(text)}`;
    if (!isVariable(name)) return `has an unknown variable $${name}`;
    if (match.index > 0) parts.push(rest.slice(0, match.index));
    parts.push({ variable: name });
    rest = rest.slice(match.index + match[0].length);
  }
  return parts;
}
