import type { TestCertificate } from '@causeway/dataplane/test/certificates';
import type { BackendTLSPolicy } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../acceptance/certificate-authority.ts';
import { base64, serviceTo, tlsSecret } from '../acceptance/objects.ts';
import { type SeenByTls, startTlsBackend, type TlsBackend } from '../acceptance/tls-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, gateway, HTTP_PORT, httpListener, httpRoute, to } from './gateway-lab.ts';

/** Services of one backend, whose certificate is for good.test. */
const SERVICES = ['good', 'wrong-name', 'wrong-ca', 'system', 'missing-ca', 'section', 'conflict', 'only-tcp'];
const TCP_PORT = HTTP_PORT + 1;

let lab: GatewayLab;
let backend: TlsBackend;
/** What the Gateway shows. */
let shown: TestCertificate;

beforeAll(async () => {
  const [started, one, other] = await Promise.all([
    GatewayLab.start(['plain']),
    createAuthority('one'),
    createAuthority('other'),
  ]);
  lab = started;
  shown = await one.issue('gateway.test');
  backend = await startTlsBackend('tls', await (await one.intermediate('between')).issue('good.test'));
  await lab.home.apply(
    ...SERVICES.flatMap((name) => serviceTo({ name, port: backend.port })),
    configMap('ca', one.certificatePem),
    configMap('other-ca', other.certificatePem),
    configMap('no-pem', 'none'),
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'ca', namespace: 'default' },
      data: { 'ca.crt': base64(one.certificatePem) },
    },
    httpRoute('tls', [...SERVICES.map((name) => to(name, `/${name}`)), to('plain', '/plain')]),
  );
});
afterAll(async () => {
  await lab.stop();
  await backend.close();
});

function configMap(name: string, certificate: string) {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default' },
    data: { 'ca.crt': certificate },
  };
}

type Validation = Partial<BackendTLSPolicy['spec']['validation']>;

function policy(
  name: string,
  service: string,
  validation: Validation = {},
  section: { readonly sectionName?: string } = {},
): BackendTLSPolicy {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'BackendTLSPolicy',
    metadata: { name, namespace: 'default' },
    spec: {
      targetRefs: [{ group: '', kind: 'Service', name: service, ...section }],
      validation: {
        hostname: 'good.test',
        ...(validation.wellKnownCACertificates === undefined ? { caCertificateRefs: [ca('ca')] } : {}),
        ...validation,
      },
    },
  };
}

const ca = (name: string, kind = 'ConfigMap') => ({ group: '', kind, name });

async function conditions(name: string): Promise<Readonly<Record<string, string>>> {
  const found = await lab.home.read('BackendTLSPolicy', { namespace: 'default', name });
  const [first, ...others] = found?.status?.ancestors ?? [];
  expect(others).toEqual([]);
  expect(first?.ancestorRef).toMatchObject({ kind: 'Gateway', namespace: 'default', name: 'demo' });
  return Object.fromEntries(
    (first?.conditions ?? []).map(({ type, status, reason, observedGeneration }) => {
      expect(observedGeneration).toBe(found?.metadata.generation);
      return [type, `${status} ${reason}`];
    }),
  );
}

const SERVED = { Accepted: 'True Accepted', ResolvedRefs: 'True ResolvedRefs' };

