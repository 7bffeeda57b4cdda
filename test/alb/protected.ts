/** Rules and Ingresses that ask who sends a request. */
import type { Ingress, Rule } from '@causeway/resources/kinds';
import { type AuthServer, startAuthServer } from '../acceptance/auth-server.ts';
import type { Echo } from '../acceptance/echo-backend.ts';
import { type Ask, ask } from '../acceptance/http-request.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { ingressOf } from './ingresses.ts';
import { Lab } from './lab.ts';

type Auth = NonNullable<NonNullable<Rule['spec']['config']>['auth']>;

/** A lab with an authentication service called `auth.default.svc`. */
export class GuardedLab {
  readonly lab: Lab;
  readonly auth: AuthServer;
  readonly port: number;

  private constructor(lab: Lab, auth: AuthServer, port: number) {
    this.lab = lab;
    this.auth = auth;
    this.port = port;
  }

  static async start(): Promise<GuardedLab> {
    const [lab, auth] = await Promise.all([Lab.start(['app']), startAuthServer()]);
    await lab.home.apply(...serviceTo({ name: 'auth', port: auth.port }));
    return new GuardedLab(lab, auth, await lab.open('web'));
  }

  async stop(): Promise<void> {
    await this.lab.stop();
    await this.auth.close();
  }

  /** Protects `/<name>` of the port. */
  async guard(name: string, forward: NonNullable<Auth['forward']>): Promise<void> {
    await this.lab.addPath('web', name, {
      config: { auth: { forward: { url: 'http://auth.default.svc/check', ...forward } } },
    });
  }

  /** Headers that the backend gets. */
  async seen(path: string, options: Ask = {}): Promise<Readonly<Record<string, unknown>>> {
    const { status, body } = await ask(this.port, path, options);
    if (status !== 200) throw new Error(`${path} is answered ${status}`);
    return (JSON.parse(body) as Echo).headers;
  }
}

/** An Ingress for `/<name>` with annotations of ingress-nginx; those with a prefix of their own stay as they are. */
export function annotated(name: string, annotations: Readonly<Record<string, string>>): Ingress {
  return ingressOf(name, {
    hosts: { '': [{ path: `/${name}` }] },
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [
        key.includes('/') ? key : `nginx.ingress.kubernetes.io/${key}`,
        value,
      ]),
    ),
  });
}
