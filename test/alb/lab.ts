import type { Frontend, Rule } from '@causeway/resources/kinds';
import { expect } from 'vitest';
import { type EchoBackend, startEchoBackend } from '../acceptance/echo-backend.ts';
import { BACKEND_ADDRESS } from '../acceptance/given-home.ts';
import { type Answer, type Ask, ask } from '../acceptance/http-request.ts';
import { Installation } from '../acceptance/installation.ts';
import { frontend, group, rule, serviceTo, slice } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import type { AlbPorts, alb } from '../e2e/quick-start.ts';
import { freePort } from '../e2e/traffic.ts';

export const ALB = 'alb';

type Config = Parameters<typeof alb>[2];

/**
 * One `./causeway up` with an ALB named {@link ALB} and echo backends: where the Checks of the spec are tried. Services are
 * called like the backends behind them, or made with {@link Lab.serve}.
 */
export class Lab {
  readonly home: Installation;
  readonly ports: AlbPorts;
  readonly backends: Readonly<Record<string, EchoBackend>>;

  private constructor(home: Installation, ports: AlbPorts, backends: Readonly<Record<string, EchoBackend>>) {
    this.home = home;
    this.ports = ports;
    this.backends = backends;
  }

  /** In an installation that other files use before and after. */
  static start(names: readonly string[], config: Config = {}): Promise<Lab> {
    return Lab.#startIn(Installation.join(), names, config);
  }

  /** In an installation of its own: for who kills `up` or gives it flags. */
  static startAlone(names: readonly string[], config: Config = {}, args: readonly string[] = []): Promise<Lab> {
    return Lab.#startIn(Installation.start(args), names, config);
  }

  static async #startIn(installation: Promise<Installation>, names: readonly string[], config: Config): Promise<Lab> {
    const [home, ...started] = await Promise.all([installation, ...names.map((name) => startEchoBackend(name))]);
    const ports = await home.addAlb(ALB, config);
    const backends = Object.fromEntries(started.map((backend) => [backend.name, backend]));
    if (started.length > 0) await home.apply(...started.flatMap((backend) => serviceTo(backend)));
    return new Lab(home, ports, backends);
  }

  async stop(): Promise<void> {
    await this.home.stop();
    for (const backend of Object.values(this.backends)) await backend.close();
  }

  /** Makes or changes a Service whose endpoints are these backends. */
  async serve(service: string, backends: readonly string[]): Promise<void> {
    const [object] = serviceTo({ name: service, port: 80 });
    const slices = Object.values(this.backends).map(({ name, port }) => {
      const endpoints = backends.includes(name) ? [{ addresses: [BACKEND_ADDRESS], conditions: { ready: true } }] : [];
      return slice(service, port, endpoints, `${service}-${name}`);
    });
    await this.home.apply(object, ...slices);
  }

  /** @returns the port of a new Frontend, as soon as it listens */
  async open(name: string, spec: Partial<Frontend['spec']> = {}): Promise<number> {
    const port = await freePort();
    await this.home.apply(frontend(ALB, name, port, spec));
    await eventually(async () => {
      const ports = (await this.home.list('Instance')).flatMap(({ status }) => status?.ports ?? []);
      const state = ports.find((entry) => entry.port === port)?.state;
      if (state !== 'listening') throw new Error(`port ${port} of ${name} is ${state}`);
    }, 60_000);
    return port;
  }

  async addRule(of: string, name: string, spec: Rule['spec']): Promise<void> {
    await this.home.apply(rule({ alb: ALB, frontend: of, name }, spec));
  }

  /** A Rule for what begins with `/<name>`, to the backend `app`; `spec` says what else, or other. */
  async addPath(of: string, name: string, spec: Partial<Rule['spec']> = {}): Promise<void> {
    await this.addRule(of, name, {
      dslx: [{ type: 'URL', values: [['STARTS_WITH', `/${name}`]] }],
      serviceGroup: group({ app: 100 }),
      ...spec,
    });
  }
}

/** Asks until the answer has this status. */
export function answersWith(status: number, port: number, path = '/', options: Ask = {}): Promise<Answer> {
  return eventually(async () => {
    const answer = await ask(port, path, options);
    expect(answer.status).toBe(status);
    return answer;
  });
}

/** How many of `count` requests, one after the other, each backend got; errors count by their status. */
export async function shares(
  count: number,
  send: (index: number) => Promise<Answer>,
): Promise<Readonly<Record<string, number>>> {
  const got: Record<string, number> = {};
  for (let index = 0; index < count; index += 1) {
    const { status, headers } = await send(index);
    const name = status === 200 ? String(headers['x-backend']) : String(status);
    got[name] = (got[name] ?? 0) + 1;
  }
  return got;
}
