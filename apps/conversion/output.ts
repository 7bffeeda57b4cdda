import type { KubernetesObject } from '@causeway/apis/meta/object';
import { printable } from '@causeway/explain/printable';
import type { Conversion } from '@causeway/translate/convert/conversion';
import { messageText } from '@causeway/translate/convert/message';
import { Option } from 'commander';
import { stringify } from 'yaml';

/** How messages are written to the standard error: a line each, or one JSON document. */
export type ReportFormat = 'text' | 'json';

export function reportOption(): Option {
  return new Option('--report <format>', 'of the messages on the standard error: text (a line each) or json')
    .choices(['text', 'json'])
    .default('text');
}

export const EXIT_CODES =
  '\nMessages go to the standard error, `level code object field: text`, with levels I (information), W (behaves differently)\n' +
  'and E (not converted). Exit codes: 0 all is converted, 1 the input cannot be read or the usage is wrong, 2 there is an E.';

/** Objects to the standard output as YAML documents, messages to the standard error; sets the exit code. */
export function writeConversion({ objects, messages }: Conversion, report: ReportFormat): void {
  process.stdout.write(yamlOf(objects));
  if (report === 'json') process.stderr.write(`${JSON.stringify({ messages }, undefined, 2)}\n`);
  else for (const message of messages) process.stderr.write(`${printable(messageText(message))}\n`);
  if (messages.some(({ level }) => level === 'E')) process.exitCode = 2;
}

/** Documents without references inside; YAML 1.1, which clients of Kubernetes read: `on` and `1:30` are texts only in quotes. */
function yamlOf(objects: readonly KubernetesObject[]): string {
  return objects
    .map((object) => stringify(object, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 }))
    .join('---\n');
}
