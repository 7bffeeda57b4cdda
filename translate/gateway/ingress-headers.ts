import { ANNOTATION_PREFIX_ALB_RULE } from '@causeway/apis/gateway/labels';
import type { IngressFeature } from './ingress-feature.ts';

/** Changes to headers travel as annotations of the Rule, as ALB documents it (spec ALB-78); the Host has a field (ALB-74). */
export const HEADERS_FEATURE: IngressFeature = {
  annotations: ['rewrite-request', 'rewrite-response', 'upstream-vhost', 'connection-proxy-header'],
  byPath: [],
  translate: (read) => {
    const annotations: Record<string, string> = {};
    for (const name of ['rewrite-request', 'rewrite-response'] as const) {
      const text = read.value(name);
      if (text !== undefined) annotations[`${ANNOTATION_PREFIX_ALB_RULE}${name}`] = text;
    }
    const connectionHeader = read.value('connection-proxy-header');
    const vhost = read.value('upstream-vhost');
    return {
      annotations,
      ...(vhost === undefined ? {} : { spec: { vhost } }),
      ...(connectionHeader === undefined ? {} : { config: { connectionHeader } }),
    };
  },
};
