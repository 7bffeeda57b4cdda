import type { Frontend } from '@causeway/apis/gateway/frontend';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import { PassthroughIndex } from '@causeway/dataplane/policy/passthrough';
import type { ListenerIR, PassthroughIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { renderPassthrough } from '@causeway/targets/nginx/passthrough';
import type { GroupSpec } from '@causeway/targets/nginx/records';
import { translateRule } from '@causeway/translate/gateway/rule';

export interface FoundPassthrough {
  readonly passthrough: PassthroughIR;
  readonly group: GroupSpec | undefined;
  /** What is wrong with its Rule. */
  readonly problems: readonly string[];
}

/** What passes TLS connections to a host on as they are, chosen by the code of the data plane; undefined: TLS ends here. */
export function passthroughOf(
  view: View,
  frontend: Frontend,
  listener: ListenerIR,
  host: string,
): FoundPassthrough | undefined {
  const index = new PassthroughIndex();
  const all = new Map<string, FoundPassthrough>();
  for (const rule of view.by('Rule', 'frontend', objectKeyText(keyOf(frontend)))) {
    if (rule.spec.config?.sslPassthrough !== true) continue;
    const { passthrough, problems } = translateRule(view, keyOf(rule));
    const { record, group } = passthrough === undefined ? {} : renderPassthrough(passthrough, [listener]);
    if (passthrough === undefined || record === undefined) continue;
    index.put(record);
    all.set(record.id, { passthrough, group, problems: problems.map(({ message }) => message) });
  }
  const found = index.find(String(listener.port), host);
  return found && all.get(found.id);
}

/** A line for people. */
export function passthroughText({ hosts }: PassthroughIR): string {
  const names = hosts.map((host) => (host.op === 'equal' ? host.value : `*${host.value}`));
  return `TLS passes through as it is, by the server name (${names.join(', ')}): nothing of the request is seen or changed`;
}
