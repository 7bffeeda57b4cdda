import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALB_NAMESPACE, Installation } from '../acceptance/installation.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import type { AlbPorts } from '../e2e/quick-start.ts';
import { ingressOf } from './ingresses.ts';

let home: Installation;
let ports: AlbPorts;

beforeAll(async () => {
  home = await Installation.join();
  ports = await home.addAlb('alb', {}, '127.0.0.1,alb.example.com');
  await home.apply(...serviceTo({ name: 'app', port: 9 }));
});
afterAll(() => home.stop());

describe('ALB-25 Ingress status', () => {
  const hosts = { 'a.com': [{}], 'b.com': [{}] };
  const tls = { 'alb.networking.cpaas.io/tls': 'a.com=default/cert, b.com=default/cert' };
  const web = (annotations = {}) => ingressOf('web', { className: 'alb', hosts, annotations });

  /** `ip:port,port` of each entry. */
  async function shown(): Promise<readonly string[]> {
    const { status } = (await home.read('Ingress', { namespace: 'default', name: 'web' })) ?? {};
    return (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname, ports: listed }) => {
      const numbers = (listed ?? []).map(({ port, protocol }) => (protocol === 'TCP' ? String(port) : protocol));
      return `${ip ?? hostname}:${numbers.join()}`;
    });
  }

  const showing = (...entries: readonly string[]) => eventually(async () => expect(await shown()).toEqual(entries));
  const setAddress = (address: string) =>
    home.kubectl([
      'patch',
      'alb2',
      'alb',
      '-n',
      ALB_NAMESPACE,
      '--type=merge',
      '-p',
      JSON.stringify({ spec: { address } }),
    ]);

  test('every address, as ip or hostname, with the http port', async () => {
    await home.apply(web());
    await showing(`127.0.0.1:${ports.http}`, `alb.example.com:${ports.http}`);
    expect(await home.kubectl(['get', 'ingress', 'web'])).toContain('127.0.0.1,alb.example.com');
  });

  test('certificates for one of the hosts by annotation: the https port appears; for all: the http port goes', async () => {
    await home.apply(web({ 'alb.networking.cpaas.io/tls': 'a.com=default/cert' }));
    const both = [ports.http, ports.https].sort((a, b) => a - b).join();
    await showing(`127.0.0.1:${both}`, `alb.example.com:${both}`);
    await home.apply(web(tls));
    await showing(`127.0.0.1:${ports.https}`, `alb.example.com:${ports.https}`);
    await home.apply(web());
    await showing(`127.0.0.1:${ports.http}`, `alb.example.com:${ports.http}`);
  });

  test('entries of others stay; addresses that the ALB lost go', async () => {
    const foreign = { ip: '203.0.113.9' };
    const entries = (await home.read('Ingress', { namespace: 'default', name: 'web' }))?.status?.loadBalancer?.ingress;
    const patch = JSON.stringify({ status: { loadBalancer: { ingress: [foreign, ...(entries ?? [])] } } });
    await home.kubectl(['patch', 'ingress', 'web', '--subresource=status', '--type=merge', '-p', patch]);
    await setAddress('192.0.2.7');
    await showing('203.0.113.9:', `192.0.2.7:${ports.http}`);
    // Remembered: an Ingress that comes to show it again by a writer that is late would be cleaned.
    const alb = await home.read('ALB2', { namespace: ALB_NAMESPACE, name: 'alb' });
    expect(alb?.status?.detail?.address).toMatchObject({ published: ['127.0.0.1', '192.0.2.7', 'alb.example.com'] });
  });

  test('what is written once is not written again (design D16)', async () => {
    const version = async () =>
      (await home.read('Ingress', { namespace: 'default', name: 'web' }))?.metadata.resourceVersion;
    const before = await version();
    await home.apply(ingressOf('other', { className: 'alb', hosts: { 'c.com': [{}] } }));
    await eventually(async () => {
      const { status } = (await home.read('Ingress', { namespace: 'default', name: 'other' })) ?? {};
      expect(status?.loadBalancer?.ingress).toHaveLength(1);
    });
    expect(await version()).toBe(before);
  });

  test('the ALB2 is deleted: its entries are gone', async () => {
    await home.kubectl(['delete', 'alb2', 'alb', '-n', ALB_NAMESPACE]);
    await showing('203.0.113.9:');
  });
});
