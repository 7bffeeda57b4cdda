/** Health and metrics of a real instance. */
import { request as requestTls } from 'node:https';
import { createGunzip } from 'node:zlib';
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

  test('GW-06 compressed for those who take that, or for nobody', async () => {
    const open = { metricsPort: one.metricsPort, metricsAuth: false };
    const encoding = (accepted: string) =>
      new Promise<string | undefined>((resolve, reject) => {
        const options = { host: '127.0.0.1', port: one.metricsPort, path: '/metrics', rejectUnauthorized: false };
        requestTls({ ...options, agent: false, headers: { 'accept-encoding': accepted } }, (response) => {
          const encoded = response.headers['content-encoding'];
          const text = encoded === 'gzip' ? response.pipe(createGunzip()) : response;
          let body = '';
          text.on('data', (part: Buffer) => {
            body += part.toString();
          });
          text.on('end', () => resolve(body.includes('causeway_nginx_workers') ? encoded : 'nothing'));
        })
          .on('error', reject)
          .end();
      });
    one.put();
    one.instances.put('all', [instance({ ...open, metrics: 'gzip' })]);
    one.instances.settle();
    await one.instances.ready();
    expect(await encoding('deflate, gzip')).toBe('gzip');
    expect(await encoding('gzip;q=0')).toBeUndefined();
    one.instances.put('all', [instance({ ...open, metrics: 'none' })]);
    one.instances.settle();
    expect((await ask('/metrics')).status).toBe(404);
    expect((await ask('/healthz')).status).toBe(200);
  });
});
