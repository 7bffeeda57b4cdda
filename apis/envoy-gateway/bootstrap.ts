import { array, checked, object, oneOf, optional, string } from '../meta/schema.ts';
import { ofKubernetes } from './bundle.ts';

const jsonPatch = object('One change.', {
  op: oneOf('What is done.', ['add', 'remove', 'replace', 'move', 'copy', 'test']),
  path: optional(string('Where (RFC 6901).')),
  jsonPath: optional(string('Where (RFC 9535).')),
  from: optional(string('Whence, of a move or copy.')),
  value: optional(ofKubernetes('With what.')),
});

/** Source: Envoy Gateway v1.7, ProxyBootstrap. */
export const bootstrap = checked(
  object("Changes to Envoy's configuration. Not served.", {
    type: optional(oneOf('How they are made.', ['Merge', 'Replace', 'JSONPatch'], { default: 'Replace' })),
    value: optional(string('A configuration in YAML.')),
    jsonPatches: optional(array('Changes.', jsonPatch)),
  }),
  {
    message: "provided bootstrap patch doesn't match the configured patch type",
    rule: "self.type == 'JSONPatch' ? has(self.jsonPatches) && self.jsonPatches.size() > 0 : has(self.value)",
  },
);
