import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { pipeline } from 'node:stream/promises';
import type { Core } from '../core.ts';
import type { Exchange } from '../http/exchange.ts';
import { collectionOf } from '../registry/registry.ts';
import { type JsonObject, numberAt, objectAt, objectsAt, textAt } from '../schema/json.ts';
import { badRequest, internalError, notFound } from '../status-error.ts';
import { entryKey, objectOf } from '../storage/entry.ts';
import { committedEntry, type Target } from '../verbs/target.ts';
import { NO_RUNTIME_MESSAGE } from './no-container-runtime.ts';

/** What a kubelet understands. */
const OPTIONS = ['follow', 'previous', 'sinceSeconds', 'sinceTime', 'timestamps', 'tailLines', 'limitBytes', 'stream'];
const SILENCE_MS = 30_000;

/**
 * What a container has printed, as the kubelet of its Pod's node says. At home there is none, but whoever registers a node and runs
 * Pods there can have one. Its certificate is not verified, as kube-apiserver does not without --kubelet-certificate-authority.
 *
 * Source: Kubernetes pkg/registry/core/pod, LogLocation.
 *
 * @throws StatusError when there is no such container, or nobody who runs it
 */
export async function sendPodLog(core: Core, exchange: Exchange, target: Target): Promise<void> {
  const pod = objectOf(committedEntry(target)) as unknown as JsonObject;
  const spec = objectAt(pod, 'spec');
  const place = kubeletOf(core, textAt(spec, 'nodeName'));
  const query = new URLSearchParams();
  for (const name of OPTIONS) {
    const value = exchange.param(name);
    if (value !== undefined) query.set(name, value);
  }
  const parts = [target.namespace, target.name, containerOf(exchange, target.name, spec)].map(encodeURIComponent);
  const path = `/containerLogs/${parts.join('/')}?${query}`;
  const answer = await ask({ ...place, path, rejectUnauthorized: false, timeout: SILENCE_MS, agent: false }).catch(
    (error: Error) => {
      throw internalError(`Get "https://${place.host}:${place.port}${path}": ${error.message}`, error);
    },
  );
  exchange.begin(answer.statusCode ?? 500, 'text/plain');
  // A client that goes away ends both; so does a kubelet that does, when the head of the answer is sent already.
  await pipeline(answer, exchange.response).catch(() => undefined);
}

/** @throws StatusError */
function kubeletOf(core: Core, node: string): { readonly host: string; readonly port: number } {
  if (node === '') throw badRequest(NO_RUNTIME_MESSAGE);
  const entry = collectionOf(core.store, '', 'nodes').get(entryKey('', node));
  if (entry === undefined) throw notFound({ group: '', plural: 'nodes' }, node);
  const status = objectAt(objectOf(entry) as unknown as JsonObject, 'status');
  const port = numberAt(objectAt(objectAt(status, 'daemonEndpoints'), 'kubeletEndpoint'), 'Port');
  const address = objectsAt(status, 'addresses').find((each) => textAt(each, 'type') === 'InternalIP');
  if (port === undefined || address === undefined) throw badRequest(NO_RUNTIME_MESSAGE);
  return { host: textAt(address, 'address'), port };
}

/** @throws StatusError */
function containerOf(exchange: Exchange, pod: string, spec: JsonObject | undefined): string {
  const named = (field: string): readonly string[] => objectsAt(spec, field).map((each) => textAt(each, 'name'));
  const containers = named('containers');
  const wanted = exchange.param('container');
  if (wanted === undefined) {
    const [only = ''] = containers;
    if (containers.length === 1) return only;
    throw badRequest(`a container name must be specified for pod ${pod}, choose one of: [${containers.join(' ')}]`);
  }
  if ([...containers, ...named('initContainers'), ...named('ephemeralContainers')].includes(wanted)) return wanted;
  throw badRequest(`container ${wanted} is not valid for pod ${pod}`);
}

/** @throws Error of the connection */
function ask(options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(options, resolve);
    asked.on('timeout', () => asked.destroy(new Error('the kubelet does not answer')));
    asked.on('error', reject);
    asked.end();
  });
}