describe('GW-40 BackendTLSPolicy', () => {
  test('who is verified gets the request, with the name as SNI; others never do', async () => {
    await lab.home.apply(
      policy('good', 'good'),
      policy('wrong-name', 'wrong-name', { hostname: 'bad.test' }),
      policy('wrong-ca', 'wrong-ca', { caCertificateRefs: [ca('other-ca')] }),
      policy('system', 'system', { wellKnownCACertificates: 'System' }),
      policy('missing-ca', 'missing-ca', { caCertificateRefs: [ca('nowhere')] }),
    );
    await lab.answers({
      '/good': 'tls',
      '/wrong-name': '502',
      '/wrong-ca': '502',
      '/system': '502',
      '/missing-ca': '500',
      '/plain': 'plain',
    });
    const { serverName } = JSON.parse((await lab.ask('/good')).body) as SeenByTls;
    expect(serverName).toBe('good.test');
    await eventually(async () => {
      for (const name of ['good', 'wrong-name', 'wrong-ca', 'system']) expect(await conditions(name)).toEqual(SERVED);
      expect(await conditions('missing-ca')).toEqual({
        Accepted: 'False NoValidCACertificate',
        ResolvedRefs: 'False InvalidCACertificateRef',
      });
      // The route itself is right.
      expect(await lab.routeCondition('tls', 'ResolvedRefs')).toBe('True ResolvedRefs');
    });
  });

  test('authorities are followed: mistakes close, what is mended opens', async () => {
    await lab.home.apply(policy('good', 'good', { caCertificateRefs: [ca('no-pem')] }));
    await lab.answers({ '/good': '500' });
    await lab.home.apply(policy('good', 'good', { caCertificateRefs: [ca('ca', 'Bucket')] }));
    await eventually(async () => {
      expect(await conditions('good')).toEqual({
        Accepted: 'False NoValidCACertificate',
        ResolvedRefs: 'False InvalidKind',
      });
    });
    // One that can be read is enough.
    await lab.home.apply(policy('good', 'good', { caCertificateRefs: [ca('no-pem'), ca('ca', 'Secret')] }));
    await lab.answers({ '/good': 'tls' });
    await eventually(async () => {
      expect(await conditions('good')).toEqual({
        Accepted: 'True Accepted',
        ResolvedRefs: 'False InvalidCACertificateRef',
      });
    });
  });

  test('the Gateway shows its certificate; one that cannot be had is told', async () => {
    const shows = async (clientCertificateRef: object): Promise<void> => {
      const { spec, ...demo } = gateway('demo', [httpListener()]);
      await lab.home.apply({ ...demo, spec: { ...spec, tls: { backend: { clientCertificateRef } } } });
    };
    const outcome = async (): Promise<readonly unknown[]> => {
      const { status } = (await lab.gateway('demo')) ?? {};
      const of = (wanted: string) => {
        const found = status?.conditions?.find(({ type }) => type === wanted);
        return `${found?.status} ${found?.reason}`;
      };
      const { client } = JSON.parse((await lab.ask('/good')).body) as SeenByTls;
      return [client, of('ResolvedRefs'), of('Accepted')];
    };
    await lab.home.apply(tlsSecret('own', shown), { ...tlsSecret('no-key', shown), data: {}, type: 'Opaque' });
    await shows({ name: 'own' });
    await eventually(async () =>
      expect(await outcome()).toEqual(['gateway.test', 'True ResolvedRefs', 'True Accepted']),
    );
    const cases = [
      [{ name: 'nothing' }, 'InvalidClientCertificateRef'],
      [{ name: 'own', kind: 'Certificate' }, 'InvalidClientCertificateRef'],
      [{ name: 'no-key' }, 'InvalidClientCertificateRef'],
      [{ name: 'own', namespace: 'kube-system' }, 'RefNotPermitted'],
    ] as const;
    for (const [ref, reason] of cases) {
      await shows(ref);
      await eventually(async () => expect(await outcome()).toEqual(['', `False ${reason}`, 'True Accepted']));
    }
  });

  test('what a TCPRoute takes goes on over TLS, to who is verified', async () => {
    const { spec, ...demo } = gateway('demo', [httpListener(), { name: 'tcp', port: TCP_PORT, protocol: 'TCP' }]);
    const to = (service: string) => ({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'TCPRoute',
      metadata: { name: 'tcp', namespace: 'default' },
      spec: { parentRefs: [{ name: 'demo' }], rules: [{ backendRefs: [{ name: service, port: 80 }] }] },
    });
    const answer = async (): Promise<SeenByTls | 'closed'> => {
      const found = await lab.ask('/', { port: TCP_PORT }).catch(() => undefined);
      return found === undefined ? 'closed' : (JSON.parse(found.body) as SeenByTls);
    };
    const tls = { backend: { clientCertificateRef: { name: 'own' } } };
    await lab.home.apply({ ...demo, spec: { ...spec, tls } }, to('only-tcp'), policy('only-tcp', 'only-tcp'));
    await eventually(async () => {
      expect(await answer()).toMatchObject({ backend: 'tls', serverName: 'good.test', client: 'gateway.test' });
      expect(await conditions('only-tcp')).toEqual(SERVED);
    });
    for (const service of ['wrong-name', 'wrong-ca', 'missing-ca']) {
      await lab.home.apply(to(service));
      await eventually(async () => expect(await answer()).toBe('closed'));
      await lab.home.apply(to('only-tcp'));
      await eventually(async () => expect(await answer()).not.toBe('closed'));
    }
  });

  test('of subjectAltNames only the verified name can be had', async () => {
    const names = (hostname: string) => ({ subjectAltNames: [{ type: 'Hostname' as const, hostname }] });
    await lab.home.apply(policy('section', 'section', names('good.test')));
    await lab.answers({ '/section': 'tls' });
    await lab.home.apply(policy('section', 'section', names('other.test')));
    await lab.answers({ '/section': '500' });
    await eventually(async () => expect((await conditions('section'))['Accepted']).toBe('False Invalid'));
    await lab.home.kubectl(['delete', 'backendtlspolicy', 'section', '-n', 'default']);
  });

  test('a port comes before its Service; of two for the same target the older is in force', async () => {
    await lab.home.apply(
      policy('section', 'section', {}, { sectionName: 'http' }),
      policy('whole', 'section', { hostname: 'bad.test' }),
      policy('first', 'conflict'),
    );
    await eventually(async () => expect(await conditions('first')).toEqual(SERVED));
    await lab.home.apply(policy('another', 'conflict', { hostname: 'bad.test' }));
    // Times are whole seconds: the name decides where both came in one.
    const created = async (name: string): Promise<string> =>
      (await lab.home.read('BackendTLSPolicy', { namespace: 'default', name }))?.metadata.creationTimestamp ?? '';
    const [loser, answer] =
      (await created('first')) < (await created('another')) ? ['another', 'tls'] : ['first', '502'];
    await lab.answers({ '/section': 'tls', '/conflict': answer });
    await eventually(async () => {
      expect(await conditions('section')).toEqual(SERVED);
      expect(await conditions('whole')).toEqual(SERVED);
      expect((await conditions(loser))['Accepted']).toBe('False Conflicted');
    });
    await lab.home.kubectl(['delete', 'backendtlspolicy', loser, '-n', 'default']);
    await lab.answers({ '/conflict': loser === 'another' ? 'tls' : '502' });
  });
});
