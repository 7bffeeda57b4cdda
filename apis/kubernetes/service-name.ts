import type { ObjectKey } from '../meta/object.ts';

const NAME = /^([a-z0-9][-a-z0-9]*)\.([a-z0-9][-a-z0-9]*)\.svc(?:\.cluster\.local)?\.?$/;

/** The Service that is called `auth.default.svc`, perhaps with the domain of the cluster; undefined for other names. Source: Kubernetes, DNS for Services and Pods. */
export function serviceOfName(host: string): ObjectKey | undefined {
  const [, name, namespace] = NAME.exec(host.toLowerCase()) ?? [];
  return name === undefined || namespace === undefined ? undefined : { namespace, name };
}
