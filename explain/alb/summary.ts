import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import { addressesOf } from '@causeway/translate/gateway/alb-address';
import { albSettings } from '@causeway/translate/gateway/alb-settings';
import { translateAlbStatus } from '@causeway/translate/gateway/alb-status';
import { summarizeIngressNginx } from '../ingress-nginx/summary.ts';
import { type Column, renderTable } from './table.ts';

/** An ALB, or an IngressNginx, in a line. */
export interface AlbSummary {
  readonly kind: 'ALB2' | 'IngressNginx';
  readonly namespace: string;
  readonly name: string;
  /** `Pending`, `Progressing`, `Running` or `Warning`. */
  readonly state: string;
  /** Why it is not Running; else `''`. */
  readonly reason: string;
  /** By which it is reached, as far as anybody said. */
  readonly addresses: readonly string[];
  readonly projectMode: 'instance' | 'port';
  /** Those it serves as a whole; in mode `port`, Frontends have projects of their own. */
  readonly projects: readonly string[];
  /** Of an IngressNginx: which Ingresses it takes. */
  readonly serves?: ServedIngresses;
  readonly frontends: number;
  readonly rules: number;
  readonly instances: number;
  readonly readyInstances: number;
}

interface ServedIngresses {
  /** Those of this class. */
  readonly className: string;
  /** Those without a class too. */
  readonly unclassified: boolean;
  /** Label of their namespaces, `key=value`; `all`, or `none` where it cannot be read. */
  readonly namespaces: string;
}

/**
 * @param key of the data plane
 * @returns undefined when there is no such object
 */
export function summarizeAlb(view: View, key: ObjectKey): AlbSummary | undefined {
  const alb = view.get('ALB2', key);
  if (alb === undefined) return summarizeIngressNginx(view, key);
  const id = objectKeyText(key);
  const settings = albSettings(alb);
  const { state = '', reason = '' } = translateAlbStatus(view, key) ?? {};
  const instances = view.by('Instance', 'alb', id);
  return {
    ...{ kind: 'ALB2', namespace: key.namespace, name: key.name, state, reason },
    addresses: addressesOf(alb),
    projectMode: settings?.portProjects === undefined ? 'instance' : 'port',
    projects: [...(settings?.projects ?? [])].sort(),
    frontends: view.by('Frontend', 'alb', id).length,
    rules: view.by('Rule', 'alb', id).length,
    instances: instances.length,
    readyInstances: instances.filter(({ status }) => status?.ready === true).length,
  };
}

const COLUMNS: readonly Column<AlbSummary>[] = [
  ['NAMESPACE', ({ namespace }) => namespace],
  ['NAME', ({ name }) => name],
  ['KIND', ({ kind }) => kind],
  ['STATE', ({ state }) => state],
  ['READY', ({ readyInstances, instances }) => `${readyInstances}/${instances}`],
  ['PORTS', ({ frontends }) => frontends],
  ['RULES', ({ rules }) => rules],
  ['SERVES', servedText],
  ['ADDRESSES', ({ addresses }) => addresses.join(',')],
  ['REASON', ({ reason }) => reason],
];

function servedText({ projectMode, projects, serves }: AlbSummary): string {
  if (serves === undefined) return projectMode === 'port' ? 'projects by port' : projects.join(',');
  const { className, unclassified, namespaces } = serves;
  return [
    `class ${className}`,
    ...(unclassified ? ['no class'] : []),
    ...(namespaces === 'all' ? [] : [namespaces]),
  ].join(', ');
}

export function renderAlbSummaries(albs: readonly AlbSummary[]): string {
  return renderTable(COLUMNS, albs);
}
