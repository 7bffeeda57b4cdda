import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject, ObjectKey } from '@causeway/apis/meta/object';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { KIND_REFS, type KindMap, type KindName } from '@causeway/resources/kinds';
import { commandLine, processInfo } from '@causeway/targets/nginx/proc';
import { eventually } from '../e2e/eventually.ts';
import { type AlbPorts, alb } from '../e2e/quick-start.ts';
import { freePort } from '../e2e/traffic.ts';
import { kubectlPath } from '../kubectl/kubectl-path.ts';
import { type Outcome, outcomeOf, processesOf, UpProcess } from '../launcher/up-process.ts';
import { nginxOnPort } from './listening-processes.ts';
import { SharedUp } from './shared-up.ts';

export const ALB_NAMESPACE = 'kube-system';

/**
 * A `./causeway up` and a genuine kubectl: what a user has. `stop` leaves nothing of it on the machine, or, where test
 * files share one, in it.
 */
export class Installation {
  readonly #kubectl: string;
  #up: UpProcess | SharedUp;
  #client: KubernetesClient;
  /** Folders outside the data directory that nginx was seen to run from. */
  readonly #nginxHomes = new Set<string>();

  private constructor(kubectl: string, up: UpProcess | SharedUp, client: KubernetesClient) {
    this.#kubectl = kubectl;
    this.#up = up;
    this.#client = client;
  }

  /** One that other test files of vitest's project `checks` use before and after. */
  static async join(): Promise<Installation> {
    const up = await SharedUp.join();
    return up === undefined ? Installation.start() : new Installation(await kubectlPath(), up, await up.client());
  }

  /** One with a data directory of its own. @param args flags of `up` */
  static async start(args: readonly string[] = []): Promise<Installation> {
    const parent = mkdtempSync(path.join(tmpdir(), 'causeway-acceptance-'));
    const up = await UpProcess.start(path.join(parent, 'data'), args);
    return new Installation(await kubectlPath(), up, await up.client());
  }

  get api(): KubernetesClient {
    return this.#client;
  }

  get pid(): number {
    return this.#up.pid;
  }

  get dataDirectory(): string {
    return this.#up.dataDirectory;
  }

  /** Every process of `up` except nginx, as `program -> pid`. */
  programs(): Record<string, number> {
    const found: Record<string, number> = {};
    for (const pid of processesOf(this.dataDirectory)) {
      const name = /\/(apiserver|controllers|agent)\.js/.exec(commandLine(pid))?.[1];
      if (name !== undefined) found[name] = pid;
    }
    return found;
  }

  /** `kill -9` of one program; resolves when `up` has started it again. */
  async killProgram(name: 'apiserver' | 'controllers' | 'agent'): Promise<void> {
    const pid = this.programs()[name];
    if (pid === undefined) throw new Error(`${name} does not run`);
    process.kill(pid, 'SIGKILL');
    await eventually(() => {
      if ((this.programs()[name] ?? pid) === pid) throw new Error(`${name} is not started again`);
    });
  }

