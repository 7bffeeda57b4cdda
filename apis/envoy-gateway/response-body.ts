import { localReference } from '../gateway-api/object-reference.ts';
import { checked, object, oneOf, optional, type Schema, string, type TypeOf } from '../meta/schema.ts';

const fields = object('What the answer says.', {
  type: optional(oneOf('Where it stands.', ['Inline', 'ValueRef'], { default: 'Inline' })),
  inline: optional(string('The text itself.')),
  valueRef: optional(localReference('A ConfigMap, with the text under response.body or under its only key.')),
});
export type ResponseBody = TypeOf<typeof fields>;

/** Text of an answer that is not the backend's. Source: Envoy Gateway v1.7, CustomResponseBody. */
export const responseBody: Schema<ResponseBody> = checked(
  fields,
  {
    message: 'inline must be set for type Inline',
    rule: "(!has(self.type) || self.type == 'Inline') ? has(self.inline) : true",
  },
  {
    message: 'valueRef must be set for type ValueRef',
    rule: "(has(self.type) && self.type == 'ValueRef') ? has(self.valueRef) : true",
  },
  {
    message: 'only ConfigMap is supported for ValueRef',
    rule: "has(self.valueRef) ? self.valueRef.kind == 'ConfigMap' : true",
  },
);
