import type { CompatibilityCase } from './case.ts';

/** Groups Aliases, Connection, Redirect, Rewrite, UpstreamVhost, UsePortInRedirects, XForwardedPrefix, HTTP2PushPreload. */
export const ROUTING: readonly CompatibilityCase[] = [
  {
    of: ['app-root'],
    does: 'sends requests for the root itself to the path',
    annotations: { 'app-root': '/foo' },
    requests: [
      { status: 302, headers: { location: /^(http:\/\/c\d+\.test)?\/foo$/ } },
      { path: '/x', url: '/x' },
    ],
  },
  {
    of: ['server-alias'],
    does: 'serves further hosts, and only those',
    annotations: { 'server-alias': 'alias.{host}' },
    requests: [{}, { send: { host: 'other-alias.test' }, status: 404 }],
    check: async (bench, host) => {
      await bench.exchange(`alias.${host}`, { seen: { host: `alias.${host}` } });
    },
  },
  {
    of: ['server-alias'],
    does: 'counts for all Ingresses of the host',
    paths: [{ path: '/a' }],
    beside: [{ paths: [{ path: '/b' }], annotations: { 'server-alias': 'alias.{host}' } }],
    check: async (bench, host) => {
      for (const path of ['/a', '/b']) await bench.exchange(`alias.${host}`, { path });
    },
  },
  {
    of: ['connection-proxy-header'],
    does: 'sets the Connection header that backends get',
    annotations: { 'connection-proxy-header': 'keep-alive' },
    requests: [{ seen: { connection: 'keep-alive' } }],
  },
  {
    of: ['permanent-redirect'],
    does: 'answers 301 with the URL',
    annotations: { 'permanent-redirect': 'http://new.test' },
    requests: [{ path: '/something', status: 301, headers: { location: 'http://new.test' } }],
  },
  {
    of: ['permanent-redirect-code'],
    does: 'answers with another code',
    annotations: { 'permanent-redirect': 'http://new.test', 'permanent-redirect-code': '302' },
    requests: [{ status: 302, headers: { location: 'http://new.test' } }],
  },
  {
    of: ['temporal-redirect'],
    does: 'answers 302 with the URL',
    annotations: { 'temporal-redirect': 'http://new.test/x' },
    requests: [{ status: 302, headers: { location: 'http://new.test/x' } }],
  },
  {
    of: ['temporal-redirect-code'],
    does: 'answers with another code',
    annotations: { 'temporal-redirect': 'http://new.test/x', 'temporal-redirect-code': '307' },
    requests: [{ status: 307, headers: { location: 'http://new.test/x' } }],
  },
  {
    of: ['relative-redirects'],
    does: 'leaves a relative URL as it is',
    annotations: { 'permanent-redirect': '/new', 'relative-redirects': 'true' },
    requests: [{ path: '/old', status: 301, headers: { location: '/new' } }],
  },
  {
    of: ['relative-redirects'],
    does: 'makes a relative URL absolute unless switched on',
    annotations: { 'permanent-redirect': '/new', 'relative-redirects': 'false' },
    requests: [{ path: '/old', status: 301, headers: { location: /^http:\/\/c\d+\.test(:\d+)?\/new$/ } }],
  },
  {
    of: ['from-to-www-redirect'],
    does: 'sends www.HOST to HOST by 308, with the path',
    annotations: { 'from-to-www-redirect': 'true' },
    check: async (bench, host) => {
      const location = new RegExp(`^http://${host}(:\\d+)?/foo$`);
      await bench.exchange(`www.${host}`, { path: '/foo', status: 308, headers: { location } });
      await bench.exchange(host, { path: '/foo' });
    },
  },
  {
    of: ['from-to-www-redirect'],
    does: 'stays with https',
    annotations: { 'from-to-www-redirect': 'true' },
    tls: true,
    check: async (bench, host) => {
      const location = new RegExp(`^https://${host}(:\\d+)?/?$`);
      await bench.exchange(`www.${host}`, { tls: true, status: 308, headers: { location } });
      await bench.exchange(host, { tls: true });
    },
  },
  {
    of: ['force-ssl-redirect'],
    does: 'sends to https by 308 though the host has no certificate; a slash at the end of the path goes',
    annotations: { 'force-ssl-redirect': 'true' },
    requests: [
      { status: 308, headers: { location: 'https://{host}' } },
      { path: '/a/?x=1', status: 308, headers: { location: 'https://{host}/a/?x=1' } },
      { path: '/a/', status: 308, headers: { location: 'https://{host}/a' } },
    ],
  },
  {
    of: ['ssl-redirect'],
    does: 'is on for a host with TLS, and off when switched off',
    tls: true,
    paths: [{ path: '/a' }],
    beside: [{ paths: [{ path: '/b' }], annotations: { 'ssl-redirect': 'false' } }],
    requests: [
      { path: '/a', status: 308, headers: { location: 'https://{host}/a' } },
      { path: '/b', status: 200 },
    ],
  },
  {
    of: ['ssl-redirect'],
    does: 'has no effect for a host without TLS',
    annotations: { 'ssl-redirect': 'true' },
    requests: [{}],
  },
  {
    of: ['preserve-trailing-slash'],
    does: 'keeps the slash at the end of the path',
    annotations: { 'ssl-redirect': 'true', 'preserve-trailing-slash': 'true' },
    tls: true,
    requests: [{ status: 308, headers: { location: 'https://{host}/' } }],
  },
  {
    of: ['use-port-in-redirects'],
    does: 'puts the port of https into redirects',
    annotations: { 'force-ssl-redirect': 'true', 'use-port-in-redirects': 'true' },
    requests: [{ path: '/a', status: 308, headers: { location: /^https:\/\/c\d+\.test:\d+\/a$/ } }],
  },
  {
    of: ['rewrite-target'],
    does: 'replaces the whole path',
    annotations: { 'rewrite-target': '/' },
    paths: [{ path: '/something' }],
    requests: [{ path: '/something', url: '/' }],
  },
  {
    of: ['rewrite-target'],
    does: 'takes the longest path first, of all Ingresses of the host',
    paths: [{ path: '/.well-known/acme/challenge' }],
    beside: [{ annotations: { 'rewrite-target': '/new/backend' } }],
    requests: [
      { path: '/.well-known/acme/challenge', url: '/.well-known/acme/challenge' },
      { path: '/x', url: '/new/backend' },
    ],
  },
  {
    of: ['rewrite-target', 'use-regex'],
    does: 'puts in groups of the path',
    annotations: { 'use-regex': 'true', 'rewrite-target': '/new/backend/$1' },
    paths: [{ path: '/foo/bar/(.+)', pathType: 'ImplementationSpecific' }],
    requests: [{ path: '/foo/bar/bar', url: '/new/backend/bar' }],
  },
  {
    of: ['use-regex'],
    does: 'makes all paths of the host regular expressions in any case of letters',
    paths: [{ path: '/foo' }],
    beside: [
      {
        annotations: { 'use-regex': 'true', 'rewrite-target': '/new/backend' },
        paths: [{ path: '/foo.+', pathType: 'ImplementationSpecific' }],
      },
    ],
    requests: [
      { path: '/foo', url: '/foo' },
      { path: '/FOO', url: '/FOO' },
      { path: '/foo/bar', url: '/new/backend' },
    ],
  },
  {
    of: ['use-regex'],
    does: 'compares by the length of the expression, not of what it takes',
    paths: [{ path: '/foo/bar/bar' }],
    beside: [
      {
        annotations: { 'use-regex': 'true', 'rewrite-target': '/new/backend' },
        paths: [{ path: '/foo/bar/[a-z]{3}', pathType: 'ImplementationSpecific' }],
      },
    ],
    requests: [{ path: '/foo/bar/bar', url: '/new/backend' }],
  },
  {
    of: ['upstream-vhost'],
    does: 'is the Host that backends get',
    annotations: { 'upstream-vhost': 'inside.test' },
    requests: [{ seen: { host: 'inside.test' } }],
  },
  {
    of: ['x-forwarded-prefix'],
    does: 'is a header that backends get, with a rewrite',
    annotations: { 'x-forwarded-prefix': '/test/value', 'rewrite-target': '/foo' },
    requests: [{ seen: { 'x-forwarded-prefix': '/test/value' } }],
  },
  {
    of: ['x-forwarded-prefix'],
    does: 'is no header when empty',
    annotations: { 'x-forwarded-prefix': '', 'rewrite-target': '/foo' },
    requests: [{ seen: { 'x-forwarded-prefix': '' } }],
  },
  {
    of: ['http2-push-preload'],
    does: 'is accepted; the Link header of the backend reaches the client',
    annotations: { 'http2-push-preload': 'true' },
    requests: [
      {
        path: `/?header=${encodeURIComponent('link: </a.css>; rel=preload')}`,
        headers: { link: '</a.css>; rel=preload' },
      },
    ],
  },
];
