/*
 * Fields of Kubernetes 1.30 that the package with the declarations lost. By the end of a definition's name.
 */

const RESOURCES = texts(
  "Resources that the rule is about: 'pods', 'pods/log', '*' for all without subresources, 'pods/*' for all subresources of pods, '*/scale' for the scale of all, '*/*' for everything. Required.",
);

const SCOPE = {
  description:
    "Which objects the rule is about: 'Cluster' for those without a namespace, 'Namespaced' for the others, '*' for all.",
  type: 'string',
};

function texts(description: string): object {
  return { description, type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'atomic' };
}

export const MISSING_FIELDS: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  'admissionregistration.v1.NamedRuleWithOperations': { resources: RESOURCES, scope: SCOPE },
  'admissionregistration.v1.RuleWithOperations': { resources: RESOURCES, scope: SCOPE },
  'authorization.v1.ResourceRule': {
    resources: texts("Resources that the rule is about; '*' stands for all of the API groups."),
    verbs: texts("What may be done with them; '*' stands for everything."),
  },
};
