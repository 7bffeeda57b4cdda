import { hash } from 'node:crypto';
import { peerMark, sessionValue } from '@causeway/dataplane/policy/session-cookie';
import type { FilterIR, ForwardIR, InstanceIR, RouteActionIR } from '@causeway/ir/gateway';

/** Stands for the port of a backend, in texts for nginx: what proxies ask beside the backends is one of these. */
const SERVICE_PORT = 'SERVICE_PORT';
/** Stands for the folder of nginx. */
const FOLDER = 'FOLDER';
/** Other backends of a route: the same servers, by another name. */
export const CANARY_ENDPOINTS = 'bench/canary:80';

/** Something done to every request, by the rules of both proxies. */
export interface BenchFeature {
  readonly name: string;
  /** As an expert would write it for nginx by hand. */
  readonly nginx: {
    /** In the http block. */
    readonly http?: string;
    /** In each server block. */
    readonly server?: string;
    /** Name of the upstream, or a variable; `backend` unless given. */
    readonly upstreamName?: string;
    /** Read by nginx in its folder, by name. */
    readonly files?: Readonly<Record<string, string>>;
    /** In each location; a list of add_header or proxy_set_header replaces the inherited one. */
    readonly location: string;
    /** In the block of the upstream `backend`, before its servers. */
    readonly upstream?: string;
    /** Request headers beside those that all proxies send. */
    readonly requestHeaders?: string;
  };
  readonly filters: readonly FilterIR[] | ((servicePort: number) => readonly FilterIR[]);
  /** Otherwise than others forward. */
  readonly forward?: Partial<ForwardIR>;
  /** Otherwise than the data planes of other benchmarks. */
  readonly instance?: Partial<InstanceIR>;
  /** nginx does not do the same: Causeway without the feature is the peer. */
  readonly againstItself?: true;
  /** Instead of forwarding. */
  readonly action?: RouteActionIR;
  /** Headers of each request, by name. */
  readonly asked?: Readonly<Record<string, string>> | ((servicePort: number) => Readonly<Record<string, string>>);
  /** Answers do not say how long they are; what counts requests exactly needs that. */
  readonly chunked?: true;
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
  forward: { affinity: { type: 'cookie', name: 'session' } },
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
  filters: [CORS, REWRITE, REQUEST_HEADERS, RESPONSE_HEADERS].flatMap((feature) => filtersOf(feature, 0)),
  asked: { ...CORS.asked, ...REQUEST_HEADERS.asked },
};

/** Clients that come back: nginx has nothing like it but a hash of the cookie. */
const SESSION_AFFINITY: BenchFeature = {
  name: 'session affinity',
  nginx: { upstream: 'hash $cookie_session consistent;', location: '' },
  filters: [],
  forward: { affinity: { type: 'session', name: 'session', mode: 'persistent', cookie: { path: '/' } } },
  asked: (port) => {
    const mark = peerMark({ address: '127.0.0.1', port, weight: 1 });
    return { Cookie: `session=${sessionValue({ key: '1.2.3', mark, ofCanary: false })}` };
  },
};

const CANARY: BenchFeature = {
  name: 'canary of 20 %',
  nginx: {
    http: `upstream canary { server 127.0.0.1:${SERVICE_PORT}; keepalive 320; keepalive_requests 100000000; }
  split_clients $request_id $pool { 20% canary; * backend; }`,
    location: '',
    upstreamName: '$pool',
  },
  filters: [],
  forward: {
    canary: {
      backends: [{ weight: 100, protocol: 'http', filters: [], target: { type: 'endpoints', id: CANARY_ENDPOINTS } }],
      affinity: { type: 'roundRobin' },
      weight: 20,
      total: 100,
      sticky: false,
    },
  },
};

/** Nobody waits for the other service. */
const MIRROR: BenchFeature = {
  name: 'mirror',
  nginx: {
    http: `upstream service { server 127.0.0.1:${SERVICE_PORT}; keepalive 320; keepalive_requests 100000000; }`,
    server: 'location = /.mirror { internal; access_log off; proxy_pass http://service$request_uri; }',
    location: 'mirror /.mirror; ',
  },
  filters: (port) => [
    {
      type: 'mirror',
      scheme: 'http',
      host: '127.0.0.1',
      port,
      path: [{ variable: 'request_uri' }],
      hostHeader: 'mirror.test',
      body: true,
    },
  ],
};

