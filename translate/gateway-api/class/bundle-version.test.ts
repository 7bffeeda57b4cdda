import { BUNDLE_VERSION, BUNDLE_VERSION_ANNOTATION } from '@causeway/apis/gateway-api/bundle';
import { Snapshot } from '@causeway/resources/snapshot';
import { expect, test } from 'vitest';
import { supportedVersion } from './bundle-version.ts';

/** What is said where HTTPRoutes are of `version`, and the other kinds of the one that is served. */
function saidOf(version: string | undefined): readonly string[] {
  const snapshot = new Snapshot();
  const put = (name: string, found: string | undefined) =>
    snapshot.put('CustomResourceDefinition', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name, ...(found === undefined ? {} : { annotations: { [BUNDLE_VERSION_ANNOTATION]: found } }) },
    });
  put('gateways.gateway.networking.k8s.io', BUNDLE_VERSION);
  put('httproutes.gateway.networking.k8s.io', version);
  put('widgets.example.com', undefined);
  return supportedVersion(snapshot.present).map(
    ({ type, status, reason, message }) => `${type} ${status} ${reason}: ${message}`,
  );
}

test('GW-03 a class says whether the kinds of the Gateway API are of the release that is served', () => {
  const good = 'SupportedVersion True SupportedVersion: its kinds are of v1.6.x, which is served';
  expect([saidOf(BUNDLE_VERSION), saidOf('v1.6.0')]).toEqual([[good], [good]]);
  const bad =
    'SupportedVersion False UnsupportedVersion: v1.6.x is served, and what others have of it; not of that release are';
  expect(saidOf('v1.4.1')).toEqual([`${bad} httproutes.gateway.networking.k8s.io: v1.4.1`]);
  expect(saidOf('v1.60.0')).toEqual([`${bad} httproutes.gateway.networking.k8s.io: v1.60.0`]);
  expect(saidOf(undefined)).toEqual([`${bad} httproutes.gateway.networking.k8s.io: no version`]);
  expect(supportedVersion(new Snapshot().present)).toEqual([]);
});