  /** `kill -9` of the whole group, then the same `up` again; `meanwhile` is for what nobody must see happen. */
  async killAndStartAgain(meanwhile: () => Promise<void> | void = () => undefined): Promise<void> {
    if (this.#up instanceof SharedUp) throw new TypeError('others use this installation');
    await this.#up.killGroup();
    await this.#client.close();
    await meanwhile();
    this.#up = await UpProcess.start(this.#up.dataDirectory);
    this.#client = await this.#up.client();
  }

  /** Runs kubectl; does not judge how it went. */
  async tryKubectl(args: readonly string[], input = ''): Promise<Outcome> {
    const child = spawn(this.#kubectl, ['--kubeconfig', this.#up.kubeconfigFile, ...args]);
    child.stdin.end(input);
    return outcomeOf(child);
  }

  /** @returns what kubectl printed; @throws Error with its message when it failed */
  async kubectl(args: readonly string[], input = ''): Promise<string> {
    const { code, stdout, stderr } = await this.tryKubectl(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  }

  /** Makes the objects, or gives them these fields; as `kubectl apply --server-side`, without the program. */
  async apply(...objects: readonly object[]): Promise<void> {
    for (const object of objects as readonly KubernetesObject[]) {
      const kind = kindOf(object);
      const namespace = object.metadata.namespace ?? 'default';
      const named = kind.namespaced ? { ...object, metadata: { ...object.metadata, namespace } } : object;
      await this.#client.apply(kind, named, { fieldManager: 'test', force: true });
    }
  }

  tryApply(...objects: readonly unknown[]): Promise<Outcome> {
    return this.tryKubectl(['apply', '-f', '-'], listOf(objects));
  }

  /** What `up` wrote for clients. */
  get kubeconfigFile(): string {
    return this.#up.kubeconfigFile;
  }

  /** Merges into the config of an ALB. */
  async configure(name: string, config: NonNullable<KindMap['ALB2']['spec']['config']>): Promise<void> {
    const patch = JSON.stringify({ spec: { config } });
    await this.kubectl(['patch', 'alb2', name, '-n', ALB_NAMESPACE, '--type=merge', '-p', patch]);
  }

  /** Applies an ALB on free ports of the loopback interface, and waits until it runs. */
  async addAlb(name: string, config: Parameters<typeof alb>[2] = {}, address?: string): Promise<AlbPorts> {
    const ports = { http: await freePort(), https: await freePort(), metrics: await freePort() };
    const object = alb(name, ports, config);
    await this.apply(address === undefined ? object : { ...object, spec: { ...object.spec, address } });
    await eventually(async () => {
      const { status } = (await this.read('ALB2', { namespace: ALB_NAMESPACE, name })) ?? {};
      if (status?.state !== 'Running') throw new Error(`${name} is ${JSON.stringify(status)}`);
    });
    return ports;
  }

  read<K extends KindName>(kind: K, key: ObjectKey): Promise<KindMap[K] | undefined> {
    return this.#client.get(KIND_REFS[kind], key) as Promise<KindMap[K] | undefined>;
  }

  async list<K extends KindName>(kind: K): Promise<readonly KindMap[K][]> {
    return (await this.#client.list(KIND_REFS[kind])).items as unknown as readonly KindMap[K][];
  }

  /** Master and workers that serve a port; remembered, so that `stop` can look after them. */
  nginx(port: number): ReturnType<typeof nginxOnPort> {
    const found = nginxOnPort(port);
    for (const master of found.masters) {
      const prefix = / -p (\S+)\/ /.exec(commandLine(master))?.[1];
      if (prefix !== undefined && !prefix.startsWith(this.dataDirectory)) this.#nginxHomes.add(path.dirname(prefix));
    }
    return found;
  }

  async stop(): Promise<void> {
    if (this.#up instanceof SharedUp) {
      await this.#up.leave(this.#client).finally(() => this.#client.close());
      return;
    }
    for (const instance of await this.list('Instance').catch(() => [])) {
      for (const { port } of instance.status?.ports ?? []) this.nginx(port);
    }
    await this.#client.close();
    await this.#up.signal('SIGTERM');
    rmSync(path.dirname(this.#up.dataDirectory), { recursive: true, force: true });
    for (const home of this.#nginxHomes) rmSync(home, { recursive: true, force: true });
  }
}

/** Whether a process with that number runs. */
export function isRunning(pid: number): boolean {
  return processInfo(pid) !== undefined;
}

function listOf(objects: readonly unknown[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
}

function kindOf({ apiVersion, kind }: KubernetesObject): KindRef {
  const slash = apiVersion.indexOf('/');
  const group = apiVersion.slice(0, Math.max(slash, 0));
  const found = [...Object.values(KIND_REFS), ...BUILT_IN_KINDS].find(
    (each) => each.kind === kind && each.group === group,
  );
  if (found === undefined) throw new TypeError(`no kind ${kind} in group ${group}`);
  return { ...found, version: apiVersion.slice(slash + 1) };
}
