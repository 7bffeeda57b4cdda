import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { group, serviceTo } from '../acceptance/objects.ts';
import { heardFrom, type StreamBackend, startTcpBackend } from '../acceptance/stream-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { ALB, answersWith, Lab } from './lab.ts';

const TIME = String.raw`\[\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}\]`;
const SECONDS = String.raw`\d+\.\d{3}`;

let lab: Lab;
let backend: StreamBackend;
let web: number;
let tcp: number;

beforeAll(async () => {
  lab = await Lab.start(['a']);
  backend = await startTcpBackend('tcp');
  await lab.home.apply(
    ...serviceTo({ name: 'tcp', port: backend.port }),
    ...serviceTo({ name: 'refuses', port: await freePort() }),
  );
  web = await lab.open('web', { serviceGroup: group({ a: 100 }) });
  tcp = await lab.open('tcp', { protocol: 'tcp', serviceGroup: group({ tcp: 100 }) });
  await answersWith(200, web);
  await heardFrom(tcp);
});
afterAll(async () => {
  await lab.stop();
  await backend.close();
});

/** Lines of a log of the instance; where they are is in its status. */
async function linesOf(name: 'access.log' | 'stream.log' | 'error.log'): Promise<readonly string[]> {
  const [instance] = await lab.home.list('Instance');
  return readFileSync(`${instance?.status?.logDirectory}/${name}`, 'utf8').split('\n').filter(Boolean);
}

async function linesWith(name: 'access.log' | 'stream.log' | 'error.log', text: string): Promise<readonly string[]> {
  return (await linesOf(name)).filter((line) => line.includes(text));
}

async function setFormat(format: 'text' | 'json'): Promise<void> {
  await lab.home.kubectl([
    ...['patch', 'alb2', ALB, '-n', ALB_NAMESPACE, '--type=merge'],
    ...['-p', `{"spec":{"config":{"accessLogFormat":"${format}"}}}`],
  ]);
}

describe('ALB-134 logs', () => {
  test('kubectl says where they are', async () => {
    const [instance] = await lab.home.list('Instance');
    const table = await lab.home.kubectl(['get', 'instances.causeway.dev', '-n', ALB_NAMESPACE, '-o', 'wide']);
    expect(table).toContain(String(instance?.status?.logDirectory));
  });

  test('one GET: one line with status, upstream address and the port at the end', async () => {
    const headers = { 'user-agent': 'ua "quoted"', 'x-forwarded-for': '9.9.9.9' };
    await ask(web, '/logged?x=%22', { headers });
    const [line, ...more] = await eventually(async () => {
      const lines = await linesWith('access.log', '/logged');
      expect(lines).not.toEqual([]);
      return lines;
    });
    const to = `127.0.0.1:${lab.backends['a']?.port}`;
    expect(line).toMatch(
      new RegExp(
        String.raw`^${TIME} 127\.0\.0\.1 "localhost" "GET /logged\?x=%22 HTTP/1\.1" 200 200 ${to} "ua \\x22quoted\\x22" "9\.9\.9\.9" ${SECONDS} ${SECONDS} \d+ ${web}$`,
      ),
    );
    expect(more).toEqual([]);
  });

  test('a TCP session: one line, after it has closed', async () => {
    const client = await heardFrom(tcp);
    client.socket.write('x'.repeat(12_345));
    await eventually(() => expect(client.heard.length).toBe(12_345 + 'tcp\n'.length));
    const before = await linesWith('stream.log', ' 12345 ');
    expect(before).toEqual([]);
    client.socket.end();
    await eventually(async () => expect(await linesWith('stream.log', ' 12345 ')).toHaveLength(1));
    const [line] = await linesWith('stream.log', ' 12345 ');
    expect(line).toMatch(new RegExp(String.raw`^${TIME} 127\.0\.0\.1 TCP ${tcp} 200 12345 12349 ${SECONDS}$`));
  });

  test('errors have a log of their own', async () => {
    const refused = await lab.open('refused', { serviceGroup: group({ refuses: 100 }) });
    await answersWith(502, refused, '/nobody-listens');
    await eventually(async () => expect(await linesWith('error.log', '/nobody-listens')).not.toEqual([]));
    const [line] = await linesWith('error.log', '/nobody-listens');
    expect(line).toMatch(/\[error\].*connect\(\) failed.*Connection refused/);
  });

  test('JSON by setting, whatever clients send', async () => {
    await setFormat('json');
    const headers = { 'user-agent': 'a"b\\c', 'x-forwarded-for': '"},{"' };
    await eventually(async () => {
      expect((await ask(web, '/json?"\\', { headers: { ...headers, host: 'x"y' } })).status).toBeLessThan(500);
      expect((await ask(web, '/json-plain', { headers: { 'user-agent': 'a"b\\c\td' } })).status).toBe(200);
      const [line] = (await linesWith('access.log', '/json-plain')).filter((one) => one.startsWith('{'));
      expect(line).toBeDefined();
    });
    const parsed = (await linesOf('access.log'))
      .filter((line) => !line.startsWith('['))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(parsed.find(({ request }) => String(request).includes('/json-plain'))).toMatchObject({
      ...{ client: '127.0.0.1', host: 'localhost', request: 'GET /json-plain HTTP/1.1', status: 200 },
      ...{ upstreamStatus: '200', upstream: `127.0.0.1:${lab.backends['a']?.port}`, userAgent: 'a"b\\c\td' },
      ...{ route: 'web', port: web },
    });

    const client = await heardFrom(tcp);
    client.socket.write('y'.repeat(777));
    await eventually(() => expect(client.heard.length).toBe(777 + 'tcp\n'.length));
    client.socket.end();
    const line = await eventually(async () => {
      const [found] = await linesWith('stream.log', '"bytesReceived":777');
      expect(found).toBeDefined();
      return found ?? '';
    });
    expect(JSON.parse(line)).toMatchObject({
      ...{ client: '127.0.0.1', protocol: 'TCP', status: 200, bytesReceived: 777, bytesSent: 781, port: tcp },
    });
    await setFormat('text');
  });
});
