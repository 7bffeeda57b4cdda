import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Controllers } from '@causeway/apiserver/server';
import { startTestServer, type TestServer } from '@causeway/apiserver/testing/server';
import { execute, type Result, type RunOptions } from './execute.ts';

/** An API server of ours for one client, with a folder for what the client writes. */
export class Place {
  readonly directory: string;
  readonly #controllers: Controllers;
  #server: TestServer;

  private constructor(directory: string, controllers: Controllers, server: TestServer) {
    this.directory = directory;
    this.#controllers = controllers;
    this.#server = server;
  }

  /** @param controllers `all`: as in `up`; `none`: as kube-apiserver alone */
  static async start(controllers: Controllers = 'all'): Promise<Place> {
    const directory = mkdtempSync(path.join(tmpdir(), 'causeway-clients-'));
    return new Place(
      directory,
      controllers,
      await startTestServer({ controllers, dataDirectory: path.join(directory, 'data') }),
    );
  }

  get api(): TestServer['client'] {
    return this.#server.client;
  }

  get kubeconfig(): string {
    return this.#server.server.kubeconfig;
  }

  /** The same data on the same port, some time later: what clients see of an update of the server. */
  async restart(): Promise<void> {
    const { port } = this.#server.server;
    await this.#server.stop({ keep: true });
    this.#server = await startTestServer({
      controllers: this.#controllers,
      dataDirectory: path.join(this.directory, 'data'),
      port,
    });
  }

  /** A folder of its own, made when it is absent. */
  folder(name: string): string {
    const place = path.join(this.directory, name);
    mkdirSync(place, { recursive: true });
    return place;
  }

  /** Runs a client with the kubeconfig in its environment. */
  run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Result> {
    return execute(program, args, { ...options, env: { KUBECONFIG: this.kubeconfig, ...options.env } });
  }

  async stop(): Promise<void> {
    await this.#server.stop({ keep: true });
    rmSync(this.directory, { recursive: true, force: true });
  }
}
