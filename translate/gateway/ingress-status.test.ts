import { Snapshot } from '@causeway/resources/snapshot';
import { describe, expect, test } from 'vitest';
import { ingressNginxSettings } from './ingress-nginx/settings.ts';
import { nginxAddresses } from './ingress-status.ts';

describe('addresses of an IngressNginx that is on the network of its machine', () => {
  test.each([
    [['127.0.0.1', '::1', 'fd00::2', '192.0.2.2', '192.0.2.3'], ['192.0.2.2']],
    [['127.0.0.1', 'fd00::2'], ['fd00::2']],
    [['127.0.0.1', '::1'], []],
    [undefined, []],
  ])('it listens on %j: %j', (listening, expected) => {
    const snapshot = new Snapshot();
    snapshot.put('Instance', {
      apiVersion: 'causeway.dev/v1alpha1',
      kind: 'Instance',
      metadata: { name: 'i', namespace: 'ns', labels: { 'alb2.cpaas.io/name': 'demo.ingress-nginx' } },
      spec: {},
      status: { ...(listening === undefined ? {} : { metrics: { addresses: listening, certificateSha256: '' } }) },
    });
    const settings = ingressNginxSettings({
      apiVersion: 'ingress-nginx.alauda.io/v1',
      kind: 'IngressNginx',
      metadata: { name: 'demo', namespace: 'ns' },
      spec: { controller: { hostNetwork: true } },
    });
    expect(nginxAddresses(snapshot.present, settings)).toEqual(expected);
  });
});
