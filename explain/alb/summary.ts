import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import { addressesOf } from '@causeway/translate/gateway/alb-address';
import { albSettings } from '@causeway/translate/gateway/alb-settings';
import { translateAlbStatus } from '@causeway/translate/gateway/alb-status';
import { type Column, renderTable } from './table.ts';

/** An ALB in a line. */
export interface AlbSummary {
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
  readonly frontends: number;
  readonly rules: number;
  readonly instances: number;
  readonly readyInstances: number;
}

/** @returns undefined when there is no such ALB2 */
export function summarizeAlb(view: View, key: ObjectKey): AlbSummary | undefined {
  const alb = view.get('ALB2', key);
  if (alb === undefined) return undefined;
  const id = objectKeyText(key);
  const settings = albSettings(alb);
  const { state = '', reason = '' } = translateAlbStatus(view, key) ?? {};
  const instances = view.by('Instance', 'alb', id);
  return {
    ...{ namespace: key.namespace, name: key.name, state, reason },
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
  ['STATE', ({ state }) => state],
  ['READY', ({ readyInstances, instances }) => `${readyInstances}/${instances}`],
  ['PORTS', ({ frontends }) => frontends],
  ['RULES', ({ rules }) => rules],
  ['PROJECTS', ({ projectMode, projects }) => (projectMode === 'port' ? '(by port)' : projects.join(','))],
  ['ADDRESSES', ({ addresses }) => addresses.join(',')],
  ['REASON', ({ reason }) => reason],
];

export function renderAlbSummaries(albs: readonly AlbSummary[]): string {
  return renderTable(COLUMNS, albs);
}
