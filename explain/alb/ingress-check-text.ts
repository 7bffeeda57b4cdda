import type { CheckedAlb, CheckedPort, IngressCheck } from './ingress-check.ts';
import { type Column, renderTable } from './table.ts';

const COLUMNS: readonly Column<CheckedAlb>[] = [
  ['ALB', ({ alb }) => alb],
  ['SERVES', ({ serves }) => (serves ? 'yes' : 'no')],
  ['PORTS', ({ ports }) => ports.map(portText).join(', ')],
  ['WHY', ({ reason }) => reason],
];

/** @param leftOut how many data planes are not listed, being of other classes */
export function renderIngressCheck(check: IngressCheck, leftOut: number): string {
  const { ingress, className, project, albs, problems } = check;
  const lines = [
    `Ingress ${ingress}: ${className === undefined ? 'no class' : `class ${className}`}, ` +
      (project === undefined ? 'no project' : `project ${project}`),
  ];
  if (albs.length > 0) lines.push('', renderTable(COLUMNS, albs), '');
  else
    lines.push(
      className === undefined
        ? 'there is no ALB2 and no IngressNginx'
        : `there is no ALB2 and no IngressNginx of class ${className}`,
    );
  if (leftOut > 0) lines.push(`data planes of other classes: ${leftOut}; --all lists them`);
  for (const problem of problems) lines.push(`problem: ${problem}`);
  return lines.join('\n').trimEnd();
}

/** `443 https (2 rules)`, `80 http (1 of 2 rules yet)` */
function portText({ port, protocol, rules, rulesInPlace, conflict }: CheckedPort): string {
  if (conflict !== undefined) return `${port} ${protocol} (not served)`;
  const count = rules === 1 ? '1 rule' : `${rules} rules`;
  return `${port} ${protocol} (${rulesInPlace === rules ? count : `${rulesInPlace} of ${count} yet`})`;
}
