import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CertificateAuthority, createAuthority } from '../../acceptance/certificate-authority.ts';
import type { Echo } from '../../acceptance/echo-backend.ts';
import { startGrpcBackend } from '../../acceptance/grpc-backend.ts';
import { type Answer, ask } from '../../acceptance/http-request.ts';
import { base64, ingress, serviceTo, slice, tlsSecret } from '../../acceptance/objects.ts';
import { startTlsBackend } from '../../acceptance/tls-backend.ts';
import { eventually } from '../../e2e/eventually.ts';
import { NginxLab } from '../nginx-lab.ts';
import { type CompatibilityCase, type Exchange, Unlike } from './case.ts';
import { CLASS, hostOf, ingressesOf } from './manifests.ts';

/** An address of this machine that no case counts requests of. */
const BYSTANDER = '127.9.9.9';
/** `user`, `password`. */
const USER = 'user:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=';

/** What some annotations need to be allowed, or to work. Nobody listens at the collector. */
const CONFIG = {
  'annotations-risk-level': 'Critical',
  'global-allowed-response-headers': 'X-Custom,X-Dollar',
  'otlp-collector-host': '127.0.0.1',
};

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * One `./causeway up` with one IngressNginx and everything that cases ask for: Services `app`, `other`, `third` and `counted` (echo backends), `trio`
 * (the first three together), `none` (no endpoints), `secure` (TLS, certificate for secure.internal), `calls` (gRPC), `limping` (a dead endpoint
 * beside `app`); Secrets `users` (user, password), `user-map`, `trust` (the CA of `secure`, and a client certificate) and `distrust`; an
 * authentication service and a mirror.
 */
export class CompatibilityBench {
  readonly lab: NginxLab;
  readonly authority: CertificateAuthority;
  /** What the authentication service was asked. */
  readonly asked: Asked[] = [];
  /** What the mirror got. */
  readonly mirrored: Asked[] = [];
  readonly #servers: Server[] = [];
  #closers: readonly (() => Promise<void>)[] = [];
  #auth = '';
  #mirror = '';

  private constructor(lab: NginxLab, authority: CertificateAuthority) {
    this.lab = lab;
    this.authority = authority;
  }

