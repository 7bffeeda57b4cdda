import { child, element, type FieldError, invalid, notSupported, required } from '../field-error.ts';
import { type JsonObject, jsonEqual, listAt, objectAt, objectsAt, textAt } from '../json.ts';
import { dnsSubdomain, pathSegment } from '../names.ts';
import { labelSelectorErrors } from './label-selector.ts';
import type { KindRules } from './rules.ts';

const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** Source: Kubernetes pkg/apis/rbac/validation, ValidateRole. */
export const roleRules: KindRules = {
  checkName: pathSegment,
  keptLists: ['rules'],
  validate: (object) => ruleErrors(object, { namespaced: true }),
};

/** Source: Kubernetes pkg/apis/rbac/validation, ValidateClusterRole. */
export const clusterRoleRules: KindRules = {
  checkName: pathSegment,
  keptLists: ['rules'],
  validate(object) {
    const errors = [...ruleErrors(object, { namespaced: false })];
    const aggregation = objectAt(object, 'aggregationRule');
    if (aggregation !== undefined && listAt(aggregation, 'clusterRoleSelectors').length === 0) {
      errors.push(
        required(
          'aggregationRule.clusterRoleSelectors',
          'at least one clusterRoleSelector required if aggregationRule is non-nil',
        ),
      );
    }
    for (const [index, selector] of objectsAt(aggregation, 'clusterRoleSelectors').entries()) {
      const path = element('aggregationRule.clusterRoleSelectors', index);
      const problems = labelSelectorErrors(selector, path);
      if (problems.length > 0) errors.push(...problems, invalid(path, 'null', 'invalid label selector.'));
    }
    return errors;
  },
};

/** Source: Kubernetes pkg/apis/rbac/validation, ValidateRoleBinding and ValidateClusterRoleBinding, and pkg/apis/rbac/v1/defaults.go. */
export function bindingRules(scope: { readonly namespaced: boolean }): KindRules {
  const roleKinds = scope.namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  return {
    checkName: pathSegment,
    judgesAbsence: /^roleRef/,
    applyDefaults(object) {
      const reference = objectAt(object, 'roleRef');
      if (reference !== undefined && textAt(reference, 'apiGroup') === '') reference['apiGroup'] = RBAC_GROUP;
      for (const subject of objectsAt(object, 'subjects')) {
        const isUser = subject['kind'] === 'User' || subject['kind'] === 'Group';
        if (isUser && textAt(subject, 'apiGroup') === '') subject['apiGroup'] = RBAC_GROUP;
      }
    },
    validate(object, old) {
      const reference = objectAt(object, 'roleRef') ?? {};
      const errors: FieldError[] = [];
      const group = textAt(reference, 'apiGroup') || RBAC_GROUP;
      const kind = textAt(reference, 'kind');
      const name = textAt(reference, 'name');
      if (group !== RBAC_GROUP) errors.push(notSupported('roleRef.apiGroup', group, [RBAC_GROUP]));
      if (!roleKinds.includes(kind)) errors.push(notSupported('roleRef.kind', kind, roleKinds));
      if (name === '') errors.push(required('roleRef.name'));
      else {
        const problem = pathSegment(name);
        if (problem !== undefined) errors.push(invalid('roleRef.name', name, problem));
      }
      if (old !== undefined && !jsonEqual(old['roleRef'], object['roleRef'])) {
        errors.push(invalid('roleRef', reference, 'cannot change roleRef'));
      }
      const subjects = objectsAt(object, 'subjects');
      return [
        ...errors,
        ...subjects.flatMap((subject, index) => subjectErrors(subject, element('subjects', index), scope)),
      ];
    },
  };
}

function subjectErrors(
  subject: JsonObject,
  path: string,
  { namespaced }: { readonly namespaced: boolean },
): FieldError[] {
  const errors: FieldError[] = [];
  const name = textAt(subject, 'name');
  const group = textAt(subject, 'apiGroup');
  if (name === '') errors.push(required(child(path, 'name')));
  switch (subject['kind']) {
    case 'ServiceAccount': {
      const problem = name === '' ? undefined : dnsSubdomain(name);
      if (problem !== undefined) errors.push(invalid(child(path, 'name'), name, problem));
      if (group !== '') errors.push(notSupported(child(path, 'apiGroup'), group, ['']));
      if (!namespaced && textAt(subject, 'namespace') === '') errors.push(required(child(path, 'namespace')));
      break;
    }
    case 'User':
    case 'Group':
      if (group !== RBAC_GROUP) errors.push(notSupported(child(path, 'apiGroup'), group, [RBAC_GROUP]));
      break;
    default:
      errors.push(notSupported(child(path, 'kind'), textAt(subject, 'kind'), ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}

function ruleErrors(object: JsonObject, { namespaced }: { readonly namespaced: boolean }): readonly FieldError[] {
  return objectsAt(object, 'rules').flatMap((rule, index) => {
    const path = element('rules', index);
    const errors: FieldError[] = [];
    const has = (field: string): boolean => listAt(rule, field).length > 0;
    if (!has('verbs')) errors.push(required(child(path, 'verbs'), 'verbs must contain at least one value'));
    if (has('nonResourceURLs')) {
      const field = child(path, 'nonResourceURLs');
      if (namespaced)
        errors.push(invalid(field, rule['nonResourceURLs'], 'namespaced rules cannot apply to non-resource URLs'));
      if (has('apiGroups') || has('resources') || has('resourceNames')) {
        errors.push(
          invalid(field, rule['nonResourceURLs'], 'rules cannot apply to both regular resources and non-resource URLs'),
        );
      }
      return errors;
    }
    if (!has('apiGroups'))
      errors.push(required(child(path, 'apiGroups'), 'resource rules must supply at least one api group'));
    if (!has('resources'))
      errors.push(required(child(path, 'resources'), 'resource rules must supply at least one resource'));
    return errors;
  });
}
