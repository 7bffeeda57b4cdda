import type { KubernetesObject } from '@causeway/apis/meta/object';
import { deepFreeze } from '@causeway/test/golden/cases';
import { describe, expect, test } from 'vitest';
import { refusals } from '../testing/storable.ts';
import { convertGateways, DEFAULT_GATEWAY_OPTIONS } from './convert.ts';

const DISPLAY = 'listeners.cpaas.io/display-name';

function gateway(annotations: Readonly<Record<string, string>>): KubernetesObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1beta1',
    kind: 'Gateway',
    metadata: { name: 'g', namespace: 'demo', uid: 'x', labels: { 'alb.cpaas.io/alb-ref': 'g-abcde' }, annotations },
    spec: {
      gatewayClassName: 'exclusive-gateway',
      listeners: [
        { name: 'web', port: 80, protocol: 'HTTP' },
        { name: 'gateway-metric', port: 11_782, protocol: 'TCP' },
      ],
    },
    status: {},
  } as KubernetesObject;
}

const alb = {
  apiVersion: 'crd.alauda.io/v2beta1',
  kind: 'ALB2',
  metadata: { name: 'g-abcde', namespace: 'demo' },
  spec: { config: { vip: { lbSvcAnnotations: { 'metallb.universe.tf/address-pool': 'p' } } } },
} as KubernetesObject;

function converted(...objects: readonly KubernetesObject[]) {
  const { objects: written, messages } = convertGateways(deepFreeze(objects), DEFAULT_GATEWAY_OPTIONS);
  expect(refusals(written)).toEqual([]);
  return { written, told: messages.map(({ code, field }) => `${code} ${field}`) };
}

describe('GW-49 Gateways of an ALB', () => {
  test('keep their listeners, and get an EnvoyProxy with the annotations of the Service', () => {
    const { written, told } = converted(gateway({ [DISPLAY]: '["web",""]' }), alb);
    expect(written).toEqual([
      {
        apiVersion: 'gateway.envoyproxy.io/v1alpha1',
        kind: 'EnvoyProxy',
        metadata: { name: 'g', namespace: 'demo' },
        spec: {
          provider: {
            type: 'Kubernetes',
            kubernetes: {
              envoyService: { type: 'LoadBalancer', annotations: { 'metallb.universe.tf/address-pool': 'p' } },
            },
          },
        },
      },
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'Gateway',
        metadata: { name: 'g', namespace: 'demo' },
        spec: {
          gatewayClassName: 'envoy-gateway-operator-cpaas-default',
          listeners: [{ name: 'web', port: 80, protocol: 'HTTP' }],
          infrastructure: { parametersRef: { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'g' } },
        },
      },
    ]);
    expect(told).toEqual(['W405 apiVersion', `W402 metadata.annotations[${DISPLAY}]`, 'W401 spec.listeners[1]']);
  });

  test('annotations that do not fit the listeners: ignored with one warning', () => {
    const annotations = { [DISPLAY]: '["web"]', 'listeners.cpaas.io/creationTimestamp': 'broken' };
    const { written, told } = converted(gateway(annotations), alb);
    expect(written).toHaveLength(2);
    expect(told.filter((text) => text.startsWith('W403'))).toEqual(['W403 metadata.annotations']);
  });

  test('without its ALB2, and without listeners', () => {
    const { written, told } = converted(gateway({}));
    expect([written.length, told.at(-1)]).toEqual([2, 'W404 metadata.labels[alb.cpaas.io/alb-ref]']);
    const empty = { ...gateway({}), spec: { gatewayClassName: 'exclusive-gateway' } } as KubernetesObject;
    expect(converted(empty).told).toContain('E401 spec.listeners');
  });
});

test('GW-29 GW-40 older forms of routes and policies become those of today', () => {
  const routes = converted({
    apiVersion: 'gateway.networking.k8s.io/v1alpha2',
    kind: 'GRPCRoute',
    metadata: { name: 'r', namespace: 'demo' },
    spec: { rules: [{ matches: [{ method: { type: 'service', value: 'a.B' } }] }] },
  } as KubernetesObject);
  expect(routes.written[0]).toMatchObject({
    apiVersion: 'gateway.networking.k8s.io/v1',
    spec: { rules: [{ matches: [{ method: { service: 'a.B' } }] }] },
  });
  expect(routes.told).toEqual(['W405 apiVersion', 'W405 spec.rules[0].matches[0].method']);
  const { written } = converted({
    apiVersion: 'gateway.networking.k8s.io/v1alpha2',
    kind: 'BackendTLSPolicy',
    metadata: { name: 'p', namespace: 'demo' },
    spec: {
      targetRefs: [{ group: '', kind: 'Service', name: 's' }],
      validation: {
        cACertificateRefs: [{ group: '', kind: 'Secret', name: 'ca' }],
        subjectAltNames: ['a.org'],
        hostname: 'a.org',
      },
    },
  } as KubernetesObject);
  expect(written[0]).toMatchObject({
    spec: {
      validation: {
        caCertificateRefs: [{ name: 'ca' }],
        subjectAltNames: [{ type: 'Hostname', hostname: 'a.org' }],
      },
    },
  });
});
