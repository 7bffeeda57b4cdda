import { ALL_PROJECTS } from '@causeway/apis/gateway/labels';

/** Ports `from` to `to`, both included, belong to `projects`. */
export interface PortProject {
  readonly from: number;
  readonly to: number;
  readonly projects: readonly string[];
}

/**
 * Reads spec.config.portProjects: `[{"port":"80","projects":["p1"]},{"port":"8080-8090","projects":["p2"]}]`.
 * Entries that cannot be read are left out and reported.
 *
 * Source: spec ALB sections 2.1 and ALB-126.
 */
export function parsePortProjects(
  text: string | undefined,
  invalid: (field: string, message: string) => void,
): readonly PortProject[] {
  const field = 'spec.config.portProjects';
  let entries: unknown;
  try {
    entries = JSON.parse(text === undefined || text === '' ? '[]' : text);
  } catch {
    entries = undefined;
  }
  if (!Array.isArray(entries)) {
    invalid(field, 'must be a JSON list; no port belongs to a project');
    return [];
  }
  const found: PortProject[] = [];
  for (const [index, entry] of entries.entries()) {
    const parsed = parseEntry(entry);
    if (parsed === undefined)
      invalid(`${field}[${index}]`, `${JSON.stringify(entry)} is not a port or range with projects; ignored`);
    else found.push(parsed);
  }
  return found;
}

/** Projects that a port belongs to; overlapping ranges add up. */
export function projectsOfPort(portProjects: readonly PortProject[], port: number): readonly string[] {
  const projects = new Set<string>();
  for (const entry of portProjects) {
    if (entry.from <= port && port <= entry.to) for (const project of entry.projects) projects.add(project);
  }
  return [...projects].sort();
}

/** Projects that may use both ports; `ALL_ALL` counts as any (ALB-126). */
export function commonProjects(a: readonly string[], b: readonly string[]): readonly string[] {
  if (a.includes(ALL_PROJECTS)) return b;
  if (b.includes(ALL_PROJECTS)) return a;
  return a.filter((project) => b.includes(project));
}

function parseEntry(entry: unknown): PortProject | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { port, projects } = entry as { readonly port?: unknown; readonly projects?: unknown };
  if (!Array.isArray(projects) || !projects.every((project) => typeof project === 'string')) return undefined;
  const match = /^([0-9]+)(?:-([0-9]+))?$/.exec(String(port));
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = match[2] === undefined ? from : Number(match[2]);
  const isRange = match[2] === undefined || from < to;
  return from >= 1 && to <= 65_535 && isRange ? { from, to, projects } : undefined;
}
