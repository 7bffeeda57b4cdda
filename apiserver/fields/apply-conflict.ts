import { StatusError } from '../status-error.ts';
import type { FieldOwner } from './owner.ts';
import type { Conflict } from './ownership.ts';
import { pathText } from './path-element.ts';

/** Source: apimachinery pkg/util/managedfields/internal/conflict.go. */
export function applyConflict(conflicts: readonly Conflict[]): StatusError {
  const causes = conflicts.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${ownerText(owner)}`,
    field: pathText(path),
  }));
  return new StatusError(409, 'Conflict', messageOf(conflicts), { details: { causes } });
}

function messageOf(conflicts: readonly Conflict[]): string {
  const [first, ...others] = conflicts;
  if (first !== undefined && others.length === 0) {
    return `Apply failed with 1 conflict: conflict with ${ownerText(first.owner)}: ${pathText(first.path)}`;
  }
  const paths = new Map<string, string[]>();
  for (const { owner, path } of conflicts) {
    const text = ownerText(owner);
    paths.set(text, [...(paths.get(text) ?? []), `- ${pathText(path)}`]);
  }
  const texts = [...paths]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([owner, lines]) => `conflicts with ${owner}:\n${lines.join('\n')}`);
  return `Apply failed with ${conflicts.length} conflicts: ${texts.join('\n')}`;
}

function ownerText({ manager, operation, apiVersion, subresource }: FieldOwner): string {
  const name = `${JSON.stringify(manager)}${subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`}`;
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
