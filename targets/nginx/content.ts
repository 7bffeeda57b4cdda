import type { Content } from '@causeway/dataplane/policy/content';
import type { ContentIR } from '@causeway/ir/gateway';

export function renderContent({ contentType = 'text/plain', text, headers = [] }: ContentIR): Content {
  return {
    contentType,
    text,
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])) }),
  };
}
