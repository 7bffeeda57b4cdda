import { ALL_PROJECTS } from './labels.ts';

/** Ports `from` to `to`, both included, belong to `projects`. */
export interface PortProject {
  readonly from: number;
  readonly to: number;
  readonly projects: readonly string[];
}

interface PortProjectMistake {
  /** Within portProjects: `''`, `[0].port`. */
  readonly field: string;
  readonly value: unknown;
  readonly detail: string;
}

/** Part of a label key; source: Kubernetes, qualified names. */
const PROJECT = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/**
 * Reads spec.config.portProjects: `[{"port":"80","projects":["p1"]},{"port":"8080-8090","projects":["p2"]}]`.
 *
 * @returns all entries, or what is wrong with the text
 *
 * Source: spec ALB sections 2.1 and ALB-126.
 */
export function parsePortProjects(
  text: string | undefined,
): { readonly entries: readonly PortProject[] } | { readonly mistakes: readonly PortProjectMistake[] } {
  const list = jsonList(text);
  if (list === undefined) {
    return { mistakes: [{ field: '', value: text, detail: 'must be a JSON list of {"port","projects"}' }] };
  }
  const entries: PortProject[] = [];
  const mistakes: PortProjectMistake[] = [];
  for (const [index, entry] of list.entries()) {
    const { port, projects } = (typeof entry === 'object' && entry !== null ? entry : {}) as Readonly<
      Record<string, unknown>
    >;
    const range = rangeOf(port);
    if (range === undefined) {
      mistakes.push({ field: `[${index}].port`, value: port, detail: 'must be a port or from-to' });
    }
    if (!areProjects(projects)) {
      mistakes.push({ field: `[${index}].projects`, value: projects, detail: 'must be a list of projects' });
    } else if (range !== undefined) {
      entries.push({ ...range, projects });
    }
  }
  return mistakes.length > 0 ? { mistakes } : { entries };
}

/** Projects that a port belongs to, sorted; overlapping ranges add up, a port without entry belongs to nobody. */
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

/** Whether a text can be a project: it becomes part of a label. */
export function isProject(text: string): boolean {
  return PROJECT.test(text);
}

function jsonList(text: string | undefined): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text === undefined || text === '' ? '[]' : text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `8080` or `8080-8090`, 1 to 65535, ascending. */
function rangeOf(port: unknown): { readonly from: number; readonly to: number } | undefined {
  const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(String(port));
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = match[2] === undefined ? from : Number(match[2]);
  const isRange = match[2] === undefined || from < to;
  return from >= 1 && to <= 65_535 && isRange ? { from, to } : undefined;
}

function areProjects(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((project) => typeof project === 'string' && isProject(project));
}
