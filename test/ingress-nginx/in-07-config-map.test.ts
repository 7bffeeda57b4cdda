import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { ask } from '../acceptance/http-request.ts';
import { ingress, tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { NginxLab } from './nginx-lab.ts';

const CLASS = { className: 'default-demo' };
let lab: NginxLab;

beforeAll(async () => {
  lab = await NginxLab.start(['app']);
  await lab.home.apply(
    tlsSecret('named', await selfSigned('s.com')),
    ingress('web', '/', 'app', { ...CLASS, host: 'a.com' }),
    ingress('secure', '/', 'app', { ...CLASS, host: 's.com', tls: 'named' }),
  );
  await eventually(async () => expect((await ask(lab.http, '/', { host: 'a.com' })).status).toBe(200));
});
afterAll(() => lab.stop());

/** @param options null: as if it was not set */
async function configure(options: Readonly<Record<string, string | null>>): Promise<void> {
  const patch = JSON.stringify({ spec: { controller: { config: options } } });
  await lab.home.kubectl(['patch', 'ingressnginx', 'demo', '-n', 'default', '--type=merge', '-p', patch]);
}

async function conditionOf() {
  const object = await lab.home.read('IngressNginx', { namespace: 'default', name: 'demo' });
  return object?.status?.conditions?.[0];
}

async function seen(headers: Readonly<Record<string, string>> = {}): Promise<Echo['headers']> {
  const { body } = await ask(lab.http, '/', { host: 'a.com', headers });
  return (JSON.parse(body) as Echo).headers;
}

/** How many of 200 connections on which nothing is sent stay open. */
async function idleConnections(): Promise<number> {
  const sockets: Socket[] = [];
  let open = 200;
  for (let index = 0; index < 200; index += 1) {
    const socket = connect(lab.http, '127.0.0.1');
    socket.on('error', () => {}).on('close', () => (open -= 1));
    sockets.push(socket);
  }
  await sleep(500); // all were accepted or refused
  const found = open;
  for (const socket of sockets) socket.destroy();
  return found;
}

describe('IN-07 max connections', () => {
  test('more than a worker may have are closed, and its log says so', async () => {
    await configure({ 'max-worker-connections': '64' });
    await eventually(async () => expect(await idleConnections()).toBeLessThan(64));
    const [instance] = await lab.home.list('Instance');
    expect(readFileSync(`${instance?.status?.logDirectory}/error.log`, 'utf8')).toMatch(
      /64 worker_connections are not enough/,
    );
  });

  test.each(['abc', '0'])('%s: the default, which takes them all, and a condition', async (text) => {
    await configure({ 'max-worker-connections': text });
    await eventually(async () =>
      expect(await conditionOf()).toMatchObject({
        status: 'False',
        message: expect.stringContaining('max-worker-connections') as string,
      }),
    );
    await eventually(async () => expect(await idleConnections()).toBe(200));
    await configure({ 'max-worker-connections': null });
    await eventually(async () => expect(await conditionOf()).toMatchObject({ status: 'True' }));
  });
});

describe('IN-10 headers of the ConfigMap', () => {
  test('of requests set and removed, of answers set and hidden; custom-headers only if allowed', async () => {
    const map = (name: string, data: Readonly<Record<string, string>>) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'default' },
      data,
    });
    await lab.home.apply(
      map('request', { 'X-Env': 'test', 'Accept-Encoding': '' }),
      map('answer', { 'X-Frame-Options': 'DENY' }),
      map('own', { 'X-Own': '1' }),
    );
    await configure({
      'proxy-set-headers': 'default/request',
      'add-headers': 'default/answer',
      'hide-headers': 'X-Powered-By',
    });
    await eventually(async () => expect((await seen({ 'accept-encoding': 'br' }))['x-env']).toBe('test'));
    expect((await seen({ 'accept-encoding': 'br' }))['accept-encoding']).toBeUndefined();
    const path = `/?header=${encodeURIComponent('x-powered-by: echo')}`;
    const { headers } = await ask(lab.http, path, { host: 'a.com' });
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY' });
    expect(headers['x-powered-by']).toBeUndefined();

    const annotations = { 'nginx.ingress.kubernetes.io/custom-headers': 'default/own' };
    await lab.home.apply(ingress('own', '/', 'app', { ...CLASS, host: 'own.com', annotations }));
    const own = async () => {
      const answer = await ask(lab.http, '/', { host: 'own.com' });
      return [answer.status, answer.headers['x-own']];
    };
    await eventually(async () => expect(await own()).toEqual([200, undefined]));
    await configure({ 'global-allowed-response-headers': 'X-Own' });
    await eventually(async () => expect(await own()).toEqual([200, '1']));
  });
});

describe('IN-12 HSTS of the ConfigMap', () => {
  test('on answers by TLS unless it is switched off; an age that cannot be read is the default', async () => {
    const secure = { host: 's.com', serverName: 's.com' };
    const hsts = async () => (await ask(lab.https, '/', secure)).headers['strict-transport-security'];
    await eventually(async () => expect(await hsts()).toBe('max-age=31536000; includeSubDomains'));
    expect((await ask(lab.http, '/', { host: 'a.com' })).headers['strict-transport-security']).toBeUndefined();
    await configure({ 'hsts-max-age': 'x', 'hsts-include-subdomains': 'false' });
    await eventually(async () => expect(await hsts()).toBe('max-age=31536000'));
    await eventually(async () => expect((await conditionOf())?.message).toContain('hsts-max-age'));
    await configure({ hsts: 'false', 'hsts-max-age': null });
    await eventually(async () => expect(await hsts()).toBeUndefined());
  });
});

describe('IN-17 redirects to https have the status that the ConfigMap says', () => {
  test('http-redirect-code', async () => {
    await configure({ 'http-redirect-code': '301' });
    await eventually(async () => expect((await ask(lab.http, '/', { host: 's.com' })).status).toBe(301));
  });
});

describe('IN-21 PROXY protocol', () => {
  test('the client is who the header of the connection says; without it the connection is closed', async () => {
    await configure({ 'use-proxy-protocol': 'true' });
    const asked = async (header: string): Promise<string> => {
      const socket = connect(lab.http, '127.0.0.1').on('error', () => {});
      socket.write(`${header}GET / HTTP/1.1\r\nHost: a.com\r\nX-Forwarded-For: 1.2.3.4\r\nConnection: close\r\n\r\n`);
      let text = '';
      for await (const part of socket) text += String(part);
      return text;
    };
    await eventually(async () => {
      const text = await asked('PROXY TCP4 198.51.100.7 127.0.0.1 4711 80\r\n');
      const { headers } = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as Echo;
      expect(headers).toMatchObject({ 'x-real-ip': '198.51.100.7', 'x-forwarded-for': '198.51.100.7' });
    });
    // A worker of before the reload may still accept.
    await eventually(async () => expect(await asked('')).toBe(''));
  });
});
