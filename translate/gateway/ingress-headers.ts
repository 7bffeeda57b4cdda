import { ANNOTATION_PREFIX_ALB_RULE } from '@causeway/apis/gateway/labels';
import type { IngressFeature } from './ingress-feature.ts';

/** Changes to headers travel as annotations of the Rule, as ALB documents it (spec ALB-78); the Host has a field (ALB-74). */
export const HEADERS_FEATURE: IngressFeature = {
  annotations: ['rewrite-request', 'rewrite-response', 'upstream-vhost', 'connection-proxy-header', 'custom-headers'],
  byPath: [],
  translate: (read, _, { namespace }) => {
    const annotations: Record<string, string> = {};
    for (const name of ['rewrite-request', 'rewrite-response'] as const) {
      const text = read.value(name);
      if (text !== undefined) annotations[`${ANNOTATION_PREFIX_ALB_RULE}${name}`] = text;
    }
    const connectionHeader = read.value('connection-proxy-header');
    const customHeaders = read.value('custom-headers');
    const vhost = read.value('upstream-vhost');
    return {
      annotations,
      ...(vhost === undefined ? {} : { spec: { vhost } }),
      config: {
        ...(connectionHeader === undefined ? {} : { connectionHeader }),
        ...(customHeaders === undefined ? {} : { customHeaders: withNamespace(customHeaders, namespace) }),
      },
    };
  },
};

/** Without one it is that of the Ingress. */
function withNamespace(name: string, namespace: string): string {
  return name.includes('/') ? name : `${namespace}/${name}`;
}
