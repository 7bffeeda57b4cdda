import type { Facts } from './facts.ts';

/** What must be there, where that changed after 1.30 or the declarations lost it. */
export const REQUIRED: Facts = {
  'admissionregistration.v1.ValidatingAdmissionPolicyBindingList': required('items'),
  'admissionregistration.v1.ValidatingAdmissionPolicyList': required('items'),
  'apps.v1.StatefulSetSpec': required('selector', 'template'),
  'authorization.v1.ResourceRule': required('verbs'),
  'core.v1.HostAlias': required('ip'),
  'core.v1.HostIP': required('ip'),
  'core.v1.PodIP': required('ip'),
};

function required(...fields: readonly string[]): { readonly required: readonly string[] } {
  return { required: fields };
}
