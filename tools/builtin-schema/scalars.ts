/** Types that are not what their declaration says: `interface RawExtension {}` is any object, `type Time = string` a date. */
export function scalarOf(name: string): Record<string, unknown> | undefined {
  return SCALARS[name];
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';
const ANYTHING = { 'x-kubernetes-preserve-unknown-fields': true };

const SCALARS: Readonly<Record<string, Record<string, unknown>>> = {
  [`${META}.Time`]: { type: 'string', format: 'date-time' },
  [`${META}.MicroTime`]: { type: 'string', format: 'date-time' },
  [`${META}.FieldsV1`]: { type: 'object', ...ANYTHING },
  [`${META}.Patch`]: { type: 'object', ...ANYTHING },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': { type: 'object', ...ANYTHING },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: 'string', format: 'quantity' },
  [`${EXTENSIONS}.JSON`]: ANYTHING,
  [`${EXTENSIONS}.CustomResourceSubresourceStatus`]: { type: 'object', ...ANYTHING },
};
