import type { Topology, TopologyNode } from './topology.ts';

const WORDS = { parent: 'attached to', policy: 'changed by', needs: 'names' } as const;

/** An object a line, and below it what it leads to. */
export function renderTopology({ nodes, edges }: Topology): string {
  const states = new Map(nodes.map(({ id, state }) => [id, state]));
  return nodes
    .flatMap(({ id, state }) => {
      const own = edges.filter(({ from }) => from === id);
      if (own.length === 0) return [];
      return [
        `${id}${stateText(state)}`,
        ...own.map(({ to, type }) => `  ${WORDS[type]} ${to}${stateText(states.get(to) ?? 'unknown')}`),
      ];
    })
    .join('\n');
}

function stateText(state: TopologyNode['state']): string {
  if (state === 'present') return '';
  return state === 'missing' ? ' (missing)' : ' (not shown to you)';
}
