/** One route to one backend: what most tests with a real nginx start from. Each test has ports and instances of its own. */
import { rmSync } from 'node:fs';
import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GatewayFragment } from '@causeway/ir/gateway';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { NginxInstancesOptions } from '../instances.ts';
import { endpoints, instance, listener, route } from './fragments.ts';
import { createHome, eventually, freePorts, type TestHome, TestInstances } from './home.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly reason: string | undefined;
}

export class OneRoute {
  #home: TestHome | undefined;
  #backend: Server | undefined;
  #instances: TestInstances | undefined;
  backendPort = 0;
  port = 0;
  /** Nothing listens there yet. */
  otherPort = 0;
  metricsPort = 0;

  /** To be called once in a file, outside of tests. */
  static forTests(): OneRoute {
    const one = new OneRoute();
    beforeAll(() => one.#open());
    afterAll(() => one.#close());
    beforeEach(() => one.#begin());
    afterEach(() => one.#end());
    return one;
  }

  get home(): TestHome {
    if (this.#home === undefined) throw new Error('outside of a test');
    return this.#home;
  }

  get instances(): TestInstances {
    if (this.#instances === undefined) throw new Error('outside of a test');
    return this.#instances;
  }

  /** Ends the instances; those to come have further options. */
  async startAgain(options: Partial<NginxInstancesOptions>): Promise<void> {
    await this.instances.stop();
    this.#instances = new TestInstances({ ...this.home.options, ...options });
  }

  /** Puts the smallest thing that serves, `/` of a port to the backend, and more. */
  put(...more: readonly GatewayFragment[]): void {
    this.putRoutes(route('r', '/', this.port), ...more);
  }

  /** The same with these routes instead. */
  putRoutes(...more: readonly GatewayFragment[]): void {
    const { port, metricsPort, backendPort } = this;
    this.instances.put('all', [
      instance({ metricsPort }),
      listener(port),
      endpoints('default/svc:80', backendPort),
      ...more,
    ]);
    this.instances.settle();
  }

  get(path: string, port = this.port): Promise<Answer> {
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, agent: new Agent() }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => {
          const reason = response.headers['x-alb-err-reason'];
          resolve({ status: response.statusCode ?? 0, body, reason: typeof reason === 'string' ? reason : undefined });
        });
      })
        .on('error', reject)
        .end();
    });
  }

  async serves(path: string, port = this.port): Promise<void> {
    await eventually(`${path} on ${port} answers 200`, () =>
      this.get(path, port).then(
        ({ status }) => (status === 200 ? true : undefined),
        () => undefined,
      ),
    );
  }

  /** Waits until all workers have a later version than that. */
  async programmed(versionBefore: number): Promise<void> {
    await this.instances.until('a later version', ({ version }) => version > versionBefore);
  }

  async #open(): Promise<void> {
    this.#home = await createHome();
    const backend = createServer((incoming, response) => {
      incoming.resume().on('end', () => response.end(`backend ${incoming.url}`));
    }).listen(0, '127.0.0.1');
    this.#backend = backend;
    await new Promise((resolve) => backend.once('listening', resolve));
    this.backendPort = (backend.address() as AddressInfo).port;
  }

  #close(): void {
    this.#backend?.close();
    this.#backend?.closeAllConnections();
    this.#home?.remove();
  }

  async #begin(): Promise<void> {
    [this.port = 0, this.otherPort = 0, this.metricsPort = 0] = await freePorts(3);
    this.#instances = new TestInstances(this.home.options);
  }

  async #end(): Promise<void> {
    await this.instances.stop();
    rmSync(this.home.options.runDirectory, { recursive: true, force: true });
  }
}
