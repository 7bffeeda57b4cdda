import type { NearEndpoints } from './backend.ts';
import { balancingText } from './balancing.ts';
import type { ExplainedCertificate } from './certificate.ts';
import type { NearMiss } from './match.ts';
import type { Outcome } from './outcome.ts';
import { isGateway, planeText } from './plane-name.ts';
import type { RequestExplanation } from './request.ts';

/** An explanation for people, one fact a line. */
export function renderRequestExplanation(explanation: RequestExplanation): string {
  const { port, frontend, protocol, client, tls, rule, defaultGroup, outcome, effects, nearMisses, problems } =
    explanation;
  const plane = planeText(explanation.alb);
  const alb = `${plane}${explanation.addresses.length === 0 ? '' : ` (${explanation.addresses.join(', ')})`}`;
  const ofGateway = isGateway(explanation.alb);
  // Listeners are named with their Gateways, Frontends alone.
  const door = frontend?.includes('/') === true ? 'listener' : 'Frontend';
  const lines = [
    frontend === undefined ? `${alb}, port ${port}` : `${alb}, ${door} ${frontend} (port ${port}, ${protocol})`,
  ];
  if (client.by !== 'peer')
    lines.push(`  the client is ${client.address}, says ${client.by} of the trusted proxy ${client.peer}`);
  if (tls !== undefined) lines.push(`  ${certificateText(tls)}`, ...tls.terms.map((term) => `    ${term}`));
  if (rule !== undefined) {
    const source = rule.source === '' ? '' : `, from ${rule.source}`;
    lines.push(
      ofGateway || rule.place !== undefined
        ? `  ${rule.source} takes it${rule.place === undefined ? '' : `, rule ${rule.place.rule}, match ${rule.place.match}`}`
        : `  Rule ${rule.name} takes it (priority ${rule.priority}${source})`,
    );
    for (const term of rule.terms) lines.push(`    because ${term}`);
    if (rule.terms.length === 0) lines.push('    because it takes every request');
  } else if (frontend !== undefined && outcome.type !== 'refused') {
    lines.push(
      `  ${protocol === 'tcp' ? 'layer 4' : ofGateway ? 'no route takes it' : 'no Rule takes it'}${defaultGroup ? '; the default service group does' : ''}`,
    );
  }
  lines.push(...[...effects, ...outcomeLines(outcome)].map((line) => `  ${line}`));
  if (nearMisses.length > 0) lines.push('  near misses:');
  for (const miss of nearMisses) {
    lines.push(`    ${miss.rule}${miss.source === '' ? '' : ` (${miss.source})`}: ${missText(miss)}`);
  }
  for (const problem of problems) lines.push(`  problem: ${problem}`);
  return lines.join('\n');
}

function missText(miss: NearMiss): string {
  if ('later' in miss) return 'would take it too, but comes later in the order';
  if ('undecided' in miss) return `takes it if ${miss.undecided}, which only the data plane can tell`;
  return `${miss.failedTerm}; the request has ${miss.requestHas}`;
}

function certificateText({ serverName, certificate, why }: ExplainedCertificate): string {
  const name = serverName === '' ? 'without SNI' : `SNI ${serverName}`;
  if (certificate === undefined) return `TLS, ${name}: ${why}`;
  const { id, names, notAfter } = certificate;
  return `TLS, ${name}: certificate ${id} (${why}; names ${names.join(', ') || 'none'}; until ${notAfter})`;
}

function unreachedText(keepsShare: Extract<Outcome, { type: 'forward' }>['keepsShares']): string {
  return keepsShare === undefined ? 'no ready endpoint' : `no ready endpoint; its share is answered with ${keepsShare}`;
}

function nearText({ node, zone, share, endpoints }: NearEndpoints): string {
  const place = zone === undefined ? node : `${node} (zone ${zone})`;
  return `of these near ${place}, with ${Math.round(share * 100)} % of the requests there: ${endpoints.join(', ')}`;
}

function outcomeLines(outcome: Outcome): string[] {
  switch (outcome.type) {
    case 'refused':
      return [`not answered: ${outcome.reason}`];
    case 'respond':
      return [`answered with ${outcome.status}: ${outcome.reason}`];
    case 'redirect':
      return [`redirected with ${outcome.status} to ${outcome.location}`];
    case 'forward':
      return [
        ...outcome.backends.flatMap(({ service, share, endpoints, canary, near = [] }) => {
          const where = endpoints.length === 0 ? unreachedText(outcome.keepsShares) : endpoints.join(', ');
          return [
            `forwarded by ${outcome.protocol} to ${service} (${canary === undefined ? '' : 'canary, '}${Math.round(share * 100)} %): ${where}`,
            ...near.map((part) => `  ${nearText(part)}`),
          ];
        }),
        `balanced: ${balancingText(outcome.balancing)}`,
      ];
  }
}
