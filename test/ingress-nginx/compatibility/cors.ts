import type { CompatibilityCase, Exchange } from './case.ts';

function from(origin: string, allowed: string): Exchange {
  return { send: { headers: { origin } }, headers: { 'access-control-allow-origin': allowed } };
}

function origins(does: string, list: string, ...requests: readonly Exchange[]): CompatibilityCase {
  return {
    of: ['cors-allow-origin'],
    does,
    annotations: { 'enable-cors': 'true', 'cors-allow-origin': list },
    requests,
  };
}

const PREFLIGHT: Exchange = {
  send: { method: 'OPTIONS', headers: { origin: 'http://a.test', 'access-control-request-method': 'PUT' } },
  status: 204,
};

function preflight(of: string, does: string, value: string, headers: Exchange['headers']): CompatibilityCase {
  return {
    of: [of],
    does,
    annotations: { 'enable-cors': 'true', [of]: value },
    requests: [{ ...PREFLIGHT, ...(headers && { headers }) }],
  };
}

/** Group CorsConfig. */
export const CORS: readonly CompatibilityCase[] = [
  {
    of: ['enable-cors', 'cors-allow-methods', 'cors-allow-headers', 'cors-max-age', 'cors-allow-credentials'],
    does: 'has defaults, and answers preflights itself',
    annotations: { 'enable-cors': 'true' },
    requests: [
      { headers: { 'access-control-allow-origin': '*' } },
      {
        ...PREFLIGHT,
        headers: {
          'access-control-allow-origin': '*',
          'access-control-allow-methods': 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
          'access-control-allow-headers':
            'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization',
          'access-control-allow-credentials': 'true',
          'access-control-max-age': '1728000',
        },
      },
    ],
  },
  {
    of: ['enable-cors'],
    does: 'adds nothing when off',
    annotations: { 'enable-cors': 'false', 'cors-allow-origin': '*' },
    requests: [from('http://a.test', '')],
  },
  {
    of: ['enable-cors', 'auth-type'],
    does: 'adds its headers to refusals of authentication too',
    annotations: { 'enable-cors': 'true', 'auth-type': 'basic', 'auth-secret': 'users', 'auth-realm': 'here' },
    requests: [{ status: 401, headers: { 'access-control-allow-origin': '*' } }],
  },
  preflight('cors-allow-methods', 'is the list of methods', 'POST, GET', {
    'access-control-allow-methods': /^POST, ?GET$/,
  }),
  preflight('cors-max-age', 'is the age', '200', { 'access-control-max-age': '200' }),
  preflight('cors-allow-credentials', 'false: no such header', 'false', { 'access-control-allow-credentials': '' }),
  preflight('cors-allow-headers', 'is the list of headers', 'DNT, User-Agent', {
    'access-control-allow-headers': /^DNT, ?User-Agent$/,
  }),
  {
    of: ['cors-expose-headers'],
    does: 'is the list of headers that scripts may read',
    annotations: { 'enable-cors': 'true', 'cors-expose-headers': 'X-First, X-Second' },
    requests: [{ headers: { 'access-control-expose-headers': /^X-First, ?X-Second$/ } }],
  },
  origins(
    'names origins, each sent back as it is; another gets none',
    'https://one.test:8080, https://two.test',
    from('https://one.test:8080', 'https://one.test:8080'),
    from('https://two.test', 'https://two.test'),
    from('http://three.test', ''),
  ),
  origins(
    'an entry without scheme allows nobody, the others stay',
    'one.test:8080, https://two.test, https://three.test',
    from('one.test:8080', ''),
    from('https://two.test', 'https://two.test'),
    from('https://three.test', 'https://three.test'),
  ),
  origins('an asterisk among others allows all', '*, one.test', { headers: { 'access-control-allow-origin': '*' } }),
  origins('a dot is a dot', 'https://one.two.test', from('https://onextwo.test', '')),
  origins(
    'the port must be the same',
    'http://one.test:8080, http://two.test',
    from('http://one.test:8080', 'http://one.test:8080'),
    from('http://one.test', ''),
    from('http://two.test:8080', ''),
  ),
  origins(
    'an asterisk in front stands for one label',
    'http://*.one.test, http://*.two.test:8080',
    from('http://a.one.test', 'http://a.one.test'),
    from('http://b-a.one.test', 'http://b-a.one.test'),
    from('http://b.a.one.test', ''),
    from('http://a.two.test:8080', 'http://a.two.test:8080'),
    from('http://a.two.test', ''),
    from('http://two.test:8080', ''),
  ),
  origins('blank: all', '      ', from('http://one.test', '*'), from('test.one.test', '*')),
  origins(
    'empty entries are left out',
    'https://one-1.test:8080,   ,https://two-2.test:8080,',
    from('https://one-1.test:8080', 'https://one-1.test:8080'),
    from('https://two-2.test:8080', 'https://two-2.test:8080'),
    from('https://three.test:8080', ''),
  ),
  origins(
    'schemes of applications are origins too',
    'test://localhost, tauri://localhost:3000',
    from('test://localhost', 'test://localhost'),
    from('tauri://localhost:3000', 'tauri://localhost:3000'),
  ),
];
