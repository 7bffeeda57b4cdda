import type { EnvoyGatewayCtl } from '@causeway/resources/kinds';
import { expect, test } from 'vitest';
import { deploysBesideGateways, readCtlConfig } from './ctl-config.ts';

function ctl(config: object, inForce?: object): EnvoyGatewayCtl {
  return {
    ...{ apiVersion: 'envoy-gateway.alauda.io/v1', kind: 'EnvoyGatewayCtl', metadata: { name: 'c' } },
    ...{ spec: { config }, ...(inForce === undefined ? {} : { status: { config: inForce } }) },
  } as EnvoyGatewayCtl;
}

const BESIDE = { provider: { kubernetes: { deploy: { type: 'GatewayNamespace' } } } };

test('what is written is in force, unless it is wrong: then the last that was good', () => {
  expect(readCtlConfig(ctl({ envoyGateway: BESIDE }))).toEqual({ mistakes: [], inForce: BESIDE });
  expect(readCtlConfig(ctl({ envoyGateway: {} }, BESIDE)).inForce).toEqual({});
  const wrong = { envoyGateway: { ...BESIDE, rateLimit: {}, other: 1 }, more: {} };
  expect(readCtlConfig(ctl(wrong))).toEqual({
    mistakes: [
      'spec.config.more: unknown',
      'spec.config.envoyGateway.other: unknown',
      'spec.config.envoyGateway.rateLimit.backend: Required value',
    ],
    inForce: {},
  });
  expect(readCtlConfig(ctl(wrong, { logging: {} })).inForce).toEqual({ logging: {} });
});

test('where objects of Gateways are changes with a good configuration alone', () => {
  expect(deploysBesideGateways(ctl({ envoyGateway: BESIDE }))).toBe(true);
  expect(deploysBesideGateways(ctl({ envoyGateway: { other: 1 } }, BESIDE))).toBe(true);
  expect(deploysBesideGateways(ctl({ envoyGateway: { ...BESIDE, other: 1 } }))).toBe(false);
});
