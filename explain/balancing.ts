import { newHashCircle, peerOfKey } from '@causeway/dataplane/policy/consistent-hash';
import type { Peer } from '@causeway/dataplane/policy/record';
import type { RequestView } from '@causeway/dataplane/policy/request-view';
import { parseSession, peerMark, type Session } from '@causeway/dataplane/policy/session-cookie';
import { templateText } from '@causeway/dataplane/policy/template';
import { textHash } from '@causeway/dataplane/policy/text-hash';
import type { AffinityIR, SessionIR, TemplateIR } from '@causeway/ir/gateway';

/** How one of several endpoints is chosen. */
export interface ExplainedBalancing {
  readonly policy: AffinityIR['type'];
  /** Name of the cookie or header, or the text that is hashed. */
  readonly attribute?: string;
  /** Of sessions: absent for a cookie. */
  readonly carrier?: 'header';
  readonly slowStartSeconds?: number;
  /** `address:port` that this request goes to as long as it accepts connections; absent: any of them. */
  readonly endpoint?: string;
}

/** @param peers with their weights, as the data plane has them */
export function explainBalancing(
  affinity: AffinityIR,
  peers: readonly Peer[],
  request: RequestView,
): ExplainedBalancing {
  const slowStart = 'slowStart' in affinity ? affinity.slowStart : undefined;
  const value = affinityValue(affinity, request);
  const peer =
    sessionPeer(affinity, peers, request) ??
    (value === undefined || peers.length === 0 ? undefined : peers[peerOfKey(newHashCircle(peers), textHash(value))]);
  return {
    policy: affinity.type,
    ...('name' in affinity && { attribute: affinity.name }),
    ...('carrier' in affinity && affinity.carrier !== undefined && { carrier: affinity.carrier }),
    ...(affinity.type === 'template' && { attribute: templateSource(affinity.template) }),
    ...(slowStart !== undefined && { slowStartSeconds: slowStart.durationMs / 1000 }),
    ...(peer !== undefined && { endpoint: `${peer.address}:${peer.port}` }),
  };
}

/** In words. */
export function balancingText({ policy, attribute, carrier, slowStartSeconds, endpoint }: ExplainedBalancing): string {
  const slow = slowStartSeconds === undefined ? '' : `; new endpoints get their full share after ${slowStartSeconds} s`;
  const where = endpoint === undefined ? '' : `, here ${endpoint}`;
  switch (policy) {
    case 'roundRobin':
      return `endpoints in turn, by weight${slow}`;
    case 'ewma':
      return `the quicker of two endpoints${slow}`;
    case 'sourceAddress':
      return `by a hash of the client's address${where}`;
    case 'cookie':
      return `by a hash of cookie ${attribute}${where || ', which the answer sets'}`;
    case 'session':
      return `by session ${carrier ?? 'cookie'} ${attribute}${where || ', which the answer sets'}`;
    case 'header':
      return `by a hash of header ${attribute}${where || ', or any endpoint without it'}`;
    case 'template':
      return `by a hash of ${attribute}${where || ', which chooses some endpoints of which any is taken'}`;
  }
}

/** What the endpoint is chosen by; undefined when that is nothing of the request. */
function affinityValue(affinity: AffinityIR, request: RequestView): string | undefined {
  switch (affinity.type) {
    case 'sourceAddress':
      return request.sourceAddress();
    case 'cookie':
      return request.cookie(affinity.name);
    case 'header':
      return request.header(affinity.name);
    case 'template':
      return affinity.subsetSize === undefined ? templateText(affinity.template, request) : undefined;
    case 'session':
      return affinity.mode === 'balanced' ? sessionKey(affinity, request) : undefined;
    case 'roundRobin':
    case 'ewma':
      return undefined;
  }
}

/** Of a persistent session: the endpoint that its cookie names. */
function sessionPeer(affinity: AffinityIR, peers: readonly Peer[], request: RequestView): Peer | undefined {
  if (affinity.type !== 'session' || affinity.mode !== 'persistent') return undefined;
  const mark = sessionOf(affinity, request)?.mark;
  return peers.find((peer) => peerMark(peer) === mark);
}

function sessionKey(session: SessionIR, request: RequestView): string | undefined {
  const foreign = session.cookie.takesAnyValue === true ? request.cookie(session.name) : undefined;
  return sessionOf(session, request)?.key ?? (foreign === '' ? undefined : foreign);
}

function sessionOf({ name, carrier }: SessionIR, request: RequestView): Session | undefined {
  return parseSession(carrier === 'header' ? request.header(name) : request.cookie(name));
}

function templateSource(template: TemplateIR): string {
  return template
    .map((part) => {
      if (typeof part === 'string') return part;
      return 'variable' in part ? `$${part.variable}` : part.values.join('?');
    })
    .join('');
}
