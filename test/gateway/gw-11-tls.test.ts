import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, gateway, HTTPS_PORT, httpRoute, to } from './gateway-lab.ts';

let lab: GatewayLab;
const port = HTTPS_PORT;

type Listener = Parameters<typeof gateway>[1][number];

function httpsListener(name: string, secret: string | object, hostname?: string): Listener {
  const ref = typeof secret === 'string' ? { name: secret } : secret;
  const tls = { certificateRefs: [ref] } as NonNullable<Listener['tls']>;
  return { name, port, protocol: 'HTTPS', tls, ...(hostname === undefined ? {} : { hostname }) };
}

beforeAll(async () => {
  lab = await GatewayLab.start(
    ['a', 'b'],
    [
      httpsListener('every', 'one'),
      httpsListener('two', 'two', 'two.com'),
      httpsListener('wild', 'wild', '*.wild.com'),
    ],
    [
      tlsSecret('one', await selfSigned('one.com')),
      tlsSecret('two', await selfSigned('two.com')),
      tlsSecret('wild', await selfSigned('*.wild.com')),
    ],
  );
  await lab.home.apply(
    httpRoute('a', [to('a')], { parentRefs: [{ name: 'demo', sectionName: 'every' }] }),
    httpRoute('b', [to('b')], { parentRefs: ['two', 'wild'].map((sectionName) => ({ name: 'demo', sectionName })) }),
  );
});
afterAll(() => lab.stop());

/** The backend that answers, and the serial number of the certificate shown. */
async function shown(serverName: string): Promise<{ readonly backend: string; readonly serial: string }> {
  const { headers, status, serial = '' } = await lab.ask('/', { port, serverName, host: serverName });
  return { backend: String(headers['x-backend'] ?? status), serial };
}

describe('GW-11 TLS on listeners', () => {
  test('each shows its certificate and serves its routes', async () => {
    await eventually(async () => {
      const answers = await Promise.all(['other.com', 'two.com', 'x.wild.com', 'y.x.wild.com'].map(shown));
      expect(answers.map(({ backend }) => backend)).toEqual(['a', 'b', 'b', 'b']);
      expect(answers[3]?.serial).toBe(answers[2]?.serial);
      expect(new Set(answers.map(({ serial }) => serial)).size).toBe(3);
    });
    expect(await lab.listenerCondition('demo', 'every', 'ResolvedRefs')).toBe('True ResolvedRefs');
  });

  test('a certificate that is replaced is shown at once', async () => {
    const { serial } = await shown('two.com');
    const underWay = lab.ask('/?sleep=3000', { port, serverName: 'two.com', host: 'two.com' });
    await lab.home.apply(tlsSecret('two', await selfSigned('two.com')));
    await eventually(async () => expect((await shown('two.com')).serial).not.toBe(serial));
    expect(await underWay).toMatchObject({ status: 200, headers: { 'x-backend': 'b' } });
    expect((await shown('two.com')).backend).toBe('b');
  });

  test('a connection for the hosts of one listener is none for those of another', async () => {
    const answered = async (serverName: string, host: string) =>
      String((await lab.ask('/', { port, serverName, host })).status);
    await eventually(async () => {
      expect([
        await answered('two.com', 'one.com'),
        await answered('one.com', 'two.com'),
        await answered('x.wild.com', 'two.com'),
        await answered('x.wild.com', 'y.wild.com'),
        await answered('one.com', 'other.com'),
      ]).toEqual(['421', '421', '421', '200', '200']);
      expect(await lab.listenerCondition('demo', 'two', 'OverlappingTLSConfig')).toBe('True OverlappingHostnames');
    });
  });

  test('of several certificates the name decides, whatever is wrong with another; one for hosts of two listeners is told', async () => {
    const several = [{ name: 'nothing' }, { name: 'one' }, { name: 'two' }];
    await lab.home.apply(
      gateway('several', [
        { ...httpsListener('every', 'one'), port: port + 2, tls: { certificateRefs: several } },
        httpsListener('x', 'wild', 'x.wild.com'),
        httpsListener('y', 'wild', 'y.wild.com'),
      ]),
    );
    const address = await lab.programmed('several');
    const serials = async (at: number, to?: string) =>
      await Promise.all(
        ['other.com', 'two.com'].map(async (serverName) => {
          const options = to === undefined ? {} : { to };
          return (await lab.ask('/', { port: at, serverName, host: serverName, ...options })).serial;
        }),
      );
    await eventually(async () => {
      expect(await serials(port + 2, address)).toEqual(await serials(port));
      expect(await lab.listenerCondition('several', 'every', 'ResolvedRefs')).toBe('False InvalidCertificateRef');
      expect(await lab.listenerCondition('several', 'every', 'Programmed')).toBe('True Programmed');
      for (const name of ['x', 'y'])
        expect(await lab.listenerCondition('several', name, 'OverlappingTLSConfig')).toBe(
          'True OverlappingCertificates',
        );
    });
  });

  test('what cannot be a certificate is told, and the port is not opened for it', async () => {
    await lab.home.apply(
      tlsSecret('broken', { chainPem: 'x', keyPem: 'y' }),
      { ...tlsSecret('opaque', await selfSigned('d.com')), type: 'Opaque' },
      gateway('bad', [
        httpsListener('missing', 'nothing', 'a.com'),
        httpsListener('kind', { kind: 'ConfigMap', name: 'x' }, 'b.com'),
        httpsListener('broken', 'broken', 'c.com'),
        httpsListener('opaque', 'opaque', 'd.com'),
      ]),
    );
    await eventually(async () => {
      for (const name of ['missing', 'kind', 'broken', 'opaque']) {
        expect(await lab.listenerCondition('bad', name, 'ResolvedRefs')).toBe('False InvalidCertificateRef');
        expect(await lab.listenerCondition('bad', name, 'Programmed')).toBe('False Invalid');
      }
    });
  });

  test('what cannot be is refused with its field', async () => {
    const passthrough = { name: 'x', port, protocol: 'HTTPS', tls: { mode: 'Passthrough' } } as const;
    const withoutCertificate = { name: 'x', port, protocol: 'HTTPS', tls: { mode: 'Terminate' } } as const;
    for (const listener of [passthrough, withoutCertificate]) {
      await expect(lab.home.apply(gateway('refused', [listener]))).rejects.toThrow('spec.listeners');
    }
  });
});