  static async start(): Promise<CompatibilityBench> {
    const [lab, authority, stranger] = await Promise.all([
      NginxLab.start(['app', 'other', 'third', 'counted'], {
        config: CONFIG,
        ingressClassResource: { name: 'of-nobody' },
      }),
      createAuthority('compatibility'),
      createAuthority('stranger'),
    ]);
    const bench = new CompatibilityBench(lab, authority);
    try {
      await bench.#furnish(stranger);
      return bench;
    } catch (error) {
      await bench.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.lab.stop();
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
    for (const close of this.#closers) await close();
  }

  /** Applies the objects of all cases and waits until they serve. */
  async apply(cases: readonly CompatibilityCase[]): Promise<void> {
    const objects = cases.flatMap((one, index) => {
      const host = hostOf(index);
      return [...(one.objects ?? []), ...ingressesOf(one, host, (text) => this.#filled(text, host))];
    });
    // Admission judges Ingresses of classes that are served: what it would refuse is stored before.
    await this.lab.home.apply(...objects);
    const patch = JSON.stringify({
      spec: { controller: { ingressClassResource: { name: CLASS }, extraArgs: { 'enable-ssl-passthrough': 'true' } } },
    });
    await this.lab.home.kubectl(['patch', 'ingressnginx', 'demo', '-n', 'default', '--type=merge', '-p', patch]);
    await this.lab.home.apply(ingress('ready', '/', 'app', { className: CLASS, host: 'ready.test' }));
    await this.ready('ready.test');
  }

  /** Waits until something is served for a host. */
  async ready(host: string, path = '/'): Promise<void> {
    await eventually(async () => {
      const answer = await ask(this.lab.http, path, { host, from: BYSTANDER });
      if (answer.status === 404) throw new Unlike(host, 'anything but 404', answer);
    });
  }

  ask(host: string, { path = '/', send = {}, tls }: Exchange = {}): Promise<Answer> {
    return tls === true
      ? ask(this.lab.https, path, { host, serverName: host, ...send })
      : ask(this.lab.http, path, { host, ...send });
  }

  /** @throws Unlike */
  async exchange(host: string, exchange: Exchange): Promise<Answer> {
    const answer = await this.ask(host, exchange);
    const wanted = (text: string) => this.#filled(text, host);
    const { status = 200, headers = {}, seen = {}, url, backend, body } = exchange;
    if (answer.status !== status) throw new Unlike('status', status, answer);
    for (const [name, value] of Object.entries(headers)) {
      const got = answer.headers[name.toLowerCase()];
      if (!isLike(got, value, wanted)) throw new Unlike(name, value, answer);
    }
    if (backend !== undefined && answer.headers['x-backend'] !== backend) throw new Unlike('backend', backend, answer);
    if (body !== undefined && !body.test(answer.body)) throw new Unlike('body', body, answer);
    if (url === undefined && Object.keys(seen).length === 0) return answer;
    const echo = JSON.parse(answer.body) as Echo;
    if (url !== undefined && echo.url !== url) throw new Unlike('url at the backend', url, answer);
    for (const [name, value] of Object.entries(seen)) {
      if (!isLike(echo.headers[name.toLowerCase()], value, wanted))
        throw new Unlike(`${name} at the backend`, value, answer);
    }
    return answer;
  }

  /** How often requests, one after the other, were answered by each backend; failures by their status. */
  async shares(host: string, count: number, exchange: Exchange = {}): Promise<Readonly<Record<string, number>>> {
    const got: Record<string, number> = {};
    for (let sent = 0; sent < count; sent += 1) {
      const { status, headers } = await this.ask(host, exchange);
      const name = status === 200 ? String(headers['x-backend']) : String(status);
      got[name] = (got[name] ?? 0) + 1;
    }
    return got;
  }

  /** So many requests at once; how many had each status. */
  async burst(host: string, count: number, exchange: Exchange = {}): Promise<Readonly<Record<number, number>>> {
    const answers = await Promise.all(Array.from({ length: count }, () => this.ask(host, exchange)));
    const got: Record<number, number> = {};
    for (const { status } of answers) got[status] = (got[status] ?? 0) + 1;
    return got;
  }

  /** Requests that the echo backends have got. */
  received(name: string): number {
    return this.lab.backends.find((backend) => backend.name === name)?.requests() ?? 0;
  }

  #filled(text: string, host: string): string {
    return text
      .replaceAll('{host}', host)
      .replaceAll('{namespace}', 'default')
      .replaceAll('{auth}', this.#auth)
      .replaceAll('{mirror}', this.#mirror);
  }

  async #furnish(stranger: CertificateAuthority): Promise<void> {
    const [certificate, client] = await Promise.all([
      this.authority.issue('secure.internal'),
      this.authority.issue('the client'),
    ]);
    const [secure, calls] = await Promise.all([startTlsBackend('secure', certificate), startGrpcBackend('calls')]);
    this.#closers = [() => secure.close(), () => calls.close()];
    this.#auth = await this.#serve((asked) => {
      this.asked.push(asked);
      return answerOfAuth(asked);
    });
    this.#mirror = await this.#serve((asked) => {
      this.mirrored.push(asked);
      return { status: 200, headers: {} };
    });
    const app = this.#portOf('app');
    const ready = [{ addresses: ['127.0.0.1'], conditions: { ready: true } }];
    const [trio] = serviceTo({ name: 'trio', port: 0 });
    const [none] = serviceTo({ name: 'none', port: 0 });
    const [limping] = serviceTo({ name: 'limping', port: 0 });
    await this.lab.home.apply(
      ...serviceTo(secure),
      ...serviceTo(calls),
      trio,
      ...this.lab.backends.slice(0, 3).map(({ name, port }) => slice('trio', port, ready, `trio-${name}`)),
      none,
      limping,
      slice('limping', app, ready, 'limping-app'),
      // Nobody listens on the first port of the machine.
      slice('limping', 1, ready, 'limping-dead'),
      secret('users', { auth: `${USER}\n` }),
      secret('user-map', { user: USER.slice('user:'.length) }),
      secret('no-users', { auth: 'user:\n' }),
      secret('trust', {
        'ca.crt': this.authority.certificatePem,
        'tls.crt': client.chainPem,
        'tls.key': client.keyPem,
      }),
      secret('distrust', {
        'ca.crt': stranger.certificatePem,
        'tls.crt': client.chainPem,
        'tls.key': client.keyPem,
      }),
      tlsSecret('site', await this.authority.issue('site.test')),
      configMap('headers', { 'X-Custom': '42', 'X-Dollar': '$remote_addr' }),
      configMap('auth-headers', { 'X-From-Map': '42' }),
    );
  }

  #portOf(name: string): number {
    return this.lab.backends.find((backend) => backend.name === name)?.port ?? 0;
  }

  async #serve(
    reply: (asked: Asked) => { readonly status: number; readonly headers: Readonly<Record<string, string>> },
  ): Promise<string> {
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const { status, headers: own } = reply({ method, url, headers, body });
        response.writeHead(status, own);
        response.end();
      });
    });
    this.#servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}

/**
 * `/basic`: only `user` with `password`; `/cookie`: everybody, with a cookie; `/named`: everybody, with a header; `/denied`: nobody.
 */
function answerOfAuth({ url, headers }: Asked): { status: number; headers: Readonly<Record<string, string>> } {
  if (url.startsWith('/basic')) {
    return { status: headers.authorization === `Basic ${base64('user:password')}` ? 200 : 401, headers: {} };
  }
  if (url.startsWith('/cookie')) return { status: 200, headers: { 'set-cookie': 'from-auth=yes' } };
  if (url.startsWith('/named')) return { status: 200, headers: { 'x-user': 'jane' } };
  return { status: url.startsWith('/denied') ? 403 : 200, headers: {} };
}

/** Header of a client that says who it is. */
export const LOGIN = { authorization: `Basic ${base64('user:password')}` };

function configMap(name: string, data: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data };
}

function secret(name: string, texts: Readonly<Record<string, string>>): object {
  const data = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, base64(text)]));
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, type: 'Opaque', data };
}

function isLike(
  got: string | readonly string[] | undefined,
  wanted: string | RegExp,
  filled: (text: string) => string,
): boolean {
  const text = got === undefined ? '' : typeof got === 'string' ? got : got.join('; ');
  return typeof wanted === 'string' ? text === filled(wanted) : wanted.test(text);
}
