/**
 * Changing headers on their way (spec ALB-78). Changes are compiled: what is known before the request is not looked at again, and each
 * kind of change is a function of its own, which LuaJIT can compile.
 */
import type { HeaderChange } from '../policy/step.ts';
import { type TemplatePart, templateText, variableReader } from '../policy/template.ts';
import { currentRequest } from './request.ts';

/** One change to the headers of the current request, or of its answer. */
type Change = (this: void) => void;

export function compileRequestChanges(changes: readonly HeaderChange[]): (this: void) => undefined {
  const compiled: Change[] = [];
  for (const change of changes) compiled.push(requestChange(change));
  return () => runFrom(compiled, 0);
}

export function compileResponseChanges(changes: readonly HeaderChange[]): (this: void) => void {
  const compiled: Change[] = [];
  for (const change of changes) {
    const one = responseChange(change);
    if (one !== undefined) compiled.push(one);
  }
  return () => runFrom(compiled, 0);
}

/** A tail call instead of a short loop, see policy/rule-index.ts. */
function runFrom(changes: readonly Change[], position: number): undefined {
  const change = changes[position];
  if (change === undefined) return undefined;
  change();
  return runFrom(changes, position + 1);
}

function requestChange(change: HeaderChange): Change {
  const { name } = change;
  switch (change.op) {
    case 'set': {
      const text = fixedText(change.value);
      if (text !== undefined) return () => ngx.req.set_header(name, text);
      return () => ngx.req.set_header(name, templateText(change.value, currentRequest));
    }
    case 'add':
      return () => appendRequestHeader(name, templateText(change.value, currentRequest));
    case 'remove':
      return () => ngx.req.clear_header(name);
    case 'copy': {
      const read = variableReader(change.variable);
      const write = change.append ? appendRequestHeader : ngx.req.set_header;
      return () => {
        const value = read(currentRequest);
        if (value !== undefined) write(name, value);
      };
    }
  }
}

/** The text of a template in which nothing depends on the request; undefined for others. */
function fixedText(template: readonly TemplatePart[]): string | undefined {
  let text = '';
  for (const part of template) {
    if (typeof part !== 'string') return undefined;
    text = text + part;
  }
  return text;
}

/** Headers of which lua-nginx keeps only the last one that it is given in a list. */
const ONE_LINE: Readonly<Record<string, string>> = { cookie: '; ', 'x-forwarded-for': ', ' };

function appendRequestHeader(this: void, name: string, value: string): void {
  const present = ngx.req.get_headers(0)[name];
  const separator = ONE_LINE[string.lower(name)];
  if (present === undefined) ngx.req.set_header(name, value);
  else if (separator === undefined) ngx.req.set_header(name, appended(present, value));
  else ngx.req.set_header(name, inOneLine(appended(present, value), separator));
}

/** Adds a name to the list of what answers depend on. */
export function addVary(name: string): void {
  const present = ngx.header['Vary'];
  ngx.header['Vary'] = present === undefined ? name : appended(present, name);
}

function responseChange(change: HeaderChange): Change | undefined {
  const { name } = change;
  switch (change.op) {
    case 'set': {
      const text = fixedText(change.value);
      if (text !== undefined) {
        return () => {
          ngx.header[name] = text;
        };
      }
      return () => {
        ngx.header[name] = templateText(change.value, currentRequest);
      };
    }
    case 'add':
      return () => {
        const present = ngx.header[name];
        const value = templateText(change.value, currentRequest);
        ngx.header[name] = present === undefined ? value : appended(present, value);
      };
    case 'remove':
      return () => {
        ngx.header[name] = undefined;
      };
    case 'copy':
      return undefined;
  }
}

function inOneLine(values: readonly string[], separator: string): string {
  let text = '';
  for (const value of values) text = text === '' ? value : text + separator + value;
  return text;
}

function appended(present: string | readonly string[] | number | boolean, value: string): string[] {
  const values: string[] = [];
  if (typeof present === 'object') for (const one of present) values.push(one);
  else values.push(`${present}`);
  values.push(value);
  return values;
}
