import type { AffinityIR, FilterIR, RouteActionIR } from '@causeway/ir/gateway';

/** Something done to every request, by the rules of both proxies. */
export interface BenchFeature {
  readonly name: string;
  /** As an expert would write it for nginx by hand. */
  readonly nginx: {
    /** In the http block. */
    readonly http?: string;
    /** In each location; a list of add_header or proxy_set_header replaces the inherited one. */
    readonly location: string;
    /** In the block of the upstream `backend`, before its servers. */
    readonly upstream?: string;
    /** Request headers beside those that all proxies send. */
    readonly requestHeaders?: string;
  };
  readonly filters: readonly FilterIR[];
  readonly affinity?: AffinityIR;
  /** Instead of forwarding. */
  readonly action?: RouteActionIR;
  /** Headers of each request, by name. */
  readonly asked?: Readonly<Record<string, string>>;
  /** Of the answers; 200 unless given. */
  readonly status?: number;
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

const REQUEST_HEADERS: BenchFeature = {
  name: 'request headers',
  nginx: {
    location: '',
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
  ],
  asked: { Cookie: 'user=bob', 'X-Gone': '1' },
};

const RESPONSE_HEADERS: BenchFeature = {
  name: 'response headers',
  nginx: { location: `${VIA} ${ANSWER_LINES}` },
  filters: [
    {
      type: 'responseHeaders',
      changes: [
        { op: 'set', name: 'Strict-Transport-Security', value: ['max-age=63072000'] },
        { op: 'remove', name: 'X-Powered-By' },
      ],
    },
  ],
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
  status: 308,
};

const ALLOW_LIST: BenchFeature = {
  name: 'allow list',
  nginx: { location: 'allow 10.0.0.0/8; allow 127.0.0.0/8; allow 192.168.0.0/16; deny all; ' },
  filters: [{ type: 'sourceRange', ranges: { allow: ['10.0.0.0/8', '127.0.0.0/8', '192.168.0.0/16'], deny: [] } }],
};

/** Never reached: what counting costs. */
const RATE_LIMIT: BenchFeature = {
  name: 'rate limit',
  nginx: {
    http: 'limit_req_zone $binary_remote_addr zone=rate:1m rate=1000000r/s;',
    location: 'limit_req zone=rate burst=1000000 nodelay; ',
  },
  filters: [
    {
      type: 'requestLimit',
      scope: 'bench',
      connectionsStatus: 503,
      rates: [{ count: 1_000_000, periodMs: 1000, burst: 1_000_000 }],
      ratesStatus: 503,
      exempt: [],
    },
  ],
};

const BODY_LIMIT: BenchFeature = {
  name: 'body limit',
  nginx: { location: 'client_max_body_size 64k; ' },
  filters: [{ type: 'bodyLimit', bytes: 65_536 }],
};

const COOKIE_AFFINITY: BenchFeature = {
  name: 'cookie affinity',
  nginx: { upstream: 'hash $cookie_session consistent;', location: '' },
  filters: [],
  affinity: { type: 'cookie', name: 'session' },
  asked: { Cookie: 'session=0123456789abcdef' },
};

/** The bar of request processing: at most 1.35 times the cost of nginx that does the same. */
const COMBINED: BenchFeature = {
  name: 'CORS, headers and rewrite',
  nginx: {
    ...CORS.nginx,
    location: `${VIA} ${CORS_LINES} ${ANSWER_LINES} ${REWRITE_LINE}`,
    requestHeaders: REQUEST_HEADERS.nginx.requestHeaders ?? '',
  },
  filters: [...CORS.filters, ...REWRITE.filters, ...REQUEST_HEADERS.filters, ...RESPONSE_HEADERS.filters],
  asked: { ...CORS.asked, ...REQUEST_HEADERS.asked },
};

const NOTHING: BenchFeature = { name: 'nothing', nginx: { location: '' }, filters: [] };

/** In the order of the table. */
export const BENCH_FEATURES: readonly BenchFeature[] = [
  NOTHING,
  REDIRECT,
  REWRITE,
  CORS,
  REQUEST_HEADERS,
  RESPONSE_HEADERS,
  ALLOW_LIST,
  RATE_LIMIT,
  BODY_LIMIT,
  COOKIE_AFFINITY,
  COMBINED,
];
