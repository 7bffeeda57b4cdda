/**
 * Upstream's conformance suite of the Gateway API, as a test binary, the backend that its manifests deploy, and its tests of conditions in CEL. What is built
 * has the revision of this file and of the one with the release.
 */
import { BUNDLE_VERSION } from '@causeway/apis/gateway-api/bundle';

const SUITE = 'sigs.k8s.io/gateway-api/conformance';

const module = `${SUITE}@${BUNDLE_VERSION}`;
// The suite's own go.mod takes it from the folder above, which a published module does not have.
const parts = [`sigs.k8s.io/gateway-api@${BUNDLE_VERSION}`];

// The last release whose module has them; later ones have them in a module that is not published.
const CEL_TESTS = { module: 'sigs.k8s.io/gateway-api@v1.4.1', program: 'pkg/test/cel' };

export const gatewayApiPrograms = {
  'gateway-api-suite': { module, parts, isTest: true },
  'gateway-api-echo': { module, parts, program: 'echo-basic' },
  'gateway-api-cel': { ...CEL_TESTS, isTest: true, tags: 'experimental' },
};
