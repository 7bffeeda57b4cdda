import type { Content } from '@causeway/dataplane/policy/content';
import type { ContentIR, TemplateIR } from '@causeway/ir/gateway';

/** What depends on no request is put together once. */
export function renderContent({ contentType = 'text/plain', text, headers = [] }: ContentIR): Content {
  const fixed = headers.flatMap(({ name, value }) => (isFixed(value) ? [[name, value.join('')] as const] : []));
  const made = headers.filter(({ value }) => !isFixed(value));
  return {
    contentType,
    ...(isFixed(text) ? { text: text.join('') } : { text: '', template: text }),
    ...(fixed.length === 0 ? {} : { headers: Object.fromEntries(fixed) }),
    ...(made.length === 0 ? {} : { madeHeaders: made }),
  };
}

function isFixed(template: TemplateIR): template is readonly string[] {
  return template.every((part) => typeof part === 'string');
}
