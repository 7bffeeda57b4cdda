import { selfSigned } from '@causeway/dataplane/test/certificates';
import { DnsServer } from '@causeway/sources/dns/testing/dns-server';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser } from '../acceptance/browser.ts';
import type { Echo } from '../acceptance/echo-backend.ts';
import { type Ask, ask } from '../acceptance/http-request.ts';
import { serviceTo, tlsSecret } from '../acceptance/objects.ts';
import { type OpenidProvider, startOpenidProvider } from '../acceptance/openid-provider.ts';
import { type SignInService, startSignInService } from '../acceptance/sign-in-service.ts';
import { eventually } from '../e2e/eventually.ts';
import { ingressOf } from './ingresses.ts';
import { answersWith, Lab } from './lab.ts';

const NGINX = 'nginx.ingress.kubernetes.io';
const AUTH_HOST = 'auth.alb.echo.com';
const START = `http://${AUTH_HOST}/oauth2/start`;
const CLIENT = {
  id: 'causeway',
  secret: 'of-the-client',
  redirectUri: `http://${AUTH_HOST}/oauth2/callback`,
};
const COOKIE = '_oauth2_proxy';

let dns: DnsServer;
let lab: Lab;
let provider: OpenidProvider;
let signIn: SignInService;
let browser: Browser;
/** Of alice, who is signed in. */
let context: BrowserContext;

beforeAll(async () => {
  [dns, provider] = await Promise.all([DnsServer.start(), startOpenidProvider(CLIENT)]);
  dns.names.set(AUTH_HOST, ['127.0.0.1']);
  const service = { provider, client: CLIENT, host: AUTH_HOST, domain: 'alb.echo.com', prolongAfterSeconds: 2 };
  const config = { workerLimit: 1, defaultSSLStrategy: 'Both', defaultSSLCert: 'default/any' } as const;
  [signIn, lab] = await Promise.all([
    startSignInService(service),
    Lab.startAlone(['app'], config, ['--dns-server', dns.address]),
  ]);
  console.log(`users are signed in by ${signIn.name}`);
  const hosts = [AUTH_HOST, 'alb.echo.com', 'escaped.alb.echo.com', 'open.alb.echo.com'];
  const balanced = hosts.map((host) => [`${host}:80`, `127.0.0.1:${lab.ports.http}`]);
  browser = await startBrowser(Object.fromEntries(balanced));
  await lab.home.apply(
    tlsSecret('any', await selfSigned('any.example')),
    ...serviceTo({ name: 'oauth2-proxy', port: signIn.port }),
    ingressOf('oauth2-proxy', { hosts: { [AUTH_HOST]: [{ service: 'oauth2-proxy' }] } }),
    ingressOf('open', { hosts: { 'open.alb.echo.com': [{}] } }),
    protectedIngress('echo', 'alb.echo.com', `${START}?rd=http://$host$request_uri`),
    protectedIngress('escaped', 'escaped.alb.echo.com', START),
  );
  for (const host of ['alb.echo.com', 'escaped.alb.echo.com']) await answersWith(302, lab.ports.http, '/', { host });
  await answersWith(200, lab.ports.http, '/', { host: 'open.alb.echo.com' });
  context = await browser.newContext();
  context.setDefaultTimeout(4000);
});
afterAll(async () => {
  await browser?.close();
  await lab?.stop();
  await signIn?.stop();
  await provider.close();
  dns.close();
});

/** As in the documents: the service is asked by its public name, which leads back to the load balancer. */
function protectedIngress(name: string, host: string, signin: string) {
  return ingressOf(name, {
    hosts: { [host]: [{}] },
    annotations: {
      [`${NGINX}/auth-url`]: `https://${AUTH_HOST}:${lab.ports.https}/oauth2/auth`,
      [`${NGINX}/auth-signin`]: signin,
      [`${NGINX}/auth-response-headers`]: 'X-Auth-Request-User, X-Auth-Request-Email',
    },
  });
}

