import type { RequestView } from '@causeway/dataplane/policy/request-view';
import { templateText, variableValue } from '@causeway/dataplane/policy/template';
import type { FilterIR, HeaderChangeIR } from '@causeway/ir/gateway';
import { explainForwardAuth, explainPasswordAuth, explainSourceRange } from './access.ts';

/** What the filters of a route do to one request and its answer, a line for each change. */
export function explainEffects(filters: readonly FilterIR[], request: RequestView): readonly string[] {
  return filters.flatMap((filter) => effectsOf(filter, request));
}

function effectsOf(filter: FilterIR, request: RequestView): readonly string[] {
  switch (filter.type) {
    case 'hostRewrite':
      return [`the backend sees Host: ${filter.host}`];
    case 'requestHeaders':
      return filter.changes.map((change) => changeText('request', change, request));
    case 'responseHeaders':
      return filter.changes.map((change) => changeText('answer', change, request));
    case 'refuse':
      return [`answered with ${filter.status}: ${filter.reason}`];
    case 'sourceRange':
      return explainSourceRange(filter, request);
    case 'passwordAuth':
      return explainPasswordAuth(filter, request);
    case 'forwardAuth':
      return explainForwardAuth(filter, request);
  }
}

function changeText(where: 'request' | 'answer', change: HeaderChangeIR, request: RequestView): string {
  const header = `header of the ${where}, ${change.name}`;
  switch (change.op) {
    case 'set':
      return `${header}: set to ${JSON.stringify(templateText(change.value, request))}`;
    case 'add':
      return `${header}: ${JSON.stringify(templateText(change.value, request))} added`;
    case 'remove':
      return `${header}: removed`;
    case 'copy': {
      const value = variableValue(change.variable, request);
      if (value === undefined) return `${header}: unchanged, since $${change.variable} has no value`;
      return `${header}: ${change.append ? 'added' : 'set to'} ${JSON.stringify(value)}, from $${change.variable}`;
    }
  }
}
