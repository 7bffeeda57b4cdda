import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ask } from '../acceptance/http-request.ts';
import { group } from '../acceptance/objects.ts';
import { answersWith, Lab } from './lab.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app'], { workerLimit: 1 });
  port = await lab.open('web');
});
afterAll(() => lab.stop());

function from(origin: string | undefined, path: string, method = 'GET'): Promise<Answer> {
  return ask(port, path, { method, headers: origin === undefined ? {} : { origin } });
}

const HEADERS =
  'DNT,X-CustomHeader,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Authorization';

describe('ALB-76 CORS', () => {
  test('an origin in the list is echoed, with all that goes with it; another gets no header, and still its answer', async () => {
    await lab.addPath('web', 't', { enableCORS: true, corsAllowOrigin: 'http://a.com, http://b.com:123' });
    await answersWith(200, port, '/t');
    const good = await from('http://b.com:123', '/t');
    expect(good.headers).toMatchObject({
      'access-control-allow-origin': 'http://b.com:123',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
      'access-control-allow-headers': HEADERS,
    });
    expect(good.headers.vary).toMatch(/\bOrigin\b/);
    const bad = await from('http://b.com', '/t');
    expect(bad.status).toBe(200);
    expect(bad.headers['access-control-allow-origin']).toBeUndefined();
    expect(bad.headers.vary).toMatch(/\bOrigin\b/);
    expect((await from(undefined, '/t')).headers['access-control-allow-origin']).toBe('http://a.com,http://b.com:123');
  });

  test('OPTIONS is answered 204 without the backend', async () => {
    const before = lab.backends['app']?.requests();
    const answer = await from('http://a.com', '/t', 'OPTIONS');
    expect(answer).toMatchObject({ status: 204, body: '' });
    expect(answer.headers).toMatchObject({
      'access-control-max-age': '1728000',
      'access-control-allow-origin': 'http://a.com',
      'access-control-allow-methods': 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
      'content-type': 'text/plain charset=UTF-8',
      'content-length': '0',
    });
    expect(lab.backends['app']?.requests()).toBe(before);
  });

  test('the headers of the backend are replaced', async () => {
    const theirs = `/t?header=${encodeURIComponent('access-control-allow-origin: *')}`;
    expect((await from('http://a.com', theirs)).headers['access-control-allow-origin']).toBe('http://a.com');
    expect((await from('http://x.com', theirs)).headers['access-control-allow-origin']).toBeUndefined();
  });

  test('without enableCORS the backend decides', async () => {
    await lab.addPath('web', 'off', { corsAllowOrigin: 'http://a.com' });
    await answersWith(200, port, '/off');
    const { headers } = await from('http://a.com', '/off?header=access-control-allow-origin:%20*');
    expect(headers['access-control-allow-origin']).toBe('*');
    expect((await from('http://a.com', '/off', 'OPTIONS')).status).toBe(200);
  });

  test('no list, or `*`: any origin', async () => {
    await lab.addPath('web', 'any', { enableCORS: true });
    await lab.addPath('web', 'star', { enableCORS: true, corsAllowOrigin: '*' });
    for (const path of ['/any', '/star']) {
      await answersWith(200, port, path);
      expect((await from('http://x.com', path)).headers['access-control-allow-origin']).toBe('http://x.com');
      expect((await from(undefined, path)).headers['access-control-allow-origin']).toBe('*');
    }
  });

  test('answers of the ALB itself may be read too', async () => {
    await lab.serve('none', []);
    await lab.addPath('web', 'none', { enableCORS: true, serviceGroup: group({ none: 100 }) });
    await answersWith(500, port, '/none');
    expect((await from('http://x.com', '/none')).headers['access-control-allow-origin']).toBe('http://x.com');
    await lab.addPath('web', 'slow', { enableCORS: true, config: { timeout: { proxy_read_timeout_ms: 100 } } });
    const slow = await answersWith(504, port, '/slow?sleep=2000', {
      method: 'POST',
      headers: { origin: 'http://x.com' },
    });
    expect(slow.headers['access-control-allow-origin']).toBe('http://x.com');
  });
});

describe('LIM-15 full CORS', () => {
  test('methods, exposed headers, credentials and age are settings; origins are compared as a whole', async () => {
    await lab.addPath('web', 'full', {
      enableCORS: true,
      corsAllowOrigin: 'https://*.a.com,http://b.com',
      corsAllowHeaders: 'X-Own',
      config: {
        cors: { allowMethods: ['GET', 'PROPFIND'], exposeHeaders: ['X-A'], allowCredentials: false, maxAge: 5 },
      },
    });
    await answersWith(200, port, '/full');
    const { headers } = await from('https://x.a.com', '/full');
    expect(headers).toMatchObject({
      'access-control-allow-origin': 'https://x.a.com',
      'access-control-allow-methods': 'GET, PROPFIND',
      'access-control-allow-headers': 'X-Own',
      'access-control-expose-headers': 'X-A',
    });
    expect(headers['access-control-allow-credentials']).toBeUndefined();
    expect((await from('https://x.a.com', '/full', 'OPTIONS')).headers['access-control-max-age']).toBe('5');
    for (const origin of ['http://b.com.cn', 'https://x.y.a.com', 'https://a.com', 'b.com']) {
      expect((await from(origin, '/full')).headers['access-control-allow-origin'], origin).toBeUndefined();
    }
  });
});
