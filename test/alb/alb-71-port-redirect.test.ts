import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { frontend, group, rule } from '../acceptance/objects.ts';
import { ALB, answersWith, Lab } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app'], { workerLimit: 1 });
});
afterAll(() => lab.stop());

describe('ALB-71 port redirect and legacy fields', () => {
  test('a Frontend redirects before all Rules, without default service group too', async () => {
    const port = await lab.open('moved', { config: { redirect: { scheme: 'https' } } });
    await lab.addRule('moved', 'first', {
      priority: 1,
      dslx: [{ type: 'URL', values: [['STARTS_WITH', '/rule']] }],
      serviceGroup: group({ app: 100 }),
      config: { redirect: { url: 'http://never.com' } },
    });
    for (const path of ['/rule/x?a=1', '/unmatched']) {
      const answer = await answersWith(302, port, path, { host: `a.com:${port}` });
      expect(answer.headers.location).toBe(`https://a.com${path}`);
    }
    // Without it the Rule decides again.
    await lab.home.apply(frontend(ALB, 'moved', port));
    expect((await answersWith(404, port, '/unmatched')).body).toBe('X-Error: 404\n');
    expect((await answersWith(302, port, '/rule/x')).headers.location).toBe('http://never.com');
  });

  test('redirectURL and redirectCode win over config.redirect', async () => {
    const port = await lab.open('legacy');
    const object = rule(
      { alb: ALB, frontend: 'legacy', name: 'legacy' },
      {
        dslx: [{ type: 'URL', values: [['STARTS_WITH', '/']] }],
        redirectURL: 'https://old.demo.com',
        redirectCode: 308,
        config: { redirect: { url: '/new', code: 303 } },
      },
    );
    await lab.home.apply(object);
    const answer = await answersWith(308, port, '/x');
    expect(answer.headers.location).toBe('https://old.demo.com');
  });
});
