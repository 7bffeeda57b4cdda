import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { group, ingress, rule } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ALB, answersWith, Lab } from './lab.ts';

const NGINX = 'nginx.ingress.kubernetes.io/';

interface Copy {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let lab: Lab;
let server: Server;
let mirror: string;
let hangs = false;
const copies: Copy[] = [];

beforeAll(async () => {
  lab = await Lab.start(['app']);
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      copies.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      if (!hangs) response.writeHead(500).end('never seen by clients');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await lab.stop();
  server.closeAllConnections();
  await once(server.close(), 'close');
});

async function mirrored(name: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const annotations = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`${NGINX}${key}`, value]));
  await lab.home.apply(ingress(name, '/', 'app', { className: ALB, host: `${name}.com`, annotations }));
  await answersWith(200, lab.ports.http, '/ready', { host: `${name}.com` });
}

function copyOf(url: string): Promise<Copy> {
  return eventually(() => {
    const found = copies.find((copy) => copy.url === url);
    expect(found).toBeDefined();
    return Promise.resolve(found as Copy);
  });
}

describe('LIM-10 request mirroring (ALB-28)', () => {
  test('the mirror gets method, path, query, headers and body; the client gets the answer of the backend', async () => {
    await mirrored('all', { 'mirror-target': mirror });
    const answer = await ask(lab.ports.http, '/copy?a=1', {
      host: 'all.com',
      method: 'POST',
      headers: { 'x-user': 'u1' },
      body: 'the body',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-backend']).toBe('app');
    const copy = await copyOf('/copy?a=1');
    expect(copy).toMatchObject({ method: 'POST', body: 'the body' });
    expect(copy.headers['x-user']).toBe('u1');
    expect(copy.headers.host).toBe(mirror.replace('http://', ''));
    expect(copy.headers['x-forwarded-for']).toBe('127.0.0.1');
  });

  test('a body of 200 KB is copied too', async () => {
    await ask(lab.ports.http, '/large', { host: 'all.com', method: 'POST', body: 'x'.repeat(200_000) });
    expect((await copyOf('/large')).body).toHaveLength(200_000);
  });

  test('mirror-request-body off, mirror-host, and a path of its own', async () => {
    await mirrored('off', {
      'mirror-target': `${mirror}/other$request_uri`,
      'mirror-host': 'mirror.example',
      'mirror-request-body': 'off',
    });
    await ask(lab.ports.http, '/without', { host: 'off.com', method: 'POST', body: 'the body' });
    const copy = await copyOf('/other/without');
    expect(copy.body).toBe('');
    expect(copy.headers.host).toBe('mirror.example');
  });

  test('a mirror that never answers costs the client nothing', async () => {
    hangs = true;
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => ask(lab.ports.http, `/hangs-${index}`, { host: 'all.com' })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 200));
    await copyOf('/hangs-0');
    hangs = false;
  });

  test('neither does one that is not there', async () => {
    await mirrored('down', { 'mirror-target': 'http://127.0.0.1:1' });
    expect((await ask(lab.ports.http, '/down', { host: 'down.com' })).status).toBe(200);
  });

  test('where Causeway itself is controlled nothing is sent', async () => {
    const config = await lab.home.kubectl(['config', 'view', '-o', 'jsonpath={.clusters[0].cluster.server}']);
    await mirrored('control', { 'mirror-target': config.replace('https://', 'http://') });
    expect((await ask(lab.ports.http, '/x', { host: 'control.com' })).status).toBe(200);
  });

  test('Rules have it as a typed field; a target that is none is refused', async () => {
    const port = await lab.open('typed');
    const spec = {
      dslx: [{ type: 'URL' as const, values: [['STARTS_WITH', '/']] }],
      serviceGroup: group({ app: 100 }),
    };
    await lab.addRule('typed', 'copied', { ...spec, config: { mirror: { target: mirror } } });
    await answersWith(200, port, '/typed');
    await copyOf('/typed');
    const object = rule(
      { alb: ALB, frontend: 'typed', name: 'wrong' },
      { ...spec, config: { mirror: { target: 'http://$http_x_mirror/' } } },
    );
    const { stderr } = await lab.home.tryApply(object);
    expect(stderr).toContain('spec.config.mirror.target: Invalid value: "http://$http_x_mirror/"');
  });
});
