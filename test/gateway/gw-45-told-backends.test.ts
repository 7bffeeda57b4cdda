/** `proxyProtocol` of a BackendTrafficPolicy: backends are told the client whatever they speak, and whatever its address is. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CertificateAuthority, createAuthority } from '../acceptance/certificate-authority.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { startToldBackend, type ToldBackend } from '../acceptance/told-backend.ts';
import { asked } from '../e2e/asked.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, gateway, HTTP_PORT, httpListener, httpRoute, to } from './gateway-lab.ts';
import { callOnce } from './grpc-backend.ts';
import { policy, policyCondition } from './policy-objects.ts';

const GATEWAY_API = 'gateway.networking.k8s.io/v1';
const NAMES = ['plain', 'http2', 'secure', 'secure-http2'] as const;

let lab: GatewayLab;
let authority: CertificateAuthority;
const backends: ToldBackend[] = [];

beforeAll(async () => {
  [lab, authority] = await Promise.all([GatewayLab.start([]), createAuthority('backends')]);
  const certificate = await authority.issue('told.test', { uris: ['spiffe://shop/told'] });
  for (const name of NAMES) {
    const spoken = { http2: name.endsWith('http2'), ...(name.startsWith('secure') ? { certificate } : {}) };
    const backend = await startToldBackend(spoken);
    backends.push(backend);
    const [service, slice] = serviceTo({ name, port: backend.port });
    const ports = [
      { name: 'http', port: 80, protocol: 'TCP', ...(spoken.http2 && { appProtocol: 'kubernetes.io/h2c' }) },
    ];
    await lab.home.apply({ ...service, spec: { ports } }, slice);
  }
  await lab.home.apply(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'ca', namespace: 'default' },
      data: { 'ca.crt': authority.certificatePem },
    },
    httpRoute(
      'told',
      NAMES.map((name) => to(name, `/${name}`)),
      { hostnames: ['told.test'] },
    ),
    {
      apiVersion: GATEWAY_API,
      kind: 'GRPCRoute',
      metadata: { name: 'told', namespace: 'default' },
      spec: {
        parentRefs: [{ name: 'demo' }],
        hostnames: ['calls.test', 'secure-calls.test'],
        rules: ['http2', 'secure-http2'].map((name) => ({
          matches: [{ method: { service: `shop.${name.replace('-', '_')}` } }],
          backendRefs: [{ name, port: 80 }],
        })),
      },
    },
    ...verified({ hostname: 'told.test' }),
  );
});
afterAll(async () => {
  await lab?.stop();
  for (const backend of backends) backend.close();
});

/** Policies for the backends that speak TLS. */
function verified(validation: object): readonly object[] {
  const caCertificateRefs = [{ group: '', kind: 'ConfigMap', name: 'ca' }];
  return NAMES.filter((name) => name.startsWith('secure')).map((name) => ({
    apiVersion: GATEWAY_API,
    kind: 'BackendTLSPolicy',
    metadata: { name, namespace: 'default' },
    spec: { targetRefs: [{ group: '', kind: 'Service', name }], validation: { caCertificateRefs, ...validation } },
  }));
}

const telling = (version: string, name = 'told') =>
  lab.home.apply(
    policy('BackendTrafficPolicy', name, `HTTPRoute/${name} GRPCRoute/${name}`, { proxyProtocol: { version } }),
  );

/** What each backend was told, without the port. */
async function toldTo(headers: Readonly<Record<string, string>> = {}): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  const note = (name: string, said: string) => {
    found[name] = said.replace(/ \d+$/, '');
  };
  for (const name of NAMES) note(name, (await lab.ask(`/${name}`, { host: 'told.test', headers })).body);
  for (const name of ['http2', 'secure-http2']) {
    const call = { host: 'calls.test', headers };
    note(
      `calls of ${name}`,
      await callOnce(`${lab.address}:${HTTP_PORT}`, `/shop.${name.replace('-', '_')}/Add`, call),
    );
  }
  return found;
}

const everybody = (said: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...NAMES, 'calls of http2', 'calls of secure-http2'].map((name) => [name, said]));

describe('GW-45 proxyProtocol', () => {
  test('of either version, to backends with HTTP/1.1, HTTP/2 and gRPC, in the clear and over TLS that is verified', async () => {
    for (const version of ['V1', 'V2']) {
      await telling(version);
      await eventually(async () => {
        expect(await toldTo()).toEqual(everybody(`${version.toLowerCase()} ${lab.address}`));
        expect(await policyCondition(lab, 'BackendTrafficPolicy', 'told')).toContain('True Accepted');
      });
    }
  });

  test('a backend that does not prove who it is gets no request; names other than a hostname are verified, too', async () => {
    await lab.home.apply(...verified({ hostname: 'other.test' }));
    const names = [...NAMES, 'calls of http2', 'calls of secure-http2'];
    const refused = Object.fromEntries(
      names.map((name) => [name, !name.includes('secure') ? `v2 ${lab.address}` : expect.not.stringContaining('v2')]),
    );
    await eventually(async () => expect(await toldTo()).toEqual(refused));
    const subjectAltNames = [{ type: 'URI', uri: 'spiffe://shop/told' }];
    await lab.home.apply(...verified({ hostname: 'other.test', subjectAltNames }));
    await eventually(async () => expect(await toldTo()).toEqual(everybody(`v2 ${lab.address}`)));
  });

  test('clients with IPv6, as a proxy names them', async () => {
    await lab.home.apply(
      policy('ClientTrafficPolicy', 'proxied', 'Gateway/demo', {
        clientIPDetection: { xForwardedFor: { numTrustedHops: 1 } },
      }),
    );
    const client = { 'x-forwarded-for': '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff' };
    for (const version of ['V1', 'V2']) {
      await telling(version);
      await eventually(async () => {
        const said = `${version.toLowerCase()} 2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff`.replace(
          ':db8',
          version === 'V2' ? ':0db8' : ':db8',
        );
        expect(await toldTo(client)).toEqual(everybody(said));
      });
    }
  });

  test('both ends of a connection with IPv6, as the PROXY protocol names them', async () => {
    await lab.home.apply(
      gateway('behind', [httpListener()]),
      httpRoute(
        'behind',
        NAMES.map((name) => to(name, `/${name}`)),
        { parentRefs: [{ name: 'behind' }] },
      ),
      policy('ClientTrafficPolicy', 'behind', 'Gateway/behind', { proxyProtocol: {} }),
      policy('BackendTrafficPolicy', 'behind', 'HTTPRoute/behind', { proxyProtocol: { version: 'V1' } }),
    );
    const address = await lab.programmed('behind');
    const [client, server] = ['2001:db8:1111:2222:3333:4444:5555:6666', '2001:db8:9999:8888:7777:6666:5555:4444'];
    await eventually(async () => {
      const said: string[] = [];
      for (const name of NAMES) {
        asked.times += 1;
        const socket = connect(HTTP_PORT, address);
        let text = '';
        socket.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        socket.on('error', () => undefined);
        const request = `GET /${name} HTTP/1.1\r\nHost: a.com\r\nConnection: close\r\n\r\n`;
        socket.write(`PROXY TCP6 ${client} ${server} 40000 50000\r\n${request}`);
        await once(socket, 'close');
        said.push(/v1 [^\r\n]*/.exec(text)?.[0] ?? text);
      }
      expect(said).toEqual(NAMES.map(() => `v1 ${client} 40000`));
    });
  });
});
