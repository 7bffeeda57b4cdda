import type { Gateway, HTTPRoute } from '@causeway/resources/kinds';
import { expect } from 'vitest';
import { type EchoBackend, startEchoBackend } from '../acceptance/echo-backend.ts';
import { type Answer, type Ask, ask } from '../acceptance/http-request.ts';
import { Installation } from '../acceptance/installation.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';

type Listener = Gateway['spec']['listeners'][number];
export type Rule = NonNullable<HTTPRoute['spec']['rules']>[number];

/** Ports of a Gateway are its own; those below 1024 need root. */
export const HTTP_PORT = process.getuid?.() === 0 ? 80 : 8080;
export const HTTPS_PORT = process.getuid?.() === 0 ? 443 : 8443;

/** One `./causeway up` with a Gateway `demo` in namespace `default`, and echo backends with Services of their names. */
export class GatewayLab {
  readonly home: Installation;
  readonly backends: readonly EchoBackend[];
  /** Of the Gateway `demo`. */
  address = '';

  private constructor(home: Installation, backends: readonly EchoBackend[]) {
    this.home = home;
    this.backends = backends;
  }

  /** @param before what the Gateway refers to */
  static async start(
    names: readonly string[],
    listeners: readonly Listener[] = [httpListener()],
    before: readonly object[] = [],
  ): Promise<GatewayLab> {
    const [home, ...backends] = await Promise.all([
      Installation.join(),
      ...names.map((name) => startEchoBackend(name)),
    ]);
    const lab = new GatewayLab(home, backends);
    try {
      await home.apply(...backends.flatMap((backend) => serviceTo(backend)));
      await home.apply(...before, gateway('demo', listeners));
      lab.address = await lab.programmed('demo');
      return lab;
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  /** Waits until a Gateway is programmed in its newest form. @returns its address */
  programmed(name: string): Promise<string> {
    return eventually(async () => {
      const { metadata, status } = (await this.gateway(name)) ?? {};
      const found = status?.conditions?.find(({ type }) => type === 'Programmed');
      if (found?.status !== 'True' || found.observedGeneration !== metadata?.generation) {
        throw new Error(`${name}: ${JSON.stringify(status)}`);
      }
      return status?.addresses?.[0]?.value ?? '';
    });
  }

  gateway(name: string): Promise<Gateway | undefined> {
    return this.home.read('Gateway', { namespace: 'default', name });
  }

  /** A condition of an HTTPRoute at its first, or another, parent, as soon as it is about the newest form; as `True Accepted`. */
  routeCondition(name: string, type: string, parent = 0): Promise<string> {
    return eventually(async () => {
      const route = await this.home.read('HTTPRoute', { namespace: 'default', name });
      return newest(route, route?.status?.parents[parent]?.conditions, type);
    });
  }

  /** A condition of a listener, as soon as it is about the newest form of the Gateway; as `True Accepted`. */
  listenerCondition(gatewayName: string, listener: string, type: string): Promise<string> {
    return eventually(async () => {
      const found = await this.gateway(gatewayName);
      return newest(found, found?.status?.listeners?.find(({ name }) => name === listener)?.conditions, type);
    });
  }

  ask(path = '/', options: Ask & { readonly port?: number } = {}): Promise<Answer> {
    return ask(options.port ?? HTTP_PORT, path, { to: this.address, ...options });
  }

  /** Which backend answers, or the status of an answer of our own. */
  async answerer(path = '/', options: Ask & { readonly port?: number } = {}): Promise<string> {
    const { status, headers } = await this.ask(path, options);
    return String(headers['x-backend'] ?? status);
  }

  /** Waits until each request, written `host/path`, is answered as it says. */
  async answers(wanted: Readonly<Record<string, string>>): Promise<void> {
    await eventually(async () => {
      const got: Record<string, string> = {};
      for (const request of Object.keys(wanted)) {
        const slash = request.indexOf('/');
        got[request] = await this.answerer(request.slice(slash), { host: request.slice(0, slash) || 'localhost' });
      }
      expect(got).toEqual(wanted);
    });
  }

  async stop(): Promise<void> {
    await this.home.stop();
    for (const backend of this.backends) await backend.close();
  }
}

interface ObservedCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly observedGeneration?: number | undefined;
}

/** @throws Error while what is said is about an older form of the object, or missing */
function newest(
  object: { readonly metadata: { readonly generation?: number | undefined } } | undefined,
  conditions: readonly ObservedCondition[] | undefined,
  wanted: string,
): string {
  const found = conditions?.find(({ type }) => type === wanted);
  if (found === undefined || found.observedGeneration !== object?.metadata.generation) {
    throw new Error(`${wanted} is not said of the newest form: ${JSON.stringify(conditions)}`);
  }
  return `${found.status} ${found.reason}`;
}

export function httpListener(name = 'http', fields: Partial<Listener> = {}): Listener {
  return { name, port: HTTP_PORT, protocol: 'HTTP', ...fields };
}

export function gateway(name: string, listeners: readonly Listener[], gatewayClassName = 'causeway'): Gateway {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace: 'default' },
    spec: { gatewayClassName, listeners },
  };
}

/** Of namespace `default`, attached to the Gateway `demo` unless `spec` says otherwise. */
export function httpRoute(name: string, rules: readonly Rule[], spec: Partial<HTTPRoute['spec']> = {}): HTTPRoute {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace: 'default' },
    spec: { parentRefs: [{ name: 'demo' }], rules, ...spec },
  };
}

/** A rule to one Service of that name; for a path prefix, if that is given. */
export function to(service: string, prefix?: string, fields: Partial<Rule> = {}): Rule {
  return {
    backendRefs: [{ name: service, port: 80 }],
    ...(prefix === undefined ? {} : { matches: [{ path: { type: 'PathPrefix', value: prefix } }] }),
    ...fields,
  };
}
