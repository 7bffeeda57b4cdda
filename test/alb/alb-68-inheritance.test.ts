import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { base64, group } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { answersWith, Lab } from './lab.ts';

const FOO_BAR = 'foo:$apr1$qICNZ61Q$2iooiJVUAMmprq258/ChP1';
const LOGIN = { headers: { authorization: `Basic ${base64('foo:bar')}` } };

let lab: Lab;
/** Of a Frontend with basic authentication and a default service group. */
let guarded: number;

beforeAll(async () => {
  lab = await Lab.start(['app'], { timeout: { proxy_read_timeout_ms: 700 } });
  await lab.home.apply({
    ...{ apiVersion: 'v1', kind: 'Secret' },
    metadata: { name: 'pw', namespace: 'kube-system' },
    data: { auth: base64(FOO_BAR) },
  });
  guarded = await lab.open('guarded', {
    serviceGroup: group({ app: 100 }),
    config: { auth: { basic: { realm: 'port', secret: 'kube-system/pw' } } },
  });
  await answersWith(401, guarded);
});
afterAll(() => lab.stop());

describe('ALB-68, LIM-18 inheritance', () => {
  test('a whole object is inherited, fields are not mixed: the read timeout of the ALB does not reach below the Frontend', async () => {
    const plain = await lab.open('plain');
    const own = await lab.open('own', { config: { timeout: { proxy_connect_timeout_ms: 1000 } } });
    await lab.addPath('plain', 'impatient');
    await lab.addPath('own', 'patient');
    await answersWith(504, plain, '/impatient?sleep=1500');
    await answersWith(200, own, '/patient?sleep=1500');
  });

  test('a Rule inherits the authentication of its Frontend; auth: {} switches it off', async () => {
    await lab.addPath('guarded', 'inherits');
    await lab.addPath('guarded', 'open', { config: { auth: {} } });
    await answersWith(200, guarded, '/open');
    expect((await ask(guarded, '/inherits')).status).toBe(401);
    expect((await ask(guarded, '/inherits', LOGIN)).status).toBe(200);
  });

  test('the default service group of the port inherits it too', async () => {
    const answer = await ask(guarded, '/nothing-matches');
    expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Basic realm="port"' } });
    expect((await ask(guarded, '/nothing-matches', LOGIN)).status).toBe(200);
  });

  test('that of the ALB2 reaches Rules and default service groups of Frontends without their own', async () => {
    const port = await lab.open('of-the-alb', { serviceGroup: group({ app: 100 }) });
    await lab.addPath('of-the-alb', 'rule');
    await answersWith(200, port, '/rule');
    await lab.home.configure('alb', { auth: { basic: { realm: 'alb', secret: 'kube-system/pw' } } });
    for (const path of ['/rule', '/else']) {
      const answer = await answersWith(401, port, path);
      expect(answer.headers['www-authenticate']).toBe('Basic realm="alb"');
      expect((await ask(port, path, LOGIN)).status).toBe(200);
    }
    expect((await ask(guarded, '/nothing-matches')).headers['www-authenticate']).toBe('Basic realm="port"');
  });

  test('lists of addresses are inherited the same way', async () => {
    const port = await lab.open('listed', {
      serviceGroup: group({ app: 100 }),
      config: { auth: {}, sourceRange: { deny: ['127.0.7.0/24'] } },
    });
    await lab.addPath('listed', 'inherits');
    await lab.addPath('listed', 'open', { config: { sourceRange: {} } });
    await eventually(async () => expect((await ask(port, '/open', { from: '127.0.7.1' })).status).toBe(200));
    for (const path of ['/inherits', '/else']) {
      expect((await ask(port, path, { from: '127.0.7.1' })).status).toBe(403);
      expect((await ask(port, path, { from: '127.0.8.1' })).status).toBe(200);
    }
  });
});
