import type { CorsConfig } from '@causeway/apis/gateway/cors';
import type { IngressFeature } from './ingress-feature.ts';

/** `enable-cors: "true"` and the settings beside it; without it they have no effect. Source: spec ALB-76, section 5.7. */
export const CORS_FEATURE: IngressFeature = {
  annotations: [
    'enable-cors',
    'cors-allow-origin',
    'cors-allow-methods',
    'cors-allow-headers',
    'cors-expose-headers',
    'cors-allow-credentials',
    'cors-max-age',
  ],
  byPath: [],
  translate: (read) => {
    if (read.value('enable-cors') !== true) return {};
    const origins = read.value('cors-allow-origin') ?? [];
    // Without a list every origin would be allowed: one that cannot be read must not mean that.
    if (read.mistake(['cors-allow-origin']) !== undefined) return {};
    const headers = read.value('cors-allow-headers') ?? [];
    const allowMethods = read.value('cors-allow-methods');
    const exposeHeaders = read.value('cors-expose-headers');
    const allowCredentials = read.value('cors-allow-credentials');
    const maxAge = read.value('cors-max-age');
    const cors: CorsConfig = {
      ...(allowMethods === undefined ? {} : { allowMethods }),
      ...(exposeHeaders === undefined ? {} : { exposeHeaders }),
      ...(allowCredentials === undefined ? {} : { allowCredentials }),
      ...(maxAge === undefined ? {} : { maxAge }),
    };
    return {
      spec: {
        enableCORS: true,
        ...(origins.length === 0 ? {} : { corsAllowOrigin: origins.join(',') }),
        ...(headers.length === 0 ? {} : { corsAllowHeaders: headers.join(',') }),
      },
      ...(Object.keys(cors).length === 0 ? {} : { config: { cors } }),
    };
  },
};
