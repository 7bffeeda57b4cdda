import { Agent } from 'node:https';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import type { Gateway } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../acceptance/certificate-authority.ts';
import type { Echo } from '../acceptance/echo-backend.ts';
import { tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, gateway, HTTPS_PORT, httpListener, httpRoute, to } from './gateway-lab.ts';

type Frontend = NonNullable<NonNullable<Gateway['spec']['tls']>['frontend']>;
type Reference = NonNullable<Frontend['default']['validation']>['caCertificateRefs'][number];

const SECOND_PORT = HTTPS_PORT + 1;
const STREAM_PORT = HTTPS_PORT + 2;
const tls = { certificateRefs: [{ name: 'shown' }] };
const LISTENERS = [
  httpListener(),
  { name: 'first', port: HTTPS_PORT, protocol: 'HTTPS', tls },
  { name: 'second', port: SECOND_PORT, protocol: 'HTTPS', tls },
  { name: 'stream', port: STREAM_PORT, protocol: 'TLS', tls },
];

let lab: GatewayLab;
/** Clients that show a certificate of one of the authorities, on connections of their own. */
let ann: Agent;
let bob: Agent;

beforeAll(async () => {
  const [one, other] = await Promise.all([createAuthority('one'), createAuthority('other')]);
  const agent = async ({ issue }: typeof one, name: string): Promise<Agent> => {
    const { chainPem, keyPem } = await issue(name);
    return new Agent({ cert: chainPem, key: keyPem, keepAlive: false, maxCachedSessions: 0 });
  };
  [ann, bob] = await Promise.all([agent(one, 'ann'), agent(other, 'bob')]);
  lab = await GatewayLab.start(['a'], LISTENERS, [
    tlsSecret('shown', await selfSigned('a.com')),
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'elsewhere' } },
    configMap('one', one.certificatePem),
    configMap('other', other.certificatePem),
    configMap('far', one.certificatePem, 'elsewhere'),
    configMap('no-pem', 'none'),
  ]);
  await lab.home.apply(httpRoute('web', [to('a', '/')]), {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'TCPRoute',
    metadata: { name: 'stream', namespace: 'default' },
    spec: { parentRefs: [{ name: 'demo' }], rules: [{ backendRefs: [{ name: 'a', port: 80 }] }] },
  });
});
afterAll(async () => {
  await lab.stop();
  for (const agent of [ann, bob]) agent.destroy();
});

function configMap(name: string, certificate: string, namespace = 'default') {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { 'ca.crt': certificate } };
}

function wants(name: string, fields: Partial<Reference> = {}, mode?: 'AllowInsecureFallback') {
  const ref = { group: '', kind: 'ConfigMap', name, ...fields };
  return { validation: { caCertificateRefs: [ref], ...(mode && { mode }) } };
}

async function asks(frontend: Frontend): Promise<void> {
  const { spec, ...demo } = gateway('demo', LISTENERS);
  await lab.home.apply({ ...demo, spec: { ...spec, tls: { frontend } } });
}

/** The status of the answer, or `refused` where there is no connection. */
async function answered(port: number, agent?: Agent): Promise<number | 'refused'> {
  try {
    return (await lab.ask('/', { port, serverName: 'a.com', ...(agent && { agent }) })).status;
  } catch {
    return 'refused';
  }
}

const conditions = (listener: string): Promise<string[]> =>
  Promise.all(['Accepted', 'ResolvedRefs', 'Programmed'].map((type) => lab.listenerCondition('demo', listener, type)));

const SERVED = ['True Accepted', 'True ResolvedRefs', 'True Programmed'];

async function isInsecure(): Promise<boolean> {
  const { status } = (await lab.gateway('demo')) ?? {};
  return status?.conditions?.some(({ type }) => type === 'InsecureFrontendValidationMode') === true;
}

describe('GW-11 certificates of clients', () => {
  test('a port lets in whom its authorities know, others do not get a connection', async () => {
    await asks({ default: wants('one'), perPort: [{ port: SECOND_PORT, tls: wants('other') }] });
    await eventually(async () => {
      expect([
        await answered(HTTPS_PORT, ann),
        await answered(HTTPS_PORT, bob),
        await answered(HTTPS_PORT),
        await answered(SECOND_PORT, ann),
        await answered(SECOND_PORT, bob),
        await answered(STREAM_PORT, ann),
        await answered(STREAM_PORT, bob),
        await answered(STREAM_PORT),
        (await lab.ask('/')).status,
      ]).toEqual([200, 'refused', 'refused', 'refused', 200, 200, 'refused', 'refused', 200]);
      expect(await conditions('first')).toEqual(SERVED);
      expect(await isInsecure()).toBe(false);
    });
  });

  test('AllowInsecureFallback lets everybody in, tells the backend, and is told', async () => {
    await asks({ default: wants('one', {}, 'AllowInsecureFallback') });
    await eventually(async () => {
      const told = [];
      for (const agent of [ann, bob, undefined]) {
        const { body } = await lab.ask('/', { port: HTTPS_PORT, serverName: 'a.com', ...(agent && { agent }) });
        told.push(String((JSON.parse(body) as Echo).headers['ssl-client-verify']).split(':')[0]);
      }
      expect(told).toEqual(['SUCCESS', 'FAILED', 'NONE']);
      expect([await answered(STREAM_PORT, bob), await answered(STREAM_PORT)]).toEqual([200, 200]);
      expect(await isInsecure()).toBe(true);
    });
  });

  test('without an authority nobody is let in, and the listener says why; others are as they were', async () => {
    const cases = [
      [wants('nowhere'), 'InvalidCACertificateRef'],
      [wants('no-pem'), 'InvalidCACertificateRef'],
      [wants('a', { kind: 'Service' }), 'InvalidCACertificateKind'],
      [wants('far', { namespace: 'elsewhere' }), 'RefNotPermitted'],
    ] as const;
    for (const [wanted, reason] of cases) {
      await asks({ default: wanted, perPort: [{ port: SECOND_PORT, tls: {} }] });
      await eventually(async () => {
        expect(await conditions('first')).toEqual(['False NoValidCACertificate', `False ${reason}`, 'False Invalid']);
        expect([await answered(HTTPS_PORT, ann), await answered(STREAM_PORT, ann)]).toEqual(['refused', 'refused']);
        expect(await answered(SECOND_PORT)).toBe(200);
        expect(await conditions('stream')).toEqual(await conditions('first'));
        expect(await conditions('second')).toEqual(SERVED);
        expect(await isInsecure()).toBe(false);
      });
    }
    await lab.home.apply({
      apiVersion: 'gateway.networking.k8s.io/v1beta1',
      kind: 'ReferenceGrant',
      metadata: { name: 'far', namespace: 'elsewhere' },
      spec: {
        from: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'default' }],
        to: [{ group: '', kind: 'ConfigMap' }],
      },
    });
    await eventually(async () => {
      expect(await conditions('first')).toEqual(SERVED);
      expect([await answered(HTTPS_PORT, ann), await answered(HTTPS_PORT, bob)]).toEqual([200, 'refused']);
    });
  });
});
