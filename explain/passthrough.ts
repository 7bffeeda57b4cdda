import type { Frontend } from '@causeway/apis/gateway/frontend';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import { PassthroughIndex } from '@causeway/dataplane/policy/passthrough';
import type { ListenerIR, PassthroughIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import type { GroupSpec } from '@causeway/targets/nginx/group-record';
import { renderPassthrough } from '@causeway/targets/nginx/passthrough';
import { translateRule } from '@causeway/translate/gateway/rule';

interface Asked {
  readonly passthrough: PassthroughIR;
  /** What is wrong with its Rule. */
  readonly problems: readonly string[];
}

export interface FoundPassthrough extends Asked {
  readonly group: GroupSpec | undefined;
}

/** Passing on that Rules of a Frontend ask for. */
export function passthroughsOf(view: View, frontend: Frontend): readonly Asked[] {
  return view.by('Rule', 'frontend', objectKeyText(keyOf(frontend))).flatMap((rule): readonly Asked[] => {
    if (rule.spec.config?.sslPassthrough !== true) return [];
    const { passthrough, problems } = translateRule(view, keyOf(rule));
    return passthrough === undefined ? [] : [{ passthrough, problems: problems.map(({ message }) => message) }];
  });
}

/** What passes TLS connections to a host on as they are, chosen by the code of the data plane; undefined: TLS ends here. */
export function passthroughOf(all: readonly Asked[], listener: ListenerIR, host: string): FoundPassthrough | undefined {
  const index = new PassthroughIndex();
  const found = new Map<string, FoundPassthrough>();
  for (const asked of all) {
    const { record, group } = renderPassthrough(asked.passthrough, [listener]);
    if (record === undefined) continue;
    index.put(record);
    found.set(record.id, { ...asked, group });
  }
  const record = index.find(String(listener.port), host);
  return record && found.get(record.id);
}

/** A line for people. */
export function passthroughText({ hosts }: PassthroughIR): string {
  const names = hosts.map((host) => (host.op === 'equal' ? host.value : `*${host.value}`));
  return `TLS passes through as it is, by the server name (${names.join(', ')}): nothing of the request is seen or changed`;
}
