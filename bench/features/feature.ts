import type { FilterIR, RouteActionIR } from '@causeway/ir/gateway';

/** Something done to every request, by the rules of both proxies. */
export interface BenchFeature {
  readonly name: string;
  /** As an expert would write it for nginx by hand. */
  readonly nginx: {
    /** In the http block. */
    readonly http?: string;
    /** In each location; a list of add_header or proxy_set_header replaces the inherited one. */
    readonly location: string;
    /** Request headers beside those that all proxies send. */
    readonly requestHeaders?: string;
  };
  readonly filters: readonly FilterIR[];
  /** Instead of forwarding. */
  readonly action?: RouteActionIR;
  /** Headers of each request, by name. */
  readonly asked?: Readonly<Record<string, string>>;
}

/** A list of add_header replaces the inherited one. */
const VIA = 'add_header Via alb always;';

const CORS_LINES = `if ($request_method = OPTIONS) { return 204; }
    add_header Access-Control-Allow-Origin $allowed_origin always; add_header Access-Control-Allow-Credentials true always;
    add_header Access-Control-Allow-Methods "GET, PUT, POST, DELETE, PATCH, OPTIONS" always;
    add_header Access-Control-Allow-Headers "DNT,Content-Type,Authorization" always; add_header Vary Origin always;
    proxy_hide_header Access-Control-Allow-Origin; proxy_hide_header Access-Control-Allow-Credentials;
    proxy_hide_header Access-Control-Allow-Methods; proxy_hide_header Access-Control-Allow-Headers;
    proxy_hide_header Access-Control-Expose-Headers; `;

const CORS: BenchFeature = {
  name: 'CORS',
  nginx: {
    http: 'map $http_origin $allowed_origin { default ""; "https://a.com" $http_origin; "https://b.com" $http_origin; }',
    location: `${VIA} ${CORS_LINES}`,
  },
  filters: [
    {
      type: 'cors',
      allowOrigins: ['https://a.com', 'https://b.com'],
      allowMethods: ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'],
      allowHeaders: ['DNT', 'Content-Type', 'Authorization'],
      exposeHeaders: [],
      allowCredentials: true,
      maxAge: 1_728_000,
    },
  ],
  asked: { Origin: 'https://b.com' },
};

const ANSWER_LINES = 'add_header Strict-Transport-Security "max-age=63072000" always; proxy_hide_header X-Powered-By; ';

const HEADERS: BenchFeature = {
  name: 'headers',
  nginx: {
    location: `${VIA} ${ANSWER_LINES}`,
    requestHeaders: 'proxy_set_header X-Env bench; proxy_set_header X-User $cookie_user; proxy_set_header X-Gone "";',
  },
  filters: [
    {
      type: 'requestHeaders',
      changes: [
        { op: 'set', name: 'X-Env', value: ['bench'] },
        { op: 'copy', name: 'X-User', variable: 'cookie_user', append: false },
        { op: 'remove', name: 'X-Gone' },
      ],
    },
    {
      type: 'responseHeaders',
      changes: [
        { op: 'set', name: 'Strict-Transport-Security', value: ['max-age=63072000'] },
        { op: 'remove', name: 'X-Powered-By' },
      ],
    },
  ],
  asked: { Cookie: 'user=bob', 'X-Gone': '1' },
};

const REWRITE_LINE = 'rewrite ^/app-[0-9]+(/.*)$ $1 break; ';

const REWRITE: BenchFeature = {
  name: 'rewrite',
  nginx: { location: REWRITE_LINE },
  filters: [{ type: 'pathRewrite', pattern: '^/app-[0-9]+(/.*)$', replacement: [1], log: false }],
};

const REDIRECT: BenchFeature = {
  name: 'redirect',
  nginx: { location: 'return 308 https://$host$request_uri; ' },
  filters: [],
  action: { type: 'redirect', status: 308, to: { type: 'parts', scheme: 'https' } },
};

/** The bar of request processing: at most 1.35 times the cost of nginx that does the same. */
const COMBINED: BenchFeature = {
  name: 'CORS, headers and rewrite',
  nginx: {
    ...CORS.nginx,
    location: `${VIA} ${CORS_LINES} ${ANSWER_LINES} ${REWRITE_LINE}`,
    requestHeaders: HEADERS.nginx.requestHeaders ?? '',
  },
  filters: [...CORS.filters, ...REWRITE.filters, ...HEADERS.filters],
  asked: { ...CORS.asked, ...HEADERS.asked },
};

const NOTHING: BenchFeature = { name: 'nothing', nginx: { location: '' }, filters: [] };

/** In the order of the table. */
export const BENCH_FEATURES: readonly BenchFeature[] = [NOTHING, CORS, HEADERS, REWRITE, REDIRECT, COMBINED];
