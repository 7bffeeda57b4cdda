/** Which requests a rule of an HTTPRoute is for. */
import { array, checked, object, oneOf, optional, string, type TypeOf, type ValidationRule } from '../meta/schema.ts';
import { headerName, headerValue } from './names.ts';

const MOST_CONDITIONS = 16;
const COMPARISON = ['Exact', 'RegularExpression'] as const;
const PATH_CHARACTERS = "^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$";

/** Every path, which is what a rule without matches is for. */
export const EVERY_PATH = { type: 'PathPrefix', value: '/' } as const;

const LITERAL = "['Exact', 'PathPrefix']";

function literalPath(message: string, condition: string): ValidationRule {
  return { message, rule: `!(self.type in ${LITERAL}) || ${condition}` };
}

const path = checked(
  object(
    'Condition on the path.',
    {
      type: optional(
        oneOf(
          'Exact; PathPrefix: by whole elements; RegularExpression: RE2, the whole path.',
          ['Exact', 'PathPrefix', 'RegularExpression'],
          { default: EVERY_PATH.type },
        ),
      ),
      value: optional(string('What the path is compared with.', { maxLength: 1024, default: EVERY_PATH.value })),
    },
    { default: EVERY_PATH },
  ),
  literalPath(
    `value must be an absolute path and start with '/' when type one of ${LITERAL}`,
    "self.value.startsWith('/')",
  ),
  ...['//', '/./', '/../', '%2f', '%2F', '#'].map((part) =>
    literalPath(`must not contain '${part}' when type one of ${LITERAL}`, `!self.value.contains('${part}')`),
  ),
  ...['/..', '/.'].map((part) =>
    literalPath(`must not end with '${part}' when type one of ${LITERAL}`, `!self.value.endsWith('${part}')`),
  ),
  {
    message: "type must be one of ['Exact', 'PathPrefix', 'RegularExpression']",
    rule: "self.type in ['Exact', 'PathPrefix', 'RegularExpression']",
  },
  literalPath(
    `must only contain valid characters (matching ${PATH_CHARACTERS}) for types ${LITERAL}`,
    `self.value.matches(r"""${PATH_CHARACTERS}""")`,
  ),
);

export const httpMatch = object('Conditions, all of which must hold.', {
  path: optional(path),
  headers: optional(
    array(
      'Headers of the request.',
      object('Condition on a header.', {
        type: optional(oneOf('How it is compared.', COMPARISON, { default: 'Exact' })),
        name: headerName('Name, without regard to case.'),
        value: headerValue('What it is compared with.'),
      }),
      { maxItems: MOST_CONDITIONS, list: ['name'] },
    ),
  ),
  queryParams: optional(
    array(
      'Parameters of the query.',
      object('Condition on a parameter.', {
        type: optional(oneOf('How it is compared.', COMPARISON, { default: 'Exact' })),
        name: headerName('Name, with regard to case.'),
        value: string('What it is compared with.', { minLength: 1, maxLength: 1024 }),
      }),
      { maxItems: MOST_CONDITIONS, list: ['name'] },
    ),
  ),
  method: optional(
    oneOf('Method of the request.', ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']),
  ),
});
export type HTTPRouteMatch = TypeOf<typeof httpMatch>;
