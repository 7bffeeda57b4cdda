/** Rules as the product serves them: translated, rendered to records, compiled into the index of a port. */
import type { RouteRecord } from '@causeway/dataplane/policy/record';
import { type RequestFacts, requestView } from '@causeway/dataplane/policy/request-facts';
import { type CompiledRoute, compileRoute } from '@causeway/dataplane/policy/route';
import { addRoute, matchRoute, newRuleIndex, removeRoute } from '@causeway/dataplane/policy/rule-index';
import type { ListenerIR } from '@causeway/ir/gateway';
import { renderRoute } from '@causeway/targets/nginx/route-records';
import { translateDslx } from '@causeway/translate/gateway/dslx';
import { ruleOrder } from '@causeway/translate/gateway/rule-order';
import type { ReferenceRule } from './reference-matcher.ts';

const LISTENER: ListenerIR = {
  kind: 'listener',
  id: 'web',
  instance: 'alb',
  port: 80,
  protocol: 'http',
  hostnames: [],
  name: 'web',
};

/** @param rule with a dslx that admission accepts */
export function recordsOf(rule: ReferenceRule): readonly RouteRecord[] {
  const route = {
    kind: 'route',
    id: rule.name,
    instance: 'alb',
    listeners: ['web'],
    match: translateDslx(rule.dslx),
    order: ruleOrder(rule),
    filters: [],
    action: { type: 'respond', status: 200, reason: '' },
    certificates: [],
    name: rule.name,
    source: { type: '', namespace: '', name: '' },
  } as const;
  const { record } = renderRoute(route, [LISTENER]);
  return record === undefined ? [] : [record];
}

/** A port with these Rules. */
export class Engine {
  readonly #index = newRuleIndex();
  readonly #routes = new Map<string, readonly CompiledRoute[]>();

  constructor(rules: readonly ReferenceRule[]) {
    for (const rule of rules) {
      const routes = recordsOf(rule).map(compileRoute);
      this.#routes.set(rule.name, routes);
      for (const route of routes) addRoute(this.#index, route);
    }
  }

  remove(name: string): void {
    for (const route of this.#routes.get(name) ?? []) removeRoute(this.#index, route);
  }

  match(facts: RequestFacts): string | undefined {
    return matchRoute(this.#index, requestView(facts))?.name;
  }
}
