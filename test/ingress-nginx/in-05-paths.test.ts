import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ingress, slice } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { NginxLab } from './nginx-lab.ts';

const CLASS = { className: 'default-demo' };
let lab: NginxLab;

beforeAll(async () => {
  lab = await NginxLab.start(['exact', 'prefix', 'rest']);
});
afterAll(() => lab.stop());

async function backendOf(path: string, host = 'a.com'): Promise<string | number> {
  const { status, headers } = await ask(lab.http, path, { host });
  return status === 200 ? String(headers['x-backend']) : status;
}

describe('IN-05 paths', () => {
  test('exact before prefix before shorter, element by element', async () => {
    await lab.home.apply(
      ingress('exact', '/a', 'exact', { ...CLASS, host: 'a.com', pathType: 'Exact' }),
      ingress('prefix', '/a', 'prefix', { ...CLASS, host: 'a.com' }),
      ingress('rest', '/', 'rest', { ...CLASS, host: 'a.com' }),
    );
    await eventually(async () => {
      expect([await backendOf('/a'), await backendOf('/a/b'), await backendOf('/ab')]).toEqual([
        'exact',
        'prefix',
        'rest',
      ]);
    });
  });

  test('exact host before wildcard before none', async () => {
    await lab.home.apply(
      ingress('named', '/', 'exact', { ...CLASS, host: 'x.b.com' }),
      ingress('wild', '/', 'prefix', { ...CLASS, host: '*.b.com' }),
      ingress('none', '/long/path', 'rest', CLASS),
    );
    await eventually(async () => {
      const asked = [
        backendOf('/long/path', 'x.b.com'),
        backendOf('/long/path', 'y.b.com'),
        backendOf('/long/path', 'z.com'),
      ];
      expect(await Promise.all(asked)).toEqual(['exact', 'prefix', 'rest']);
    });
  });

  test('use-regex makes the paths of the host regexes in any case of letters', async () => {
    const annotations = { 'nginx.ingress.kubernetes.io/use-regex': 'true' };
    const regex = { ...CLASS, host: 'r.com', pathType: 'ImplementationSpecific', annotations };
    await lab.home.apply(ingress('regex', '/foo/.*', 'exact', regex));
    await eventually(async () => expect(await backendOf('/FOO/x', 'r.com')).toBe('exact'));
  });

  test('a path that its type does not allow is told; the others serve', async () => {
    const odd = ingress('odd', '/foo.*(', 'exact', { ...CLASS, host: 'a.com' });
    await expect(lab.home.apply(odd)).rejects.toThrow(/paths\[0\]\.path: .*cannot be used with pathType Prefix/);
    const broken = ingress('odd', '/foo(', 'exact', { ...CLASS, host: 'r.com', pathType: 'ImplementationSpecific' });
    const annotations = { 'nginx.ingress.kubernetes.io/use-regex': 'true' };
    await expect(lab.home.apply({ ...broken, metadata: { ...broken.metadata, annotations } })).rejects.toThrow(
      /paths\[0\]\.path: Invalid value/,
    );
    // Without class it may be an ALB's, so it is stored.
    await lab.home.apply(ingress('odd', '/foo.*(', 'exact', { host: 'a.com' }));
    await eventually(async () =>
      expect(await lab.home.kubectl(['get', 'events'])).toMatch(/cannot be used with pathType Prefix/),
    );
    expect(await backendOf('/a')).toBe('exact');
  });
});

describe('IN-06 no endpoints, no Service, no rule', () => {
  test('503 without endpoints until they come; 503 and an event without the Service; 404 without a rule', async () => {
    const [backend] = lab.backends;
    await lab.home.apply(
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'late', namespace: 'default' },
        spec: { ports: [{ name: 'http', port: 80 }] },
      },
      ingress('late', '/', 'late', { ...CLASS, host: 'late.com' }),
      ingress('absent', '/', 'absent', { ...CLASS, host: 'absent.com' }),
    );
    await eventually(async () => {
      expect(await backendOf('/', 'late.com')).toBe(503);
      expect(await backendOf('/', 'absent.com')).toBe(503);
    });
    expect(await backendOf('/', 'nobody.com')).toBe(404);
    await lab.home.apply(
      slice('late', backend?.port ?? 0, [{ addresses: ['127.0.0.1'], conditions: { ready: true } }]),
    );
    await eventually(async () => expect(await backendOf('/', 'late.com')).toBe('exact'));
    await eventually(async () =>
      expect(await lab.home.kubectl(['get', 'events'])).toMatch(/Service default\/absent not found/),
    );
  });

  test('defaultBackend takes what nobody else does', async () => {
    const { metadata, ...rest } = ingress('default', '/', 'rest', CLASS);
    const service = { name: 'rest', port: { number: 80 } };
    await lab.home.apply({
      ...rest,
      metadata,
      spec: { ingressClassName: 'default-demo', defaultBackend: { service } },
    });
    await eventually(async () => expect(await backendOf('/', 'nobody.com')).toBe('rest'));
    expect(await backendOf('/a')).toBe('exact');
  });
});
