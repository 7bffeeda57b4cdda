import { headerNameMistake, headerValueMistake } from '@causeway/apis/gateway/header-rules';
import { objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';
import type { HeaderChangeIR, ResponseHeadersIR } from '@causeway/ir/gateway';
import type { AccessSubject } from './access.ts';
import type { Problem } from './problem.ts';
import { mayUse, notPermitted, type Referent, settingReferrer } from './reference.ts';

/**
 * Headers of answers from a ConfigMap: each entry is a name and its value. One that cannot be a header makes the whole map
 * ineffective, so that nobody relies on half of it.
 *
 * Source: spec section 5.7, LIM-16; IN-10.
 */
export function translateCustomHeaders({ view, object, rule, frontend, settings }: AccessSubject): {
  readonly filters: readonly ResponseHeadersIR[];
  readonly problems: readonly Problem[];
} {
  const text = rule?.spec.config?.customHeaders ?? '';
  if (rule === undefined || text === '') return { filters: [], problems: [] };
  const refused = (reason: Problem['reason'], mistake: string) => {
    const message = `spec.config.customHeaders: ${mistake}; no headers are added`;
    return { filters: [], problems: [{ object, reason, message, severity: 'Warning' } as const] };
  };
  const key = parseObjectKey(text);
  if (key.namespace === '' || key.name === '')
    return refused('InvalidField', `${JSON.stringify(text)} is not namespace/name`);
  const id = objectKeyText(key);
  const referrer = settingReferrer('customHeaders', { rule, frontend });
  const referent: Referent = { kind: 'ConfigMap', ...key };
  if (!mayUse(view, referrer, referent, settings.allowCrossNamespaceReferences))
    return refused('RefNotPermitted', notPermitted(referent));
  const map = view.get('ConfigMap', key);
  if (map === undefined) return refused('RefNotFound', `ConfigMap ${id} not found`);
  const changes: HeaderChangeIR[] = [];
  for (const name of Object.keys(map.data ?? {}).sort()) {
    const value = map.data?.[name] ?? '';
    const mistake = headerNameMistake(name) ?? headerValueMistake(value);
    if (mistake !== undefined) return refused('InvalidField', `ConfigMap ${id}: ${mistake}`);
    changes.push({ op: 'set', name, value: [value] });
  }
  return { filters: changes.length === 0 ? [] : [{ type: 'responseHeaders', changes }], problems: [] };
}
