/**
 * Changing headers on their way (spec ALB-78). Changes are compiled: what is known before the request is not looked at again, and each
 * kind of change is a function of its own, which LuaJIT can compile.
 */
import type { HeaderChange } from '../policy/step.ts';
import { type TemplatePart, templateText, variableReader } from '../policy/template.ts';
import { compileEdit, editHeaders, type FixedHeader, isEditable, isWithoutDropped } from './header-list.ts';
import { requestStructure } from './nginx-request.ts';
import { type Change, formattedChanges, type HeaderWrite, needOperators } from './operator-headers.ts';
import { currentRequest } from './request.ts';

export function compileRequestChanges(changes: readonly HeaderChange[]): (this: void) => undefined {
  if (needOperators(changes)) return formattedChanges(changes, requestChange, writeRequestHeader);
  const compiled: Change[] = [];
  for (const change of changes) {
    const one = requestChange(change);
    const fixed = fixedHeader(change);
    compiled.push(fixed !== undefined && isEditable(fixed, 'requests') ? requestEdit(fixed, one) : one);
  }
  return () => runFrom(compiled, 0);
}

/** @param otherwise the same, for requests that have such a header: nginx points to its headers, so that they cannot be moved here */
function requestEdit(header: FixedHeader, otherwise: Change): Change {
  const edit = compileEdit([header]);
  return () => {
    const request = requestStructure();
    if (request === undefined || !isWithoutDropped(request.headers_in, edit)) otherwise();
    else editHeaders(request.headers_in, edit);
  };
}

export function compileResponseChanges(changes: readonly HeaderChange[]): (this: void) => void {
  if (needOperators(changes)) return formattedChanges(changes, responseChange, writeResponseHeader);
  const compiled: Change[] = [];
  let together: FixedHeader[] = [];
  let apart: Change[] = [];
  for (const change of changes) {
    const one = responseChange(change);
    if (one !== undefined) {
      const fixed = fixedHeader(change);
      const joins = fixed !== undefined && isEditable(fixed, 'answers') && !names(together, fixed.name);
      if (!joins && together.length > 0) {
        compiled.push(responseEdit(together, apart));
        together = [];
        apart = [];
      }
      if (fixed !== undefined && isEditable(fixed, 'answers')) {
        together.push(fixed);
        apart.push(one);
      } else {
        compiled.push(one);
      }
    }
  }
  if (together.length > 0) compiled.push(responseEdit(together, apart));
  return () => runFrom(compiled, 0);
}

function writeRequestHeader(this: void, op: HeaderWrite, name: string, value: string | undefined): void {
  if (value === undefined) ngx.req.clear_header(name);
  else if (op === 'add') appendRequestHeader(name, value);
  else if (op === 'set' || ngx.req.get_headers(0)[name] === undefined) ngx.req.set_header(name, value);
}

function writeResponseHeader(this: void, op: HeaderWrite, name: string, value: string | undefined): void {
  const present = ngx.header[name];
  if (op === 'set' || present === undefined) ngx.header[name] = value;
  else if (op === 'add' && value !== undefined) ngx.header[name] = appended(present, value);
}

/** @param apart the same, one by one */
function responseEdit(headers: readonly FixedHeader[], apart: readonly Change[]): Change {
  const edit = compileEdit(headers);
  return () => {
    const request = requestStructure();
    if (request === undefined) runFrom(apart, 0);
    else editHeaders(request.headers_out, edit);
  };
}

function names(headers: readonly FixedHeader[], name: string): boolean {
  const lower = string.lower(name);
  for (const header of headers) if (string.lower(header.name) === lower) return true;
  return false;
}

/** @returns undefined for a change that depends on the request */
function fixedHeader(change: HeaderChange): FixedHeader | undefined {
  if (change.op === 'remove') return { name: change.name, value: undefined };
  const value = change.op === 'set' ? fixedText(change.value) : undefined;
  return value === undefined ? undefined : { name: change.name, value };
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
    case 'default':
      return () => {
        if (ngx.req.get_headers(0)[name] === undefined) {
          ngx.req.set_header(name, templateText(change.value, currentRequest));
        }
      };
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
    case 'default':
      return () => {
        if (ngx.header[name] === undefined) ngx.header[name] = templateText(change.value, currentRequest);
      };
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
