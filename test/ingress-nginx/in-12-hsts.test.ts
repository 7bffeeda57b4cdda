import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { group, tlsSecret } from '../acceptance/objects.ts';
import { answersWith, Lab } from '../alb/lab.ts';
import { eventually } from '../e2e/eventually.ts';

let lab: Lab;
let port: number;
let securePort: number;

beforeAll(async () => {
  lab = await Lab.start(['app'], { workerLimit: 1, hsts: { enable: true } });
  await lab.home.apply(tlsSecret('own', await selfSigned('own.example')));
  port = await lab.open('web', { serviceGroup: group({ app: 100 }) });
  securePort = await lab.open('secure', {
    protocol: 'https',
    certificate_name: 'default/own',
    serviceGroup: group({ app: 100 }),
  });
});
afterAll(() => lab.stop());

async function hstsOf(path: string): Promise<unknown> {
  const answer = await answersWith(200, securePort, path, { serverName: '' });
  return answer.headers['strict-transport-security'];
}

describe('IN-12 HSTS, of an ALB', () => {
  test('on answers by TLS, not by HTTP', async () => {
    await eventually(async () => expect(await hstsOf('/')).toBe('max-age=31536000; includeSubDomains'));
    expect((await answersWith(200, port)).headers['strict-transport-security']).toBeUndefined();
  });

  test('a Rule says it otherwise, or switches it off', async () => {
    const add = (name: string, hsts: { enable: boolean; maxAge?: number; includeSubDomains?: boolean }) =>
      lab.addPath('secure', name, { config: { hsts } });
    await add('short', { enable: true, maxAge: 5, includeSubDomains: false });
    await add('off', { enable: false });
    await eventually(async () => expect(await hstsOf('/short')).toBe('max-age=5'));
    await eventually(async () => expect(await hstsOf('/off')).toBeUndefined());
  });
});
