import type { AlbReport, DataPlane, ReportedPort, ReportedProblem } from './report.ts';
import { type Column, renderTable } from './table.ts';

/** More problems than this are counted, not printed. */
const MAX_PROBLEMS = 20;

const DATA_PLANES: readonly Column<DataPlane>[] = [
  ['INSTANCE', ({ name }) => name],
  ['NODE', ({ node }) => node],
  ['READY', ({ ready }) => (ready ? 'yes' : 'no')],
  ['VERSION', ({ version }) => version],
  ['WORKERS', ({ workers }) => workers],
  ['RELOADS', ({ reloads }) => reloads],
  ['REPORTED', ({ silentSeconds }) => (silentSeconds === undefined ? 'never' : `${silentSeconds} s ago`)],
  ['MESSAGE', ({ message, warnings }) => [...(message === undefined ? [] : [message]), ...warnings].join('; ')],
];

const PORTS: readonly Column<ReportedPort>[] = [
  ['PORT', ({ port }) => port],
  ['PROTOCOL', ({ protocol }) => protocol],
  ['FRONTEND', ({ frontend }) => frontend],
  ['RULES', ({ rules }) => rules],
  ['STATE', ({ states }) => stateText(states)],
];

const PROBLEMS: readonly Column<ReportedProblem>[] = [
  ['OBJECT', ({ object }) => object],
  ['REASON', ({ reason }) => reason],
  ['PROBLEM', ({ message }) => message],
];

export function renderAlbReport(report: AlbReport): string {
  const { kind, namespace, name, state, reason, addresses, dataPlanes, ports, problems } = report;
  const parts = [
    [
      `${kind === 'ALB2' ? 'ALB' : kind} ${namespace}/${name}: ${state}${reason === '' ? '' : `: ${reason}`}`,
      `addresses: ${addresses.length === 0 ? 'none' : addresses.join(', ')}`,
      servedText(report),
    ].join('\n'),
    dataPlanes.length === 0 ? 'No data plane has reported.' : renderTable(DATA_PLANES, dataPlanes),
    ports.length === 0 ? 'No ports.' : renderTable(PORTS, ports),
  ];
  if (problems.length > 0) {
    const more = problems.length - MAX_PROBLEMS;
    parts.push(
      renderTable(PROBLEMS, problems.slice(0, MAX_PROBLEMS)) +
        (more > 0 ? `\n... and ${more} more; -o json has them all` : ''),
    );
  }
  return parts.join('\n\n');
}

function servedText({ projectMode, projects, serves }: AlbReport): string {
  if (serves === undefined) {
    return `projects: ${projectMode === 'port' ? 'by port' : projects.length === 0 ? 'none' : projects.join(', ')}`;
  }
  const { className, unclassified, namespaces } = serves;
  return `Ingresses: of class ${className}${unclassified ? ', and without a class' : ''}; namespaces: ${namespaces}`;
}

/** One word when every instance agrees, else by instance. */
function stateText(states: ReportedPort['states']): string {
  const texts = states.map(({ state, message }) => (message === undefined ? state : `${state}: ${message}`));
  const [first] = texts;
  if (first === undefined) return 'pending';
  if (texts.every((text) => text === first)) return first;
  return states.map(({ instance }, index) => `${instance} ${texts[index]}`).join('; ');
}