describe('GW-12 ReferenceGrant', () => {
  const namespace = 'secrets';
  const grant = (name: string, to: object, from: object = {}) => ({
    apiVersion: 'gateway.networking.k8s.io/v1beta1',
    kind: 'ReferenceGrant',
    metadata: { name, namespace },
    spec: {
      from: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'default', ...from }],
      to: [to],
    },
  });
  const secret = { group: '', kind: 'Secret', name: 'far' };
  const state = () => lab.listenerCondition('far', 'https', 'ResolvedRefs');
  let address: string;

  beforeAll(async () => {
    const far = tlsSecret('far', await selfSigned('far.com'));
    await lab.home.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      { ...far, metadata: { ...far.metadata, namespace } },
      gateway('far', [
        httpsListener('https', { name: 'far', namespace }),
        { name: 'http', port: port + 1, protocol: 'HTTP' },
      ]),
      httpRoute('far', [to('a')], { parentRefs: [{ name: 'far' }] }),
    );
    address = await lab.programmed('far');
  });

  test('without one, or with one for something else, the Secret is not used', async () => {
    await eventually(async () => expect(await state()).toBe('False RefNotPermitted'));
    await lab.home.apply(
      grant('name', { ...secret, name: 'other' }),
      grant('kind', { ...secret, kind: 'ConfigMap' }),
      grant('namespace', secret, { namespace: 'elsewhere' }),
      grant('from', secret, { kind: 'HTTPRoute' }),
    );
    expect(await state()).toBe('False RefNotPermitted');
    await expect(lab.ask('/', { to: address, port, serverName: 'far.com' })).rejects.toThrow();
  });

  test('with it the listener serves; when it goes, handshakes fail', async () => {
    await lab.home.apply(grant('right', secret));
    await eventually(async () => {
      expect(await state()).toBe('True ResolvedRefs');
      expect(await lab.answerer('/', { to: address, port, serverName: 'far.com' })).toBe('a');
    });
    await lab.home.kubectl(['delete', 'referencegrant', 'right', '-n', namespace]);
    await eventually(async () => {
      expect(await state()).toBe('False RefNotPermitted');
      await expect(lab.ask('/', { to: address, port, serverName: 'far.com' })).rejects.toThrow();
    });
  });

  test('of a route to a Service of another namespace, too', async () => {
    const backendRefs = [{ name: 'far', namespace, port: 80 }];
    await lab.home.apply(
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'far', namespace },
        spec: { ports: [{ name: 'http', port: 80 }] },
      },
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'far', namespace, labels: { 'kubernetes.io/service-name': 'far' } },
        addressType: 'IPv4',
        ports: [{ name: 'http', port: lab.backends[1]?.port, protocol: 'TCP' }],
        endpoints: [{ addresses: ['127.0.0.1'] }],
      },
      httpRoute('far', [to('a', '/', { backendRefs })], { parentRefs: [{ name: 'far', sectionName: 'http' }] }),
    );
    const answerer = () => lab.answerer('/', { to: address, port: port + 1 });
    await eventually(async () => {
      expect([await lab.routeCondition('far', 'ResolvedRefs'), await answerer()]).toEqual([
        'False RefNotPermitted',
        '500',
      ]);
    });
    await lab.home.apply(grant('service', { group: '', kind: 'Service' }, { kind: 'HTTPRoute' }));
    await eventually(async () => {
      expect([await lab.routeCondition('far', 'ResolvedRefs'), await answerer()]).toEqual(['True ResolvedRefs', 'b']);
    });
  });
});
