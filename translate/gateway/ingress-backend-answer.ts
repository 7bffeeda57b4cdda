import type { ProxyCookieConfig } from '@causeway/apis/gateway/backend-answer';
import type { IngressFeature } from './ingress-feature.ts';

/** Source: spec section 5.7, LIM-14. */
export const BACKEND_ANSWER_FEATURE: IngressFeature = {
  annotations: ['proxy-cookie-domain', 'proxy-cookie-path', 'proxy-redirect-from', 'proxy-redirect-to'],
  byPath: [],
  translate: (read) => {
    const domain = read.value('proxy-cookie-domain') ?? 'off';
    const path = read.value('proxy-cookie-path') ?? 'off';
    const from = read.value('proxy-redirect-from') ?? 'off';
    const to = read.value('proxy-redirect-to');
    const proxyCookie: ProxyCookieConfig = {
      ...(domain === 'off' ? {} : { domain }),
      ...(path === 'off' ? {} : { path }),
    };
    return {
      config: {
        ...(Object.keys(proxyCookie).length === 0 ? {} : { proxyCookie }),
        ...(from === 'off' || from === 'default' || to === undefined ? {} : { proxyRedirect: { from, to } }),
      },
    };
  },
};
