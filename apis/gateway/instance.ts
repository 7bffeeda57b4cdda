import { defineKind, type ObjectOfKind } from '../meta/crd.ts';
import { array, boolean, integer, object, oneOf, optional, string } from '../meta/schema.ts';
import { CAUSEWAY_GROUP } from './group.ts';

/**
 * What one data plane reports about itself. Written by its agent only, at most
 * once a second (design D5). Lives in the namespace of the ALB, is named
 * `<alb>-<node>`, carries label `alb2.cpaas.io/name` and is owned by the ALB2.
 */
export type Instance = ObjectOfKind<typeof InstanceKind>;
export type InstanceStatus = NonNullable<Instance['status']>;

export const InstanceKind = defineKind({
  names: {
    group: CAUSEWAY_GROUP,
    version: 'v1alpha1',
    kind: 'Instance',
    plural: 'instances',
    singular: 'instance',
    shortNames: [],
    categories: [],
    namespaced: true,
    statusSubresource: true,
  },
  versions: [
    {
      name: 'v1alpha1',
      description: 'A data plane of an ALB and what it serves; written by its agent.',
      columns: [
        { name: 'node', type: 'string', jsonPath: '.status.node' },
        { name: 'ready', type: 'boolean', jsonPath: '.status.ready' },
        { name: 'version', type: 'integer', jsonPath: '.status.version' },
        { name: 'reloads', type: 'integer', jsonPath: '.status.reloads' },
        { name: 'age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        { name: 'address', type: 'string', jsonPath: '.status.address', priority: 1 },
        { name: 'message', type: 'string', jsonPath: '.status.message', priority: 1 },
        { name: 'logs', type: 'string', jsonPath: '.status.logDirectory', priority: 1 },
      ],
      spec: object('Empty: an instance is not configured here.', {}),
      status: object('What the agent reports.', {
        node: optional(string('Name of the machine.')),
        ready: optional(boolean('Takes traffic with a full configuration.')),
        version: optional(integer('Data-plane version that all workers acknowledged.', { format: 'int64' })),
        observedGeneration: optional(
          integer('Generation of the object that it was made for, of which all workers have everything.', {
            format: 'int64',
          }),
        ),
        observedParts: optional(
          string('The same for further objects that it serves: a digest of their names and generations.'),
        ),
        observedResourceVersion: optional(string('Up to where the agent has seen the API.')),
        workers: optional(
          array(
            'Worker processes.',
            object('One worker.', {
              pid: integer('Process id.'),
              version: integer('Version it acknowledged.', { format: 'int64' }),
            }),
          ),
        ),
        reloads: optional(integer('Reloads since the instance started.', { format: 'int64' })),
        ports: optional(
          array(
            'Ports it was asked to serve.',
            object('One port.', {
              port: integer('Number.', { minimum: 1, maximum: 65_535 }),
              protocol: string('Protocol of the Frontend.'),
              state: oneOf('conflict: taken by another process.', ['listening', 'conflict']),
              message: optional(string('Why it is not listening.')),
            }),
          ),
        ),
        address: optional(string('The address that no other instance has (networkMode container at home).')),
        furtherAddresses: optional(array('More of them, where several were asked for.', string('Address.'))),
        metrics: optional(
          object('Where its metrics are served, and how to know that it is this instance.', {
            addresses: array('Some of those it listens on, loopback first.', string('Address.')),
            certificateSha256: string('Of the self-signed certificate shown there: hexadecimal, with colons.'),
          }),
        ),
        warnings: optional(
          array('What is missing though it serves, e.g. an interface to listen on.', string('For people.')),
        ),
        logDirectory: optional(string('Where access.log, stream.log and error.log are, on that machine.')),
        message: optional(string('Why nginx does not run, or not with the wanted configuration.')),
        providers: optional(
          array(
            'OpenID providers that never said where users sign in; requests that need them get 500.',
            object('One provider.', {
              issuer: string('URL of the issuer.'),
              service: optional(string('Host and port that are asked, where those are not of the issuer.')),
              message: string('Why it cannot be used.'),
            }),
          ),
        ),
        heartbeatTime: optional(string('When this was written.', { format: 'date-time' })),
      }),
    },
  ],
});
