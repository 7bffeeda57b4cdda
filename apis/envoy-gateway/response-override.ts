import { headerModifier } from '../gateway-api/header-modifier.ts';
import { portNumber, preciseHostname } from '../gateway-api/names.ts';
import { array, checked, integer, object, oneOf, oneOfNumbers, optional, string, type TypeOf } from '../meta/schema.ts';
import { httpStatus } from './http-status.ts';
import { responseBody } from './response-body.ts';

const status = httpStatus('Status.');

const statusCode = checked(
  object('Statuses.', {
    type: optional(oneOf('One, or all from one to another.', ['Value', 'Range'], { default: 'Value' })),
    value: optional(status),
    range: optional(
      checked(object('Both are among them.', { start: status, end: status }), {
        message: 'end must be greater than start',
        rule: 'self.end > self.start',
      }),
    ),
  }),
  {
    message: 'value must be set for type Value',
    rule: "(!has(self.type) || self.type == 'Value') ? has(self.value) : true",
  },
  {
    message: 'range must be set for type Range',
    rule: "(has(self.type) && self.type == 'Range') ? has(self.range) : true",
  },
);

const response = object('What the client gets.', {
  contentType: optional(string('Of the body; absent: text/plain.', { maxLength: 256 })),
  body: optional(responseBody),
  statusCode: optional(integer('Absent: as it is.', { minimum: 200, maximum: 599 })),
  header: optional(
    checked(headerModifier('Further headers of the answer.'), {
      message: 'Remove is not supported for header in CustomResponse',
      rule: '!has(self.remove) || size(self.remove) == 0',
    }),
  ),
});
export type OverridingResponse = TypeOf<typeof response>;

const redirect = object('The client is sent elsewhere.', {
  scheme: optional(oneOf('Scheme there; absent: the same.', ['http', 'https'])),
  hostname: optional(preciseHostname('Host there; absent: the same.')),
  path: optional(
    checked(
      object('Path there.', {
        type: oneOf('How it is made.', ['ReplaceFullPath', 'ReplacePrefixMatch']),
        replaceFullPath: optional(string('Path.', { maxLength: 1024 })),
      }),
      { message: 'only ReplaceFullPath is supported for path.type', rule: "self.type == 'ReplaceFullPath'" },
    ),
  ),
  port: optional(portNumber('Port there.')),
  statusCode: optional(oneOfNumbers('Of the answer.', [301, 302], { default: 302 })),
});

/** Other answers than those of the backend, and of the Gateway itself. Source: GW-45; Envoy Gateway v1.7, ResponseOverride. */
export const responseOverrides = array(
  'Other answers, of which the first counts that is for a status.',
  checked(
    object('One.', {
      match: object('Which answers.', {
        statusCodes: array('By their statuses.', statusCode, { minItems: 1, maxItems: 50 }),
      }),
      response: optional(response),
      redirect: optional(redirect),
    }),
    {
      message: 'exactly one of response or redirect must be specified',
      rule: 'has(self.response) != has(self.redirect)',
    },
  ),
);
export type ResponseOverride = TypeOf<typeof responseOverrides>[number];
