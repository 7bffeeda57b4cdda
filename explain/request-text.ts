import type { Outcome, RequestExplanation } from './request.ts';

/** An explanation for people, one fact a line. */
export function renderRequestExplanation(explanation: RequestExplanation): string {
  const { alb, port, frontend, rule, outcome, nearMisses, problems } = explanation;
  const lines = [
    frontend === undefined ? `ALB ${alb}, port ${port}` : `ALB ${alb}, Frontend ${frontend} (port ${port})`,
  ];
  if (rule !== undefined) {
    const source = rule.source === '' ? '' : `, from ${rule.source}`;
    lines.push(`  Rule ${rule.name} takes it (priority ${rule.priority}${source})`);
    for (const term of rule.terms) lines.push(`    because ${term}`);
    if (rule.terms.length === 0) lines.push('    because it takes every request');
  } else if (frontend !== undefined && outcome.type !== 'refused') {
    lines.push('  no Rule takes it' + (outcome.type === 'forward' ? '; the default service group does' : ''));
  }
  lines.push(...outcomeLines(outcome).map((line) => `  ${line}`));
  if (nearMisses.length > 0) lines.push('  near misses:');
  for (const miss of nearMisses) {
    const source = miss.source === '' ? '' : ` (${miss.source})`;
    lines.push(
      'later' in miss
        ? `    ${miss.rule}${source}: would take it too, but comes later in the order`
        : `    ${miss.rule}${source}: ${miss.failedTerm}; the request has ${miss.requestHas}`,
    );
  }
  for (const problem of problems) lines.push(`  problem: ${problem}`);
  return lines.join('\n');
}

function outcomeLines(outcome: Outcome): string[] {
  switch (outcome.type) {
    case 'refused':
      return [`not answered: ${outcome.reason}`];
    case 'respond':
      return [`answered with ${outcome.status}: ${outcome.reason}`];
    case 'forward':
      return outcome.backends.map(({ service, share, endpoints }) => {
        const where = endpoints.length === 0 ? 'no ready endpoint' : endpoints.join(', ');
        return `forwarded by ${outcome.protocol} to ${service} (${Math.round(share * 100)} %): ${where}`;
      });
  }
}
