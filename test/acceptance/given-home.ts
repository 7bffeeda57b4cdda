/** What `causeway conformance second-home` gives to tests: an installation on a real API server, in the place of `up`. */

/** A folder of installations that are there, and stay; see `shared-up.ts`. */
export const GIVEN_INSTALLATIONS = process.env['CAUSEWAY_SHARED_INSTALLATIONS'];

/** Neither `up` nor its programs can be killed, and built-in kinds are judged by Kubernetes. */
export const ON_CLUSTER = GIVEN_INSTALLATIONS !== undefined;

/** Where backends listen, and what their EndpointSlices say: the API server of a cluster refuses loopback addresses. */
export const BACKEND_ADDRESS = process.env['CAUSEWAY_BACKEND_ADDRESS'] ?? '127.0.0.1';
