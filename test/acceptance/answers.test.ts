/** Retries, logs and metrics, through all of it: spec ALB 7.5, 7.9 and 12. */
import { readFileSync } from 'node:fs';
import { commandLine } from '@causeway/targets/nginx/proc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import type { AlbPorts } from '../e2e/quick-start.ts';
import { freePort } from '../e2e/traffic.ts';
import { type EchoBackend, startEchoBackend } from './echo-backend.ts';
import { ask } from './http-request.ts';
import { Installation } from './installation.ts';
import { frontend, group, ingress, rule, serviceTo, slice } from './objects.ts';

let home: Installation;
let app: EchoBackend;
let ports: AlbPorts;
let port: number;

beforeAll(async () => {
  [home, app] = await Promise.all([Installation.start(), startEchoBackend('app')]);
  ports = await home.addAlb('alb');
  port = await freePort();
  const refused = await freePort();
  const own = (name: string) => ({ alb: 'alb', frontend: 'web', name });
  const dslx = (path: string) => [{ type: 'URL' as const, values: [['STARTS_WITH', path]] }];
  const timeout = { proxy_read_timeout_ms: 300 };
  await home.apply(
    ...serviceTo(app),
    ...serviceTo({ name: 'refuses', port: refused }),
    ...serviceTo({ name: 'half', port: app.port }),
    slice('half', refused, [{ addresses: ['127.0.0.1'], conditions: { ready: true } }], 'half-2'),
    serviceTo({ name: 'empty', port: 1 })[0],
    frontend('alb', 'web', port),
    rule(own('app'), { dslx: dslx('/app'), serviceGroup: group({ app: 100 }) }),
    rule(own('quick'), { dslx: dslx('/quick'), serviceGroup: group({ app: 100 }), config: { timeout } }),
    rule(own('empty'), { dslx: dslx('/empty'), serviceGroup: group({ empty: 100 }) }),
    rule(own('refused'), { dslx: dslx('/refused'), serviceGroup: group({ refuses: 100 }) }),
    rule(own('half'), { dslx: dslx('/half'), serviceGroup: group({ half: 100 }) }),
    ingress('ing', '/ing', 'app'),
  );
  await eventually(async () => {
    for (const path of ['/app', '/quick', '/half']) expect(await ask(port, path)).toMatchObject({ status: 200 });
    expect(await ask(port, '/empty')).toMatchObject({ status: 500 });
    expect(await ask(port, '/refused')).toMatchObject({ status: 502 });
    expect(await ask(ports.http, '/ing')).toMatchObject({ status: 200 });
  });
});

afterAll(async () => {
  await home.stop();
  await app.close();
});

describe('retries (ALB-81)', () => {
  test('one of two refuses: 100 GETs are answered', async () => {
    for (let n = 0; n < 100; n++) expect((await ask(port, '/half')).status).toBe(200);
  });

  test('all refuse: 5 attempts', async () => {
    await ask(port, '/refused/five');
    const line = await logLine('/refused/five');
    expect(line).toMatch(/ 502 (502, ){4}502 (127\.0\.0\.1:\d+, ){4}127\.0\.0\.1:\d+ /);
  });

  test('PUT is repeated after a read timeout, POST is not', async () => {
    const before = app.requests();
    expect(await ask(port, '/quick?sleep=3000', { method: 'PUT' })).toMatchObject({ status: 504 });
    expect(app.requests() - before).toBe(5);
    expect(await ask(port, '/quick?sleep=3000', { method: 'POST' })).toMatchObject({ status: 504 });
    expect(app.requests() - before).toBe(6);
  });
});

function accessLog(): string {
  const [master = 0] = home.nginx(port).masters;
  const prefix = / -p (\S+)\/ /.exec(commandLine(master))?.[1] ?? '';
  return readFileSync(`${prefix}/access.log`, 'utf8');
}

function linesWith(text: string): readonly string[] {
  return accessLog()
    .split('\n')
    .filter((line) => line.includes(text));
}

function logLine(text: string): Promise<string> {
  return eventually(() => {
    const [line] = linesWith(text);
    if (line === undefined) throw new Error(`no line with ${text}`);
    return line;
  });
}
