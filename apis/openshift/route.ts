import type { KubernetesObject } from '../meta/object.ts';
import { array, integer, intOrString, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';

/**
 * Where HTTP requests and TLS connections of a host go under OpenShift. We serve no such kind: Routes are read, to be converted.
 *
 * Source: OpenShift, route.openshift.io/v1. Limits of values are left to who reads them, so that a mistake is told by its own name.
 */
export type OpenShiftRoute = KubernetesObject & { readonly spec: OpenShiftRouteSpec; readonly status?: unknown };
export type OpenShiftRouteSpec = TypeOf<typeof openShiftRouteSpec>;
export type RouteTarget = TypeOf<typeof target>;
export type RouteTls = TypeOf<typeof tls>;
export type RouteHeaderAction = TypeOf<typeof headerAction>;

export const OPENSHIFT_ROUTE_GROUP = 'route.openshift.io';

const target = object('Where requests go.', {
  kind: optional(string('Service.')),
  name: string('Its name.'),
  weight: optional(integer('0-256, default 100.')),
});

const headerAction = object('A header that is set or taken away.', {
  name: string('Name.'),
  action: object('What becomes of it.', {
    type: oneOf('Which.', ['Set', 'Delete']),
    set: optional(object('Of type Set.', { value: string('Value; %[...] is computed by the router.') })),
  }),
});

const tls = object('How connections are encrypted.', {
  termination: oneOf('Who ends the encryption of the client.', ['edge', 'reencrypt', 'passthrough']),
  certificate: optional(string('PEM.')),
  key: optional(string('PEM.')),
  caCertificate: optional(string('PEM, the rest of the chain.')),
  destinationCACertificate: optional(string('PEM, who signs certificates of the backend.')),
  insecureEdgeTerminationPolicy: optional(
    oneOf('What becomes of requests that are not encrypted.', ['None', 'Allow', 'Redirect', '']),
  ),
  externalCertificate: optional(object('A Secret in the place of certificate and key.', { name: string('Name.') })),
});

export const openShiftRouteSpec = object('Where requests of a host go.', {
  host: optional(string('Host name.')),
  subdomain: optional(string('First labels of the host, below the domain of the router.')),
  path: optional(string('Prefix of paths.')),
  to: target,
  alternateBackends: optional(array('More targets, by weight.', target)),
  port: optional(object('Port.', { targetPort: intOrString('Of the pods, by number or name.') })),
  tls: optional(tls),
  wildcardPolicy: optional(oneOf('Whether subdomains are meant.', ['None', 'Subdomain', ''])),
  httpHeaders: optional(
    object('Changes of headers.', {
      actions: optional(
        object('Of both directions.', {
          request: optional(array('Of requests.', headerAction)),
          response: optional(array('Of answers.', headerAction)),
        }),
      ),
    }),
  ),
});
