import { array, checked, integer, object, oneOf, optional, type Schema, string, type TypeOf } from '../meta/schema.ts';
import { backendReference } from './object-reference.ts';

const MOST_HEADERS = 64;
const FIELDS = { GRPC: 'grpc', HTTP: 'http' };

function headers(description: string): Schema<readonly string[]> {
  return array(description, string('Name.'), { maxItems: MOST_HEADERS, list: 'set' });
}

const fields = object('A service decides whether a request may pass.', {
  protocol: oneOf('How it is asked: by a request like the original one, or by Envoy’s gRPC protocol.', [
    'HTTP',
    'GRPC',
  ]),
  backendRef: backendReference,
  grpc: optional(
    object('For GRPC.', { allowedHeaders: optional(headers('Headers of the request that it is told; absent: all.')) }),
  ),
  http: optional(
    object('For HTTP.', {
      path: optional(
        string('Put before the path of the request.', {
          maxLength: 1024,
          pattern: "^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$",
        }),
      ),
      allowedHeaders: optional(
        headers('Headers of the request that it is told, beside Host, Method, Path, Content-Length and Authorization.'),
      ),
      allowedResponseHeaders: optional(headers('Headers of its answer that the backend gets; absent: all.')),
    }),
  ),
  forwardBody: optional(
    object('It is told the body too.', {
      maxSize: optional(integer('Largest part of it in bytes; absent or 0: none of it.')),
    }),
  ),
});
export type ExternalAuthFilter = TypeOf<typeof fields>;

export const externalAuthFilter: Schema<ExternalAuthFilter> = checked(
  fields,
  ...Object.entries(FIELDS).flatMap(([protocol, field]) => [
    {
      message: `${field} must be specified when protocol is set to '${protocol}'`,
      rule: `self.protocol != '${protocol}' || has(self.${field})`,
    },
    {
      message: `protocol must be '${protocol}' when ${field} is set`,
      rule: `!has(self.${field}) || self.protocol == '${protocol}'`,
    },
  ]),
);