/** Without a memory of answers: each request is asked about. */
const FORWARD_AUTH: BenchFeature = {
  name: 'forward auth',
  nginx: {
    http: `upstream service { server 127.0.0.1:${SERVICE_PORT}; keepalive 320; keepalive_requests 100000000; }`,
    server: `location = /.auth { internal; access_log off; proxy_pass http://service/auth; proxy_pass_request_body off;
      proxy_set_header Content-Length ""; proxy_set_header Connection ""; proxy_set_header X-Original-URL $scheme://$http_host$request_uri; }`,
    location: 'auth_request /.auth; ',
  },
  filters: (port) => [
    {
      type: 'forwardAuth',
      scope: 'bench',
      scheme: 'http',
      host: ['127.0.0.1'],
      port,
      target: ['/auth'],
      method: 'GET',
      headers: [],
      upstreamHeaders: [],
      alwaysSetCookie: false,
      pool: { connections: 0, requests: 100_000_000, idleSeconds: 60 },
    },
  ],
};

/** A quick hash in nginx, which makes it for each request; here the agent is asked, and its answer counts for seconds. */
const BASIC_AUTH: BenchFeature = {
  name: 'basic auth',
  nginx: {
    location: `auth_basic bench; auth_basic_user_file ${FOLDER}/users; `,
    files: { users: `bob:{SHA}${hash('sha1', 'secret', 'base64')}\n` },
  },
  filters: [{ type: 'passwordAuth', scheme: 'basic', realm: 'bench', secret: 'bench/users', layout: 'auth-file' }],
  asked: { Authorization: `Basic ${btoa('bob:secret')}` },
};

const NO_BUFFERING: BenchFeature = {
  name: 'no buffering',
  nginx: { location: 'proxy_buffering off; proxy_request_buffering off; ' },
  filters: [],
  forward: { transfer: { responseBuffering: false, requestBuffering: false } },
};

const COMPRESSION: BenchFeature = {
  name: 'compression',
  nginx: {
    http: 'gzip on; gzip_comp_level 5; gzip_min_length 256; gzip_proxied any; gzip_vary on; gzip_types text/plain;',
    location: '',
  },
  filters: [],
  instance: { gzip: true },
  asked: { 'Accept-Encoding': 'gzip' },
  chunked: true,
};

/** The bar: less than 5 % over none. */
const TRACING: BenchFeature = {
  name: 'tracing of 1 %',
  againstItself: true,
  nginx: { location: '' },
  filters: (port) => [
    {
      type: 'tracing',
      sampler: { share: 0.01, followsParent: false },
      trustIncoming: false,
      name: ['bench'],
      attributes: { upstream: true, requestHeaders: false, responseHeaders: false },
      export: {
        collector: { url: `http://127.0.0.1:${port}/v1/traces`, protocol: 'http', timeoutMs: 1000 },
        queue: 2048,
        flushMs: 5000,
        resource: {},
      },
    },
  ],
};

/** One rule that no request breaks: what the way through the second nginx costs. */
const FIREWALL: BenchFeature = {
  name: 'firewall',
  againstItself: true,
  nginx: { location: '' },
  filters: [
    {
      type: 'firewall',
      ruleSet: {
        recommended: false,
        rules: 'SecRuleEngine On\nSecRule ARGS:attack "@streq yes" "id:1,phase:1,deny,status:403"',
        core: false,
      },
      transaction: [],
    },
  ],
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
  SESSION_AFFINITY,
  CANARY,
  MIRROR,
  BASIC_AUTH,
  FORWARD_AUTH,
  NO_BUFFERING,
  COMPRESSION,
  TRACING,
  FIREWALL,
  COMBINED,
];

/** A text for nginx. */
export function nginxText(text: string, directory: string, servicePort: number): string {
  return text.replaceAll(SERVICE_PORT, String(servicePort)).replaceAll(FOLDER, directory);
}

export function filtersOf({ filters }: BenchFeature, servicePort: number): readonly FilterIR[] {
  return typeof filters === 'function' ? filters(servicePort) : filters;
}

export function askedHeaders({ asked }: BenchFeature, servicePort: number): Readonly<Record<string, string>> {
  return typeof asked === 'function' ? asked(servicePort) : (asked ?? {});
}
