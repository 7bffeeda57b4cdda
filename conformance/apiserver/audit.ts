import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@causeway/apiserver/schema/json';
import type { EventsAnswer } from './answer.ts';
import { type Deviation, deviationsOf } from './deviation.ts';
import { normalized } from './normalize.ts';
import { Replay } from './replay.ts';
import type { RequestStep, Sequence } from './sequence.ts';
import type { Subject } from './subject.ts';

/*
 * What both servers write into their audit logs of the same requests, at level Metadata: of writes and of what was refused, since ours
 * keeps silent about reading.
 */

const MAPS = '/api/v1/namespaces/<<ns>>/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/<<ns>>/deployments';
const NOBODY = { name: 'nobody', groups: ['team'] };

const map = (name: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { a: 'b' },
});
const labels = { app: 'd' };
const DEPLOYMENT: JsonObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'example.org/c:1' }] } },
  },
};

const REQUESTS: readonly RequestStep[] = [
  { name: 'created', method: 'POST', path: MAPS, body: map('a') },
  { method: 'POST', path: MAPS, body: map('a') },
  { method: 'POST', path: `${MAPS}?dryRun=All`, body: map('b') },
  { method: 'POST', path: MAPS, body: { ...map('x'), metadata: { generateName: 'g-' } } },
  { method: 'POST', path: MAPS, body: map('A_B') },
  { method: 'PUT', path: `${MAPS}/a`, body: '<<created>>' },
  { method: 'PUT', path: `${MAPS}/a`, body: { ...map('a'), metadata: { name: 'a', resourceVersion: '1' } } },
  { method: 'PATCH', path: `${MAPS}/a`, body: { data: { c: 'd' } }, contentType: 'application/merge-patch+json' },
  { method: 'PATCH', path: `${MAPS}/none`, body: { data: {} }, contentType: 'application/merge-patch+json' },
  {
    method: 'PATCH',
    path: `${MAPS}/applied?fieldManager=m`,
    body: map('applied'),
    contentType: 'application/apply-patch+yaml',
  },
  { method: 'POST', path: DEPLOYMENTS, body: DEPLOYMENT },
  {
    method: 'PATCH',
    path: `${DEPLOYMENTS}/d/scale`,
    body: { spec: { replicas: 2 } },
    contentType: 'application/merge-patch+json',
  },
  {
    method: 'PATCH',
    path: `${DEPLOYMENTS}/d/status`,
    body: { status: { replicas: 1 } },
    contentType: 'application/merge-patch+json',
  },
  { method: 'POST', path: '/api/v1/namespaces/<<ns>>/serviceaccounts/default/token', body: { spec: {} } },
  { method: 'POST', path: '/api/v1/namespaces/<<ns>>/nothings', body: map('a') },
  { method: 'POST', path: MAPS, body: map('c'), as: NOBODY },
  { method: 'GET', path: `${MAPS}/a`, as: NOBODY },
  { method: 'GET', path: `${MAPS}?watch=true&labelSelector=a%3Db`, as: NOBODY },
  { method: 'GET', path: '/metrics', as: NOBODY },
  { method: 'DELETE', path: `${MAPS}/a` },
  { method: 'DELETE', path: `${MAPS}/a` },
  { method: 'DELETE', path: `${MAPS}?labelSelector=a%3Db` },
];

/** A name that gives both servers the same namespace. */
export const AUDIT: Sequence = { name: 'audit/metadata', steps: REQUESTS };
const EVENTS: Sequence = { name: AUDIT.name, steps: [{ events: 'audit', count: 0 }] };
const PATIENCE_MS = 10_000;
const READING: ReadonlySet<unknown> = new Set(['get', 'list', 'watch']);
/** What every event has of its own. */
const OWN = ['auditID', 'requestReceivedTimestamp', 'stageTimestamp', 'sourceIPs'];

/** Of kube-apiserver: as ours keeps its log. @returns the file of the log with its flags */
export function auditFlags(directory: string): { readonly log: string; readonly flags: readonly string[] } {
  const policy = path.join(directory, 'audit-policy.json');
  const log = path.join(directory, 'audit.log');
  const rules = [{ level: 'Metadata' }];
  const omitStages = ['RequestReceived', 'ResponseStarted'];
  writeFileSync(policy, JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages, rules }));
  return { log, flags: [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`, '--audit-log-mode=blocking'] };
}

/** Sends the requests. @returns what the log says of them, normalized */
export async function auditOf(subject: Subject, log: string): Promise<EventsAnswer> {
  const replay = new Replay(subject);
  await replay.run(AUDIT);
  await replay.close();
  const deadline = performance.now() + PATIENCE_MS;
  let events: readonly JsonObject[] = [];
  // Lines wait a moment for company; that of the last request comes last.
  while (!events.some(({ verb }) => verb === 'deletecollection') && performance.now() < deadline) {
    await sleep(100);
    events = eventsIn(log);
  }
  const [answer] = normalized([{ events }]);
  return answer as EventsAnswer;
}

export function auditDeviations(kubernetes: EventsAnswer, causeway: EventsAnswer): readonly Deviation[] {
  return deviationsOf(EVENTS, [kubernetes], [causeway]);
}

function eventsIn(log: string): readonly JsonObject[] {
  const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  const events = lines.map((line): JsonObject => JSON.parse(line));
  const first = events.findIndex(({ requestURI }) => /\/audit-metadata-\w+\/configmaps$/.test(String(requestURI)));
  return events
    .slice(first < 0 ? events.length : first)
    .filter(({ userAgent }) => userAgent === 'conformance/1.0')
    .filter(({ verb, responseStatus }) => !READING.has(verb) || (responseStatus as { code?: number }).code === 403)
    .map((event) => Object.fromEntries(Object.entries(event).filter(([key]) => !OWN.includes(key))));
}
