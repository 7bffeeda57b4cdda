import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverCredentials } from '@causeway/apiserver/pki/authority';
import { kubeconfigText } from '@causeway/apiserver/pki/kubeconfig';
import { Agent, request } from 'undici';
import { freePorts } from '../../bench/measure/free-ports.ts';
import { goProgram } from '../go-program.ts';
import { ADVERTISED_ADDRESS } from './normalize.ts';
import type { RunningSubject } from './subject.ts';

const START_MS = 120_000;

export interface KubernetesPrograms {
  readonly etcd: string;
  readonly kubeApiServer: string;
}

/** What a measurement needs besides. */
export interface KubernetesRun extends RunningSubject {
  /** Of etcd and of kube-apiserver. */
  readonly pids: readonly number[];
}

export interface KubernetesOptions {
  readonly durable?: boolean;
  readonly flags?: readonly string[];
  readonly address?: string;
}

/**
 * etcd and kube-apiserver on free ports of 127.0.0.1, with a CA, keys and data in `directory`.
 *
 * @param address of kube-apiserver, where it is not that one
 * @param durable etcd waits for the disk, as it does where somebody needs the data
 * @param flags further ones of kube-apiserver
 */
export async function startKubeApiServer(
  programs: KubernetesPrograms,
  directory: string,
  { durable = false, flags = [], address = '127.0.0.1' }: KubernetesOptions = {},
): Promise<KubernetesRun> {
  mkdirSync(directory, { recursive: true });
  const credentials = await serverCredentials(path.join(directory, 'pki'), address, new Date());
  const token = randomBytes(16).toString('hex');
  const file = (name: string, text: string): string => {
    const place = path.join(directory, name);
    writeFileSync(place, text, { mode: 0o600 });
    return place;
  };
  const [clientPort, peerPort, port] = await freePorts(3);
  const accountKey = file('account.key', rsaKey());
  const etcdUrl = `http://127.0.0.1:${clientPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const running = [
    start(directory, 'etcd', programs.etcd, [
      `--data-dir=${path.join(directory, 'etcd')}`,
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
      ...(durable ? [] : ['--unsafe-no-fsync']),
    ]),
    start(directory, 'kube-apiserver', programs.kubeApiServer, [
      `--etcd-servers=${etcdUrl}`,
      `--bind-address=${address}`,
      `--secure-port=${port}`,
      `--client-ca-file=${file('ca.crt', credentials.caCertificate)}`,
      `--tls-cert-file=${file('tls.crt', credentials.certificate)}`,
      `--tls-private-key-file=${file('tls.key', credentials.key)}`,
      `--token-auth-file=${file('tokens.csv', `${token},admin,,"system:masters"\n`)}`,
      '--authorization-mode=RBAC',
      '--allow-privileged=true',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${accountKey}`,
      `--service-account-signing-key-file=${accountKey}`,
      `--advertise-address=${ADVERTISED_ADDRESS}`,
      '--feature-gates=WatchList=true', // sendInitialEvents; on in later versions
      ...flags,
    ]),
  ];
  const origin = `https://${address}:${port}`;
  const ca = credentials.caCertificate;
  const stop = async (): Promise<void> => {
    for (const child of running.toReversed()) await end(child);
  };
  try {
    await untilReady(origin, ca, token, running);
  } catch (error) {
    await stop();
    throw error;
  }
  const kubeconfig = file(
    'kubeconfig',
    kubeconfigText({ server: origin, caCertificate: ca, user: 'admin', credentials: { token } }),
  );
  return { origin, ca, token, kubeconfig, stop, pids: running.map(({ pid = 0 }) => pid) };
}

/** A program whose output goes to a log in the directory. */
export function start(directory: string, name: string, program: string, args: readonly string[]): ChildProcess {
  const log = openSync(path.join(directory, `${name}.log`), 'a');
  const child = spawn(program, args, { stdio: ['ignore', log, log] });
  closeSync(log);
  return child;
}

/** Kills it, and waits until it is gone. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

/** Ready, with the default roles and the namespaces in place. */
async function untilReady(origin: string, ca: string, token: string, running: readonly ChildProcess[]): Promise<void> {
  const dispatcher = new Agent({ connect: { ca } });
  const headers = { authorization: `Bearer ${token}` };
  const deadline = performance.now() + START_MS;
  const paths = ['/readyz', '/api/v1/namespaces/default'];
  try {
    for (;;) {
      const codes = await Promise.all(paths.map((place) => codeOf(`${origin}${place}`, dispatcher, headers)));
      if (codes.every((code) => code === 200)) return;
      if (running.some(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)) {
        throw new Error('etcd or kube-apiserver ended; see their logs');
      }
      if (performance.now() > deadline) throw new Error('kube-apiserver does not become ready; see its log');
      await sleep(200);
    }
  } finally {
    await dispatcher.destroy();
  }
}

/** 0 when nobody answers. */
async function codeOf(url: string, dispatcher: Agent, headers: Record<string, string>): Promise<number> {
  try {
    const { statusCode, body } = await request(url, { dispatcher, headers });
    await body.dump();
    return statusCode;
  } catch {
    return 0;
  }
}

function rsaKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}

/** Programs as their manifests in the private runtime say. */
export function kubernetesPrograms(runtimeDirectory: string): KubernetesPrograms {
  return { etcd: goProgram(runtimeDirectory, 'etcd'), kubeApiServer: goProgram(runtimeDirectory, 'kube-apiserver') };
}
