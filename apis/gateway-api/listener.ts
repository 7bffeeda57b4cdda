/** Where a Gateway listens: the same for Gateway and ListenerSet. */
import {
  array,
  checked,
  integer,
  map,
  object,
  oneOf,
  optional,
  type Schema,
  string,
  type TypeOf,
} from '../meta/schema.ts';
import { GATEWAY_GROUP } from './bundle.ts';
import { conditions } from './condition.ts';
import { labelSelector } from './label-selector.ts';
import { groupName, hostname, kindName, optionValue, portNumber, sectionName } from './names.ts';
import { secretReference } from './object-reference.ts';

const MOST_LISTENERS = 64;
const DNS_SUBDOMAIN = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';

const routeKind = object('A kind of routes.', {
  group: optional(groupName('API group.', { default: GATEWAY_GROUP })),
  kind: kindName('Kind, e.g. HTTPRoute.'),
});

const allowedRoutes = object(
  'Which routes may attach.',
  {
    namespaces: optional(
      object(
        'From which namespaces.',
        {
          from: optional(
            oneOf('All, those that selector selects, or the one of the Gateway.', ['All', 'Selector', 'Same'], {
              default: 'Same',
            }),
          ),
          selector: optional(labelSelector('Labels of the namespaces; counts with from: Selector only.')),
        },
        { default: { from: 'Same' } },
      ),
    ),
    kinds: optional(
      array('Of which kinds; absent: all that the protocol can carry.', routeKind, { maxItems: 8, list: 'atomic' }),
    ),
  },
  { default: { namespaces: { from: 'Same' } } },
);

const tls = checked(
  object('How connections are encrypted.', {
    mode: optional(
      oneOf('Terminate: decrypted here. Passthrough: by the backend.', ['Terminate', 'Passthrough'], {
        default: 'Terminate',
      }),
    ),
    certificateRefs: optional(
      array(
        'Certificates with their keys, of which the name that the client asks for decides.',
        secretReference('A certificate.'),
        {
          maxItems: 64,
          list: 'atomic',
        },
      ),
    ),
    options: optional(
      map('Settings that implementations understand, by domain-prefixed name.', optionValue('Value.'), {
        maxProperties: 16,
      }),
    ),
  }),
  {
    message: 'certificateRefs or options must be specified when mode is Terminate',
    rule: "self.mode != 'Terminate' || size(self.certificateRefs) > 0 || size(self.options) > 0",
  },
);

const listener = object('One port, protocol and host name.', {
  name: sectionName('By which routes refer to it.'),
  hostname: optional(hostname('Only for this host name; absent: for all.')),
  port: portNumber('1-65535; several listeners may share one.'),
  protocol: string('HTTP, HTTPS, TLS, TCP, UDP, or a domain-prefixed one of an implementation.', {
    minLength: 1,
    maxLength: 255,
    pattern: `^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$|${DNS_SUBDOMAIN}\\/[A-Za-z0-9]+$`,
  }),
  tls: optional(tls),
  allowedRoutes: optional(allowedRoutes),
});
export type Listener = TypeOf<typeof listener>;

/** All listeners of an object. */
export const listeners: Schema<readonly Listener[]> = checked(
  array('Where it listens.', listener, { minItems: 1, maxItems: MOST_LISTENERS, list: ['name'] }),
  {
    message: "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']",
    rule: "self.all(l, !(l.protocol in ['HTTP', 'TCP', 'UDP']) || !has(l.tls))",
  },
  {
    message: 'tls mode must be Terminate for protocol HTTPS',
    rule: "self.all(l, l.protocol != 'HTTPS' || !has(l.tls) || l.tls.mode in ['', 'Terminate'])",
  },
  {
    message: 'tls mode must be set for protocol TLS',
    rule: "self.all(l, l.protocol != 'TLS' || (has(l.tls) && has(l.tls.mode) && l.tls.mode != ''))",
  },
  {
    message: "hostname must not be specified for protocols ['TCP', 'UDP']",
    rule: "self.all(l, !(l.protocol in ['TCP', 'UDP']) || !has(l.hostname) || l.hostname == '')",
  },
  {
    message: 'Listener name must be unique within the Gateway',
    rule: 'self.all(l1, self.exists_one(l2, l1.name == l2.name))',
  },
  {
    message: 'Combination of port, protocol and hostname must be unique for each listener',
    rule:
      'self.all(l1, self.exists_one(l2, l1.port == l2.port && l1.protocol == l2.protocol && ' +
      'has(l1.hostname) == has(l2.hostname) && (!has(l1.hostname) || l1.hostname == l2.hostname)))',
  },
);

const listenerStatus = object('State of one listener.', {
  name: sectionName('Of the listener.'),
  supportedKinds: optional(
    array('Kinds of routes that it takes: those allowed of those that the protocol can carry.', routeKind, {
      maxItems: 8,
      list: 'atomic',
    }),
  ),
  attachedRoutes: integer('How many routes it serves.', { format: 'int32' }),
  conditions: conditions('Accepted, Programmed, ResolvedRefs, Conflicted and others.'),
});
export type ListenerStatus = TypeOf<typeof listenerStatus>;

/** State of all listeners of an object. */
export const listenerStatuses: Schema<readonly ListenerStatus[]> = array('State of each listener.', listenerStatus, {
  maxItems: MOST_LISTENERS,
  list: ['name'],
});
