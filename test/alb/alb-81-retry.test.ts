import { readFileSync } from 'node:fs';
import { commandLine } from '@causeway/targets/nginx/proc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { group, serviceTo, slice } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { ingressOf } from './ingresses.ts';
import { answersWith, Lab } from './lab.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  const refused = await freePort();
  await lab.home.apply(
    ...serviceTo({ name: 'refuses', port: refused }),
    ...serviceTo({ name: 'half', port: lab.backends['app']?.port ?? 0 }),
    slice('half', refused, [{ addresses: ['127.0.0.1'], conditions: { ready: true } }], 'half-2'),
  );
  port = await lab.open('web');
  const timeout = { proxy_read_timeout_ms: 300 };
  for (const [name, service] of Object.entries({ quick: 'app', refused: 'refuses', half: 'half' })) {
    await lab.addPath('web', name, {
      serviceGroup: group({ [service]: 100 }),
      ...(name === 'quick' && { config: { timeout } }),
    });
  }
  await answersWith(200, port, '/quick');
  await answersWith(200, port, '/half');
  await answersWith(502, port, '/refused');
});
afterAll(() => lab.stop());

describe('ALB-81 retry', () => {
  test('one of two refuses: 100 GETs are answered', async () => {
    for (let n = 0; n < 100; n++) expect((await ask(port, '/half')).status).toBe(200);
  });

  test('all refuse: 5 attempts', async () => {
    await ask(port, '/refused/five');
    const line = await logLine('/refused/five');
    expect(line).toMatch(/ 502 (502, ){4}502 (127\.0\.0\.1:\d+, ){4}127\.0\.0\.1:\d+ /);
  });

  test('PUT is repeated after a read timeout, POST is not', async () => {
    const requests = () => lab.backends['app']?.requests() ?? 0;
    const before = requests();
    expect(await ask(port, '/quick?sleep=3000', { method: 'PUT' })).toMatchObject({ status: 504 });
    expect(requests() - before).toBe(5);
    expect(await ask(port, '/quick?sleep=3000', { method: 'POST' })).toMatchObject({ status: 504 });
    expect(requests() - before).toBe(6);
  });
});

describe('ALB-28 proxy-next-upstream-tries', () => {
  test('2: exactly two attempts', async () => {
    await lab.home.apply(
      ingressOf('tries', {
        hosts: { 'tries.com': [{ service: 'refuses' }] },
        annotations: { 'nginx.ingress.kubernetes.io/proxy-next-upstream-tries': '2' },
      }),
    );
    await answersWith(502, lab.ports.http, '/two', { host: 'tries.com' });
    expect(await logLine('/two')).toMatch(/ 502 502, 502 127\.0\.0\.1:\d+, 127\.0\.0\.1:\d+ /);
  });
});

function logLine(text: string): Promise<string> {
  return eventually(() => {
    const [master = 0] = lab.home.nginx(port).masters;
    const prefix = / -p (\S+)\/ /.exec(commandLine(master))?.[1] ?? '';
    const lines = readFileSync(`${prefix}/access.log`, 'utf8').split('\n');
    const line = lines.find((each) => each.includes(text));
    if (line === undefined) throw new Error(`no line with ${text}`);
    return line;
  });
}
