import { defineKind, type ObjectOfKind } from '../meta/crd.ts';
import { array, boolean, integer, map, object, oneOf, optional, string } from '../meta/schema.ts';
import { condition } from './condition.ts';
import { ALB_GROUP } from './group.ts';
import { inheritedSettings } from './inherited-settings.ts';
import { keepalive, proxyProtocol, redirect } from './policy-config.ts';
import { serviceGroup, source } from './service-group.ts';

/** A listening port of an ALB. Source: spec ALB section 2.2. */
export type Frontend = ObjectOfKind<typeof FrontendKind>;
export type FrontendSpec = Frontend['spec'];
export type FrontendStatus = NonNullable<Frontend['status']>;
export type FrontendProtocol = FrontendSpec['protocol'];

export const FrontendKind = defineKind({
  names: {
    group: ALB_GROUP,
    version: 'v1',
    kind: 'Frontend',
    plural: 'frontends',
    singular: 'frontend',
    shortNames: ['ft'],
    categories: [],
    namespaced: true,
    statusSubresource: true,
  },
  versions: [
    {
      name: 'v1',
      description: 'A listening port of an ALB, with its protocol. Lives in the namespace of the ALB2.',
      columns: [
        { name: 'port', type: 'integer', jsonPath: '.spec.port' },
        { name: 'protocol', type: 'string', jsonPath: '.spec.protocol' },
        { name: 'source-type', type: 'string', jsonPath: '.spec.source.type' },
        { name: 'source-ns', type: 'string', jsonPath: '.spec.source.namespace' },
        { name: 'source-name', type: 'string', jsonPath: '.spec.source.name' },
      ],
      spec: object('What the port does.', {
        port: integer('Port number, 1-65535.', { minimum: 1, maximum: 65_535, format: 'int32' }),
        protocol: oneOf('http, https, grpc, grpcs (layer 7); tcp, udp (layer 4).', [
          'http',
          'https',
          'grpc',
          'grpcs',
          'tcp',
          'udp',
        ]),
        certificate_name: optional(
          string('Default certificate of the port: Secret `namespace/name`, old form `namespace_name`.'),
        ),
        backendProtocol: optional(
          string('Protocol to the default service group: "", http, https, grpc; empty: http, on grpc ports grpc.'),
        ),
        serviceGroup: optional(serviceGroup),
        source: optional(source),
        config: optional(
          object('Settings of the port; Rules inherit those that they have too, but redirect.', {
            ...inheritedSettings,
            redirect: optional(redirect),
            keepalive: optional(keepalive),
            proxyProtocol: optional(proxyProtocol),
          }),
        ),
      }),
      status: object('What the instances say about the port, and the controllers about what it refers to.', {
        conditions: optional(
          array('ResolvedRefs: whether its certificate can be shown, on ports with a certificate_name.', condition),
        ),
        instances: optional(
          map(
            'By `<node>/<instance>`.',
            object('One instance.', {
              conflict: boolean('The port is taken by another process.'),
              msg: optional(string('Why.')),
              probeTime: optional(integer('Unix seconds of the last change.', { format: 'int64' })),
            }),
          ),
        ),
      }),
    },
  ],
});