/** Fills in the forms of the provider, from where the page was sent to. */
async function signInAs(user: string, page: Page): Promise<void> {
  expect(new URL(page.url()).origin).toBe(provider.issuer);
  await page.fill('input[name=login]', user);
  await page.fill('input[name=password]', 'any');
  await page.click('form:has(input[name=prompt][value=login]) button[type=submit]');
  await page.click('form:has(input[name=prompt][value=consent]) button[type=submit]');
}

async function echoOf(page: Page): Promise<Echo> {
  return JSON.parse((await page.textContent('body')) ?? '') as Echo;
}

async function session(): Promise<string> {
  const cookies = await context.cookies('http://alb.echo.com/');
  return cookies
    .filter(({ name }) => name.startsWith(COOKIE))
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ');
}

function askWith(cookie: string, headers: Ask['headers'] = {}): ReturnType<typeof ask> {
  return ask(lab.ports.http, '/', { host: 'alb.echo.com', headers: { ...headers, cookie } });
}

describe('ALB-84 OAuth2 proxy', () => {
  test('without a cookie: to the start page, and what was asked for is remembered', async () => {
    const before = lab.backends['app']?.requests();
    const { headers } = await answersWith(302, lab.ports.http, '/private?a=1', { host: 'alb.echo.com' });
    expect(headers.location).toBe(`${START}?rd=http://alb.echo.com/private?a=1`);
    expect(lab.backends['app']?.requests()).toBe(before);
  });

  test('first visit: login form, consent, back to the page; the backend sees who it is', async () => {
    const page = await context.newPage();
    await page.goto('http://alb.echo.com/private?a=1');
    await signInAs('alice', page);
    await page.waitForURL('http://alb.echo.com/private?a=1');
    const { url, headers } = await echoOf(page);
    expect(url).toBe('/private?a=1');
    expect(headers).toMatchObject({ 'x-auth-request-user': 'alice', 'x-auth-request-email': 'alice@echo.com' });
  });

  test('with the cookie: 200, on every host of the domain', async () => {
    expect((await askWith(await session())).status).toBe(200);
    const page = await context.newPage();
    await page.goto('http://escaped.alb.echo.com/');
    expect((await echoOf(page)).headers['x-auth-request-user']).toBe('alice');
  });

  test('who it is cannot be forged, nor the session', async () => {
    const forged = {
      'X-Auth-Request-User': 'root',
      'x-auth-request-email': 'root@echo.com',
      X_Auth_Request_User: 'root',
    };
    const { headers } = JSON.parse((await askWith(await session(), forged)).body) as Echo;
    expect(headers).toMatchObject({ 'x-auth-request-user': 'alice', 'x-auth-request-email': 'alice@echo.com' });
    expect(JSON.stringify(headers)).not.toContain('root');
    expect((await askWith('', forged)).status).toBe(302);
    const broken = (await session()).replace(/.{8}$/, 'AAAAAAAA');
    expect((await askWith(broken, forged)).status).toBe(302);
  });

  test('a session that the service prolongs: its new cookie reaches the client', async () => {
    const cookie = await session();
    await eventually(async () => {
      const { status, headers } = await askWith(cookie);
      expect(status).toBe(200);
      expect(headers['set-cookie']?.join('\n')).toContain(`${COOKIE}=`);
    });
  });

  test('whatever address was asked for is returned to', async () => {
    const other = await browser.newContext();
    const page = await other.newPage();
    const address = 'http://escaped.alb.echo.com/a%20b/%E4%BD%A0?x=1&y=%26%23&rd=http://evil.example/';
    await page.goto(address);
    await signInAs('bob', page);
    await page.waitForURL(address);
    const { url, headers } = await echoOf(page);
    expect(url).toBe('/a%20b/%E4%BD%A0?x=1&y=%26%23&rd=http://evil.example/');
    expect(headers['x-auth-request-user']).toBe('bob');
    await other.close();
  });

  test('signed out, here and at the provider: the next visit asks for the password again', async () => {
    const page = await context.newPage();
    await page.goto(signIn.signOut);
    await page.click('button[name=logout]');
    await page.waitForURL(`${provider.issuer}/session/end/success`);
    expect(await session()).toBe('');
    expect((await askWith(await session())).status).toBe(302);
    await page.goto('http://alb.echo.com/again');
    await page.waitForSelector('input[name=password]');
  });
});
