/**
 * Plays the scheduler and the kubelet of one node, for pods of our image: each becomes a process with the arguments, the
 * environment, the user, the capabilities and the files that its Pod describes, and with a process space of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container, Pod } from 'kubernetes-types/core/v1';
import { Agent, request } from 'undici';
import type { Subject } from '../apiserver/subject.ts';
import type { Admin } from './admin.ts';
import type { PodPlace, PodPlaces } from './pod-place.ts';

export interface KubeletOptions {
  readonly admin: Admin;
  readonly subject: Subject;
  /** For logs and files of pods. */
  readonly directory: string;
  /** Ours, with what is built in dist/. */
  readonly repository: string;
  readonly runtimeDirectory: string;
  /** Pods of other images stay as they are. */
  readonly image: string;
  /** Stays when the kubelet stops. */
  readonly places: PodPlaces;
}

interface RunningPod {
  readonly pod: Pod;
  readonly address: string;
  readonly place: PodPlace | undefined;
  readonly child: ChildProcess;
  ready: boolean;
  ending: boolean;
}

const NODE_NAME = 'node-1';

const LOOK_MS = 200;
/** A kubelet waits for what the Pod says; no test wants that. */
const GRACE_MS = 2_000;

export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #pods = new Map<string, RunningPod>();
  readonly #dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  readonly #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: KubeletOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE_NAME } };
    await this.#options.admin.send('POST', '/api/v1/nodes', node);
    this.#loop = this.#run();
  }

  /** Logs of every pod that ran, by name. */
  logs(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.#started].map((name) => [name, readFileSync(path.join(this.#options.directory, `${name}.log`), 'utf8')]),
    );
  }
  readonly #started = new Set<string>();

  /** Ends every pod as a machine that is switched off. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    for (const running of this.#pods.values()) await kill(running.child);
    await this.#dispatcher.destroy();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#look();
      } catch (error) {
        if (!signal.aborted) console.error('kubelet:', error);
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const { admin, image } = this.#options;
    const list = await admin.send<{ readonly items: readonly Pod[] }>('GET', '/api/v1/pods');
    const present = new Map((list?.items ?? []).map((pod) => [pod.metadata?.uid ?? '', pod]));
    for (const [uid, running] of this.#pods) {
      const pod = present.get(uid);
      if (pod === undefined || pod.metadata?.deletionTimestamp !== undefined) await this.#end(uid, running);
      else await this.#probe(running);
    }
    for (const [uid, pod] of present) {
      if (this.#pods.has(uid)) continue;
      if (pod.metadata?.deletionTimestamp !== undefined) await this.#remove(pod);
      else if (pod.spec?.containers[0]?.image === image) await this.#begin(uid, pod);
    }
  }

  async #begin(uid: string, pod: Pod): Promise<void> {
    const { admin, places } = this.#options;
    const target = { apiVersion: 'v1', kind: 'Node', name: NODE_NAME };
    const metadata = { name: pod.metadata?.name, namespace: pod.metadata?.namespace };
    if (pod.spec?.nodeName === undefined) {
      await admin.send('POST', `${pathOf(pod)}/binding`, { apiVersion: 'v1', kind: 'Binding', metadata, target });
    }
    const place = pod.spec?.hostNetwork === true ? undefined : await places.add();
    const address = place?.address ?? places.nodeAddress;
    const child = await this.#spawn(pod, address, place?.prefix ?? []);
    const running = { pod, address, place, child, ready: false, ending: false };
    this.#pods.set(uid, running);
    child.once('exit', (code, signal) => {
      if (running.ending || this.#stopping.signal.aborted) return;
      // As `restartPolicy: Always` has it; the loop begins it anew.
      console.error(`kubelet: ${pod.metadata?.name} ended (${code ?? signal})`);
      this.#pods.delete(uid);
      void place?.remove();
    });
    await this.#report(running, false);
  }

  async #report({ pod, address }: RunningPod, ready: boolean): Promise<void> {
    const now = new Date().toISOString();
    const state = ready ? 'True' : 'False';
    const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type, index) => ({
      type,
      status: index < 2 ? 'True' : state,
      lastTransitionTime: now,
    }));
    const status = {
      phase: 'Running',
      conditions,
      hostIP: this.#options.places.nodeAddress,
      podIP: address,
      podIPs: [{ ip: address }],
    };
    await this.#options.admin.patch(`${pathOf(pod)}/status`, { status });
  }

  async #probe(running: RunningPod): Promise<void> {
    const probe = running.pod.spec?.containers[0]?.readinessProbe?.httpGet;
    const ready = probe === undefined || (await this.#answers(`https://${running.address}:${probe.port}${probe.path}`));
    if (ready === running.ready) return;
    running.ready = ready;
    await this.#report(running, ready);
  }

  async #answers(url: string): Promise<boolean> {
    try {
      const { statusCode, body } = await request(url, { dispatcher: this.#dispatcher, headersTimeout: 2_000 });
      await body.dump();
      return statusCode < 400;
    } catch {
      return false;
    }
  }

  async #end(uid: string, running: RunningPod): Promise<void> {
    if (!running.ending) {
      running.ending = true;
      void end(running.child).then(async () => {
        await running.place?.remove();
        this.#pods.delete(uid);
        if (!this.#stopping.signal.aborted) await this.#remove(running.pod);
      });
    }
  }

  async #remove(pod: Pod): Promise<void> {
    const preconditions = { uid: pod.metadata?.uid };
    const options = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions };
    await this.#options.admin.send('DELETE', pathOf(pod), options).catch(() => undefined);
  }

  /** A token for the account of the pod, bound to the pod, and what else is mounted into every pod. */
  async #account(pod: Pod): Promise<string> {
    const { admin, subject, directory } = this.#options;
    const { name = '', namespace = '', uid = '' } = pod.metadata ?? {};
    const account = `/api/v1/namespaces/${namespace}/serviceaccounts/${pod.spec?.serviceAccountName ?? 'default'}`;
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name, uid };
    const answer = await admin.send<{ readonly status: { readonly token: string } }>('POST', `${account}/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 7_200, boundObjectRef },
    });
    if (answer === undefined) throw new Error(`${account} does not exist`);
    const folder = path.join(directory, `${name}.account`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'token'), answer.status.token);
    writeFileSync(path.join(folder, 'ca.crt'), subject.ca);
    writeFileSync(path.join(folder, 'namespace'), namespace);
    return folder;
  }

  async #spawn(pod: Pod, address: string, prefix: readonly string[]): Promise<ChildProcess> {
    const { subject, directory, repository, runtimeDirectory } = this.#options;
    const container = pod.spec?.containers[0];
    if (container === undefined) throw new Error('a Pod without containers');
    const name = pod.metadata?.name ?? '';
    const { hostname, port } = new URL(subject.origin);
    const own = environmentOf(container, pod, address);
    const env = {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      ...own,
    };
    const args = (container.args ?? []).map((text) => text.replaceAll(/\$\((\w+)\)/g, (all, key) => own[key] ?? all));
    const [program = '', ...rest] = args;
    const places = [repository, runtimeDirectory, await this.#account(pod), process.execPath];
    const script = [
      ...IMAGE,
      ...(container.volumeMounts ?? [])
        .filter(({ mountPath }) => !mountPath.startsWith('/var/run/secrets'))
        .map(({ mountPath }) => `mkdir -p '${mountPath}' && mount -t tmpfs tmpfs '${mountPath}'`),
      ...(container.securityContext?.readOnlyRootFilesystem === true ? ['mount -o remount,bind,ro /'] : []),
      // The places are gone, and so is what the shell needs: what follows is for the program.
      `exec ${[...limits(pod, container), '/opt/causeway/node', `/opt/causeway/dist/${program}.js`].join(' ')} "$@"`,
    ].join('\n');
    const log = openSync(path.join(directory, `${name}.log`), 'a');
    this.#started.add(name);
    const [command, ...before] = [...prefix, 'unshare'];
    const child = spawn(
      command,
      [
        ...before,
        ...['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'],
        ...[
          'bash',
          '-ec',
          `REPOSITORY=$1 RUNTIME=$2 ACCOUNT=$3 NODE=$4; shift 4\n${script}`,
          'pod',
          ...places,
          ...rest,
        ],
      ],
      { stdio: ['ignore', log, log], env, cwd: '/' },
    );
    closeSync(log);
    return child;
  }
}

/** What the image of a pod holds, and what every pod is given. `/run` and `/opt` of the machine are hidden. */
const IMAGE = [
  'mount -t tmpfs tmpfs /opt && mkdir -p /opt/causeway/dist /opt/causeway/node_modules /opt/causeway/runtime',
  'mount --bind "$REPOSITORY/dist" /opt/causeway/dist',
  'mount --bind "$REPOSITORY/node_modules" /opt/causeway/node_modules',
  'cp "$RUNTIME/runtime.json" /opt/causeway/runtime/ && touch /opt/causeway/node && mount --bind "$NODE" /opt/causeway/node',
  'mount -t tmpfs tmpfs /run && mkdir -p /run/secrets/kubernetes.io/serviceaccount',
  'cp "$ACCOUNT"/* /run/secrets/kubernetes.io/serviceaccount/',
];

/** The prefix of a command that takes away what the pod may not have. */
function limits(pod: Pod, { securityContext }: Container): readonly string[] {
  const { runAsUser, runAsGroup } = { ...pod.spec?.securityContext, ...securityContext };
  const { add = [], drop = [] } = securityContext?.capabilities ?? {};
  const kept = add.map((name) => `+${name.toLowerCase()}`);
  return [
    'setpriv',
    ...(securityContext?.allowPrivilegeEscalation === false ? ['--no-new-privs'] : []),
    ...(drop.includes('ALL') ? [`--bounding-set=${['-all', ...kept].join(',')}`, '--inh-caps=-all'] : []),
    ...(runAsUser === undefined ? [] : [`--reuid=${runAsUser}`, '--clear-groups']),
    ...(runAsGroup === undefined ? [] : [`--regid=${runAsGroup}`]),
  ];
}

function environmentOf({ env = [] }: Container, pod: Pod, address: string): Readonly<Record<string, string>> {
  const fields: Readonly<Record<string, string | undefined>> = {
    'metadata.name': pod.metadata?.name,
    'metadata.namespace': pod.metadata?.namespace,
    'spec.nodeName': NODE_NAME,
    'status.podIP': address,
  };
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => [name, value ?? fields[valueFrom?.fieldRef?.fieldPath ?? ''] ?? '']),
  );
}

function pathOf({ metadata }: Pod): string {
  return `/api/v1/namespaces/${metadata?.namespace ?? ''}/pods/${metadata?.name ?? ''}`;
}

/** Asks the first process of the pod to end; after a while everything in it is killed. */
async function end(child: ChildProcess): Promise<void> {
  const first = firstOf(child);
  if (first !== undefined) signal(first, 'SIGTERM');
  const timer = setTimeout(() => void kill(child), GRACE_MS);
  await gone(child);
  clearTimeout(timer);
}

/** With the first process of a pod all others end. */
async function kill(child: ChildProcess): Promise<void> {
  const first = firstOf(child);
  if (first === undefined) child.kill('SIGKILL');
  else signal(first, 'SIGKILL');
  await gone(child);
}

async function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** As this machine counts processes; the pod calls it 1. */
function firstOf({ pid }: ChildProcess): number | undefined {
  try {
    const [first = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    return first === '' ? undefined : Number(first);
  } catch {
    return undefined; // it is gone
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
