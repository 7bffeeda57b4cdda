import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { tokenFile } from './token-file.ts';

/** How to reach one API server and who to be there. */
export interface Kubeconfig {
  /** Base URL; may have a path (`https://proxy.example/clusters/c1`). */
  readonly server: string;
  /** PEM bundle the server's certificate must chain to; absent: the public ones. */
  readonly ca?: string;
  /** Name expected in the server's certificate instead of the URL's host. */
  readonly tlsServerName?: string;
  readonly insecureSkipTlsVerify?: boolean;
  /** PEM. */
  readonly clientCertificate?: string;
  /** PEM. */
  readonly clientKey?: string;
  /** Asked before every request, so that a rotated token is picked up. */
  readonly token?: () => Promise<string>;
  readonly basic?: { readonly username: string; readonly password: string };
  /** Namespace of the current context; `default` if it names none. */
  readonly namespace: string;
}

/** The file cannot be used: absent names, unreadable credentials, or a feature that is not supported. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

/**
 * Reads a kubeconfig file and resolves its current context. Relative paths in
 * it are relative to its directory. Not supported: `exec` and `auth-provider`
 * credentials, `proxy-url`, impersonation; they are refused, never ignored.
 *
 * Source: Kubernetes kubeconfig (v1), client-go tools/clientcmd/api/v1.
 */
export async function loadKubeconfig(path: string): Promise<Kubeconfig> {
  const file = entryOf(parseYaml(await readFile(path, 'utf8')), path);
  const contextName = requiredText(file, 'current-context', path);
  const context = namedEntry(file, 'contexts', 'context', contextName);
  const cluster = namedEntry(file, 'clusters', 'cluster', requiredText(context, 'cluster', `context ${contextName}`));
  const userName = optionalText(context, 'user');
  const user = userName === undefined ? {} : namedEntry(file, 'users', 'user', userName);
  refuse(cluster, ['proxy-url'], path);
  refuse(user, ['exec', 'auth-provider', 'as', 'as-uid', 'as-groups', 'as-user-extra'], path);

  const directory = dirname(resolve(path));
  const ca = await pem(cluster, 'certificate-authority', directory);
  const clientCertificate = await pem(user, 'client-certificate', directory);
  const clientKey = await pem(user, 'client-key', directory);
  const tlsServerName = optionalText(cluster, 'tls-server-name');
  const token = tokenOf(user, directory);
  const username = optionalText(user, 'username');
  return {
    server: requiredText(cluster, 'server', path),
    namespace: optionalText(context, 'namespace') ?? 'default',
    ...(ca !== undefined && { ca }),
    ...(tlsServerName !== undefined && { tlsServerName }),
    ...(cluster['insecure-skip-tls-verify'] === true && { insecureSkipTlsVerify: true }),
    ...(clientCertificate !== undefined && { clientCertificate }),
    ...(clientKey !== undefined && { clientKey }),
    ...(token !== undefined && { token }),
    ...(username !== undefined && { basic: { username, password: optionalText(user, 'password') ?? '' } }),
  };
}

/**
 * The service account that Kubernetes mounts into a Pod.
 *
 * Source: Kubernetes, "Accessing the Kubernetes API from a Pod".
 *
 * @param env where KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are read
 */
export async function loadInClusterConfig(
  directory = '/var/run/secrets/kubernetes.io/serviceaccount',
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Kubeconfig> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) {
    throw new KubeconfigError('not in a Pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set');
  }
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: await readFile(join(directory, 'ca.crt'), 'utf8'),
    token: tokenFile(join(directory, 'token')),
    namespace: (await readFile(join(directory, 'namespace'), 'utf8').catch(() => 'default')).trim(),
  };
}

type Entry = Readonly<Record<string, unknown>>;

function entryOf(value: unknown, where: string): Entry {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new KubeconfigError(`${where}: not a kubeconfig: expected a mapping`);
  }
  return value as Entry;
}

/** The `context` of `{ name, context }` in the list `contexts`, and likewise for clusters and users. */
function namedEntry(file: Entry, list: string, field: string, name: string): Entry {
  const entries: unknown = file[list];
  for (const item of Array.isArray(entries) ? entries : []) {
    const entry = entryOf(item, list);
    if (entry['name'] === name) return entryOf(entry[field] ?? {}, `${list} ${name}`);
  }
  throw new KubeconfigError(`${list} has no entry named ${name}`);
}

function optionalText(entry: Entry, field: string): string | undefined {
  const value = entry[field];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw new KubeconfigError(`${field} must be a string`);
  return value;
}

function requiredText(entry: Entry, field: string, where: string): string {
  const value = optionalText(entry, field);
  if (value === undefined) throw new KubeconfigError(`${where}: ${field} is not set`);
  return value;
}

function refuse(entry: Entry, fields: readonly string[], path: string): void {
  for (const field of fields) {
    if (entry[field] !== undefined && entry[field] !== null) {
      throw new KubeconfigError(`${path}: ${field} is not supported`);
    }
  }
}

/** `field-data` (base64) wins over `field` (a file), as in kubectl. */
async function pem(entry: Entry, field: string, directory: string): Promise<string | undefined> {
  const data = optionalText(entry, `${field}-data`);
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const file = optionalText(entry, field);
  return file === undefined ? undefined : readFile(resolve(directory, file), 'utf8');
}

/** `tokenFile` wins over `token`, as in kubectl. */
function tokenOf(user: Entry, directory: string): (() => Promise<string>) | undefined {
  const file = optionalText(user, 'tokenFile');
  if (file !== undefined) return tokenFile(resolve(directory, file));
  const token = optionalText(user, 'token');
  return token === undefined ? undefined : () => Promise.resolve(token);
}
