import type { JsonObject } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../../sequence.ts';
import { core, creations, grouped, MERGE_PATCH, object, patch, post, sequence } from '../steps.ts';

const SLICES = grouped('discovery.k8s.io/v1', 'endpointslices');

const slice = (rest: JsonObject) =>
  object('discovery.k8s.io/v1', 'EndpointSlice', 'a', {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.1.2.3'] }],
    ...rest,
  });
const SLICE_BODIES: readonly (readonly [string, JsonObject])[] = [
  ['plain', { ports: [{ port: 80 }] }],
  [
    'conditions',
    {
      endpoints: [
        {
          addresses: ['10.1.2.3'],
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: 'n',
          zone: 'z',
          targetRef: { kind: 'Pod', name: 'p', namespace: '<<ns>>' },
        },
      ],
    },
  ],
  ['no type', { addressType: '' }],
  ['unknown type', { addressType: 'IPv5' }],
  ['wrong family', { addressType: 'IPv6' }],
  ['FQDN', { addressType: 'FQDN', endpoints: [{ addresses: ['example.org'] }] }],
  ['no addresses', { endpoints: [{ addresses: [] }] }],
  ['bad address', { endpoints: [{ addresses: ['x', '169.254.1.1'] }] }],
  ['bad ports', { ports: [{ port: 70_000 }, { name: 'A', port: 1 }, { name: 'b', protocol: 'X' }] }],
  ['same port names', { ports: [{ port: 80 }, { port: 81 }] }],
  ['too many hints', { endpoints: [{ addresses: ['10.1.2.3'], hints: { forZones: [{ name: '' }] } }] }],
];

/** EndpointSlices and Endpoints. */
export const ENDPOINT_SEQUENCES: readonly Sequence[] = [
  ...SLICE_BODIES.map(([what, rest]) => sequence(`EndpointSlice/${what}`, post(SLICES, slice(rest)))),
  sequence('EndpointSlice/loopback address', post(SLICES, slice({ endpoints: [{ addresses: ['127.0.0.1'] }] }))),
  sequence(
    'Endpoints/loopback address',
    post(core('endpoints'), object('v1', 'Endpoints', 'e', { subsets: [{ addresses: [{ ip: '127.0.0.1' }] }] })),
  ),
  sequence(
    'EndpointSlice/changes',
    post(SLICES, slice({})),
    patch(`${SLICES}/a`, MERGE_PATCH, { addressType: 'IPv6' }),
    patch(`${SLICES}/a`, MERGE_PATCH, { endpoints: [{ addresses: ['10.1.2.4'] }] }),
  ),
  creations('Endpoints/validation', core('endpoints'), [
    object('v1', 'Endpoints', 'a', { subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }] }] }),
    object('v1', 'Endpoints', 'b', { subsets: [{ addresses: [{ ip: 'x' }] }] }),
    object('v1', 'Endpoints', 'c', { subsets: [{}] }),
    object('v1', 'Endpoints', 'd', {
      subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }, { port: 81 }] }],
    }),
    object('v1', 'Endpoints', 'e', {
      subsets: [
        { addresses: [{ ip: '169.254.1.1' }, { ip: '224.0.0.1' }], ports: [{ port: 0, protocol: 'X', name: 'A' }] },
      ],
    }),
  ]),
];
