import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { ListenerIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { isStream, isTls } from '@causeway/targets/nginx/listener-port';
import { covers, hostRank } from '@causeway/translate/gateway-api/listener/hostname';
import { listPolicies } from '../alb/policies.ts';
import { candidatesAt, sourceText } from '../candidate.ts';
import { explainCertificate } from '../certificate.ts';
import { clientOf } from '../client-address.ts';
import { explainEffects } from '../effects.ts';
import { explainForwarding } from '../forwarding.ts';
import { judge } from '../match.ts';
import { CLOSED, explainedRule, outcomeOf, passedOn, perhapsText, streamed } from '../outcome.ts';
import { passthroughOf } from '../passthrough.ts';
import { headerOf, portOf, type RequestQuestion, requestViewOf } from '../question.ts';
import type { RequestExplanation } from '../request.ts';
import type { GatewayIntent } from './intent.ts';

/** Says what happens to a request at a Gateway; see `explainRequest`. */
export function explainAtGateway(view: View, intent: GatewayIntent, question: RequestQuestion): RequestExplanation {
  const { plane, instance, routes, passthroughs, problems } = intent;
  const port = portOf(question.url);
  const id = objectKeyText(plane);
  const { trustedProxies = [], trustedHops } = instance ?? {};
  const header = (name: string) => headerOf(question, name);
  const client = clientOf(question.sourceAddress, trustedProxies, header, trustedHops);
  const instances = view.by('Instance', 'alb', id);
  const addresses = [...new Set(instances.flatMap(({ status }) => status?.address ?? []))].sort();
  const base = { alb: id, addresses, port, client, defaultGroup: false, effects: [] };
  const told = (sources: readonly string[]) =>
    problems.filter(({ source }) => sources.includes(source)).map(({ source, message }) => `${source}: ${message}`);
  const ofGateway = told(intent.gateways.map((gateway) => `Gateway ${objectKeyText(keyOf(gateway))}`));
  const refused = (reason: string, more: Partial<RequestExplanation> = {}): RequestExplanation => {
    return { ...base, outcome: { type: 'refused', reason }, nearMisses: [], problems: ofGateway, ...more };
  };
  if (instance === undefined) return refused('its GatewayClass is not one of ours');
  const request = requestViewOf({ ...question, sourceAddress: client.address });
  const listeners = intent.listeners.filter((listener) => listener.port === port);
  const listener = mostSpecific(listeners, request.host());
  if (listener === undefined) return refused(`no listener has port ${port}`);
  const named = { frontend: listener.name, protocol: listener.protocol };
  if (isStream(listener)) return { ...refused('the port speaks udp'), ...named, ...streamed(view, listener, request) };
  const scheme = isTls(listener) ? 'https' : 'http';
  const asked = question.url.protocol.slice(0, -1);
  if (scheme !== asked) return refused(`the port speaks ${listener.protocol}, not ${asked}`, named);

  if (isTls(listener)) {
    const found = passthroughs.map((passthrough) => ({ passthrough, problems: [] }));
    for (const each of listeners) {
      const passed = passthroughOf(found, each, question.url.hostname);
      if (passed === undefined) continue;
      const all = [...ofGateway, ...told([sourceText(passed.passthrough)])];
      return { ...refused(CLOSED), ...named, frontend: each.name, ...passedOn(view, passed, request, all) };
    }
  }
  const tls = isTls(listener)
    ? explainCertificate(listPolicies(view, plane, { port, now: question.now }), question.url.hostname)
    : undefined;
  if (tls !== undefined && tls.certificate === undefined) return refused('the TLS handshake fails', { ...named, tls });

  const { taken, perhaps, nearMisses } = judge(candidatesAt(routes, listeners), request);
  const unserved = new Set(routes.map(sourceText));
  const silent = problems.map(({ source }) => source).filter((source) => !unserved.has(source));
  const sources = [...new Set([...(taken === undefined ? [] : [sourceText(taken.route)]), ...silent])];
  return {
    ...base,
    ...named,
    ...(tls === undefined ? {} : { tls }),
    ...(taken === undefined ? {} : { rule: explainedRule(taken) }),
    outcome: outcomeOf(view, listener, taken, request),
    effects: [...explainEffects(taken?.route.filters ?? [], request), ...explainForwarding(taken?.route.action)],
    nearMisses,
    problems: [...told(sources), ...perhaps.map(perhapsText)],
  };
}

/** The listener that takes requests for a host: listeners of one port are told apart by their hostnames. */
function mostSpecific(listeners: readonly ListenerIR[], host: string): ListenerIR | undefined {
  const rankOf = ({ hostnames }: ListenerIR) => hostRank(hostnames[0] ?? '');
  const fitting = listeners.filter(
    ({ hostnames }) => hostnames.length === 0 || hostnames.some((name) => covers(name, host)),
  );
  const [first] = [...fitting].sort((a, b) => rankOf(b) - rankOf(a));
  return first ?? listeners[0];
}
