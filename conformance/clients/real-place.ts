import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type KubernetesRun, kubernetesPrograms, startKubeApiServer } from '../apiserver/kube-apiserver.ts';
import { runtimeDirectory } from '../go-program.ts';
import { execute, type Result, type RunOptions } from './execute.ts';

/** A real kube-apiserver for one client: what holds there has to hold on ours. */
export class RealPlace {
  readonly directory: string;
  readonly #server: KubernetesRun;

  private constructor(directory: string, server: KubernetesRun) {
    this.directory = directory;
    this.#server = server;
  }

  static async start(): Promise<RealPlace> {
    const directory = mkdtempSync(path.join(tmpdir(), 'causeway-clients-'));
    const programs = kubernetesPrograms(runtimeDirectory());
    // As envtest starts it: nobody makes accounts.
    const flags = ['--disable-admission-plugins=ServiceAccount'];
    return new RealPlace(directory, await startKubeApiServer(programs, path.join(directory, 'kubernetes'), { flags }));
  }

  /** Runs a client with the kubeconfig in its environment. */
  run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Result> {
    return execute(program, args, { ...options, env: { KUBECONFIG: this.#server.kubeconfig, ...options.env } });
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
