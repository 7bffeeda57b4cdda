/** Health and metrics of a real instance. */
import { request as requestTls } from 'node:https';
import { describe, expect, test } from 'vitest';
import { instance } from './testing/fragments.ts';
import { eventually } from './testing/home.ts';
import { OneRoute } from './testing/one-route.ts';

const one = OneRoute.forTests();

describe('ALB-133: metrics port', () => {
  async function ask(path: string, token?: string): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      requestTls(
        { host: '127.0.0.1', port: one.metricsPort, path, headers, rejectUnauthorized: false, agent: false },
        (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (text: string) => {
            body += text;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        },
      )
        .on('error', reject)
        .end();
    });
  }

  test('health for anybody, metrics with a token', async () => {
    one.put();
    await one.instances.ready();
    expect(await ask('/healthz')).toEqual({ status: 200, body: 'ok\n' });
    expect((await ask('/metrics')).status).toBe(401);
    expect((await ask('/metrics', 'bad')).status).toBe(401);
    for (let i = 0; i < 3; i++) await one.get('/x');
    const labels = 'rule="r",source_type="ingress",source_namespace="default",source_name="ing"';
    const line = `nginx_http_status{port="${one.port}",${labels},status="200",method="GET"} 3\n`;
    await eventually('three requests counted', async () =>
      (await ask('/metrics', 'good')).body.includes(line) ? true : undefined,
    );
    expect((await ask('/clear', 'good')).status).toBe(200);
    expect((await ask('/metrics', 'good')).body).not.toContain('nginx_http_status{');
  });

  test('open when authentication is switched off', async () => {
    one.put();
    one.instances.put('all', [instance({ metricsPort: one.metricsPort, metricsAuth: false })]);
    one.instances.settle();
    await one.instances.ready();
    expect((await ask('/metrics')).body).toContain('causeway_nginx_workers 2');
  });
});
