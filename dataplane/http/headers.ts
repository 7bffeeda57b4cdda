/** Changing headers on their way (spec ALB-78). */
import type { HeaderChange } from '../policy/step.ts';
import { templateText, variableValue } from '../policy/template.ts';
import { currentRequest } from './request.ts';

export function changeRequestHeaders(changes: readonly HeaderChange[]): undefined {
  for (const change of changes) changeRequestHeader(change);
  return undefined;
}

function changeRequestHeader(change: HeaderChange): void {
  switch (change.op) {
    case 'set':
      ngx.req.set_header(change.name, templateText(change.value, currentRequest));
      break;
    case 'add':
      appendRequestHeader(change.name, templateText(change.value, currentRequest));
      break;
    case 'remove':
      ngx.req.clear_header(change.name);
      break;
    case 'copy': {
      const value = variableValue(change.variable, currentRequest);
      if (value === undefined) break;
      if (change.append) appendRequestHeader(change.name, value);
      else ngx.req.set_header(change.name, value);
      break;
    }
  }
}

/** Headers of which lua-nginx keeps only the last one that it is given in a list. */
const ONE_LINE: Readonly<Record<string, string>> = { cookie: '; ', 'x-forwarded-for': ', ' };

function appendRequestHeader(name: string, value: string): void {
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

export function changeResponseHeaders(changes: readonly HeaderChange[]): void {
  for (const change of changes) changeResponseHeader(change);
}

function changeResponseHeader(change: HeaderChange): void {
  const headers = ngx.header;
  switch (change.op) {
    case 'set':
      headers[change.name] = templateText(change.value, currentRequest);
      break;
    case 'add': {
      const present = headers[change.name];
      const value = templateText(change.value, currentRequest);
      headers[change.name] = present === undefined ? value : appended(present, value);
      break;
    }
    case 'remove':
      headers[change.name] = undefined;
      break;
    case 'copy':
      break;
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
