import type { ContentIR, FilterIR, OperatorIR, RouteActionIR, RouteIR, TemplateIR } from '@causeway/ir/gateway';

/** As Envoy Gateway calls routes, but for the host: `httproute/default/web/rule/0/match/0`. */
export function routeName({ source: { type, namespace, name }, place }: RouteIR): string {
  const at = place === undefined ? '' : `/rule/${place.rule}/match/${place.match}`;
  return `${type.toLowerCase()}/${namespace}/${name}${at}`;
}

/** The same with its name where headers and bodies ask for it: workers know routes by their ids. */
export function withRouteName(route: RouteIR): RouteIR {
  const { filters, action } = route;
  const name = () => routeName(route);
  return { ...route, filters: inFilters(filters, name), action: inAction(action, name) };
}

type Name = () => string;

function inFilters(filters: readonly FilterIR[], name: Name): readonly FilterIR[] {
  if (!filters.some(isWanted)) return filters;
  return filters.map((filter) => {
    if (filter.type !== 'requestHeaders' && filter.type !== 'responseHeaders') return filter;
    const changes = filter.changes.map((change) =>
      'value' in change ? { ...change, value: inTemplate(change.value, name) } : change,
    );
    return { ...filter, changes };
  });
}

function isWanted(filter: FilterIR): boolean {
  if (filter.type !== 'requestHeaders' && filter.type !== 'responseHeaders') return false;
  return filter.changes.some((change) => 'value' in change && change.value.some(isRouteName));
}

function inAction(action: RouteActionIR, name: Name): RouteActionIR {
  if (action.type === 'redirect') return action;
  if (action.type === 'respond') {
    return action.content === undefined ? action : { ...action, content: inContent(action.content, name) };
  }
  const { customErrors: errors, backends } = action;
  const own = backends.some(({ filters }) => filters.some(isWanted))
    ? backends.map((backend) => ({ ...backend, filters: inFilters(backend.filters, name) }))
    : backends;
  const answers = errors?.answers?.map((answer) =>
    answer.content === undefined ? answer : { ...answer, content: inContent(answer.content, name) },
  );
  if (own === backends && answers === undefined) return action;
  return {
    ...action,
    backends: own,
    ...(errors === undefined || answers === undefined ? {} : { customErrors: { ...errors, answers } }),
  };
}

function inContent(content: ContentIR, name: Name): ContentIR {
  const { text, headers } = content;
  return {
    ...content,
    text: inTemplate(text, name),
    ...(headers && { headers: headers.map((header) => ({ ...header, value: inTemplate(header.value, name) })) }),
  };
}

function inTemplate(template: TemplateIR, name: Name): TemplateIR {
  return template.map((part) => (isRouteName(part) ? name().slice(0, part.length) : part));
}

function isRouteName(part: TemplateIR[number]): part is OperatorIR {
  return typeof part !== 'string' && 'values' in part && part.values.includes('routeName');
}
