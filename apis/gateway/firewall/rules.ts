/**
 * Rules for the firewall as users write them, in the language of ModSecurity (design D7). The text is taken apart completely and put
 * together again from the parts, so that libmodsecurity reads nothing that was not understood here: where its grammar leaves room, a
 * text is refused rather than guessed at.
 *
 *   logical line (lines joined by a backslash) -> words, in double quotes or plain -> directive -> variables, operator, actions
 *
 * Source: ModSecurity v3 Reference Manual, "Configuration Directives"; spec ALB-96.
 */
import { checkRegex } from '../regex.ts';
import { ACTIONS, ALTERNATIVES, DIRECTIVES, OPERATORS, TRANSFORMATIONS, VARIABLES } from './vocabulary.ts';

export interface FirewallRules {
  /** The same rules, one directive a line; `''` for none. */
  readonly text: string;
  /** Holds at least one SecRule or SecAction, not just settings. */
  readonly hasRules: boolean;
  /** Directives that were left out because they have no effect here. */
  readonly ignored: readonly string[];
}

export interface RulesMistake {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** A ConfigMap holds at most 1 MiB. */
const MAX_CHARACTERS = 1 << 20;
const MAX_DIRECTIVES = 2_000;
/** Greatest id that libmodsecurity can read. */
const MAX_ID = 2_147_483_647;

/** @returns what is wrong with the first directive that cannot be taken */
export function readFirewallRules(text: string): FirewallRules | RulesMistake {
  if (text.length > MAX_CHARACTERS) return { line: 1, message: `is longer than ${MAX_CHARACTERS} characters` };
  const reader = new RulesReader();
  for (const { line, content } of logicalLines(text)) {
    const message = reader.add(content);
    if (message !== undefined) return { line, message };
  }
  return reader.end();
}

export function isRulesMistake(rules: FirewallRules | RulesMistake): rules is RulesMistake {
  return 'message' in rules;
}

/** Lines without comments and empty ones, those that end in a backslash joined with the next. */
function logicalLines(text: string): { readonly line: number; readonly content: string }[] {
  const found: { line: number; content: string }[] = [];
  let open: { line: number; content: string } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const trimmed = raw.trim();
    if (open === undefined && (trimmed === '' || trimmed.startsWith('#'))) continue;
    open ??= { line: index + 1, content: '' };
    const continues = trimmed.endsWith('\\');
    open.content += continues ? trimmed.slice(0, -1) : trimmed;
    if (continues) continue;
    found.push(open);
    open = undefined;
  }
  if (open !== undefined) found.push(open);
  return found;
}

class RulesReader {
  readonly #lines: string[] = [];
  readonly #ignored = new Set<string>();
  readonly #ids = new Set<number>();
  #hasRules = false;
  /** The last rule says `chain`: the next directive must be a rule. */
  #chained = false;

  /** @returns what is wrong with it */
  add(content: string): string | undefined {
    if (this.#lines.length >= MAX_DIRECTIVES) return `has more than ${MAX_DIRECTIVES} directives`;
    const words = readWords(content);
    if (typeof words === 'string') return words;
    const [name = '', ...args] = words;
    const key = name.toLowerCase();
    const type = Object.hasOwn(DIRECTIVES, key) ? DIRECTIVES[key] : undefined;
    if (type === undefined) {
      const instead = Object.hasOwn(ALTERNATIVES, key) ? `: ${ALTERNATIVES[key]}` : '';
      return `directive ${JSON.stringify(name)} is not allowed${instead}`;
    }
    if (this.#chained && type.type !== 'rule') return `${name} follows a rule with chain: a SecRule must`;
    if (type.type === 'ignored') {
      this.#ignored.add(name);
      return undefined;
    }
    const wrong = (message: string) => `${name}: ${message}`;
    if (type.type === 'words') {
      if (args.length !== type.words.length || !type.words.every((form, index) => form.test(args[index] ?? '')))
        return wrong(`invalid value ${args.join(' ')}`);
    } else if (type.type === 'targets') {
      const [of = '', variables = '', ...rest] = args;
      if (!type.of.test(of) || rest.length > 0) return wrong(`invalid value ${args.join(' ')}`);
      const mistake = variablesMistake(variables);
      if (mistake !== undefined) return wrong(mistake);
    } else {
      const mistake = type.type === 'rule' ? this.#rule(args) : this.#actions(args, type.rule);
      if (mistake !== undefined) return wrong(mistake);
    }
    const settings = type.type === 'words' || type.type === 'targets';
    this.#lines.push(
      [
        name,
        ...args.map((word, index) => (settings || (type.type === 'rule' && index === 0) ? plain(word) : quoted(word))),
      ].join(' '),
    );
    return undefined;
  }

  end(): FirewallRules | RulesMistake {
    if (this.#chained) return { line: 1, message: 'the last rule says chain, and no rule follows' };
    const text = this.#lines.map((line) => `${line}\n`).join('');
    return { text, hasRules: this.#hasRules, ignored: [...this.#ignored].sort() };
  }

  #rule([variables = '', operator = '', actions, ...rest]: readonly string[]): string | undefined {
    if (rest.length > 0) return 'must have variables, an operator and actions';
    const mistake = variablesMistake(variables) ?? operatorMistake(operator);
    if (mistake !== undefined) return mistake;
    this.#hasRules = true;
    return this.#readActions(actions ?? '', true);
  }

  #actions([actions = '', ...rest]: readonly string[], rule: boolean): string | undefined {
    if (rest.length > 0) return 'must have actions only';
    if (rule) this.#hasRules = true;
    return this.#readActions(actions, rule);
  }

  /** @param rule it needs an id, unless it continues a chain */
  #readActions(text: string, rule: boolean): string | undefined {
    const actions = splitActions(text);
    if (typeof actions === 'string') return actions;
    let id: number | undefined;
    let chain = false;
    for (const { name, value } of actions) {
      const mistake = actionMistake(name, value);
      if (mistake !== undefined) return mistake;
      if (name === 'id') id = Number(value);
      if (name === 'chain') chain = true;
    }
    if (!rule) return id === undefined && !chain ? undefined : 'defaults have no id and no chain';
    const first = !this.#chained;
    this.#chained = chain;
    if (!first) return undefined;
    if (id === undefined) return 'a rule needs an id';
    if (id < 1 || id > MAX_ID) return `id ${id}: must be from 1 to ${MAX_ID}`;
    if (this.#ids.has(id)) return `id ${id} is taken by another rule`;
    this.#ids.add(id);
    return undefined;
  }
}

/** @returns the words without their quotes, or what is wrong */
function readWords(content: string): readonly string[] | string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in there
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(content)) return 'has control characters';
  const words: string[] = [];
  let rest = content.trim();
  while (rest !== '') {
    const match = /^"((?:[^"\\]|\\.)*)"(?=\s|$)/.exec(rest) ?? /^((?:[^\s"'`]|'\/[^'"\s]*\/')+)(?=\s|$)/.exec(rest);
    if (match === null) return `cannot read ${JSON.stringify(rest.slice(0, 40))}: quotes do not match`;
    const word = match[1] ?? '';
    // libmodsecurity does not count backslashes: a quote after two of them may or may not end its text.
    if (/\\\\"|\\"?$/.test(word)) return 'has a backslash at the end of a text in quotes, or two before a quote';
    words.push(word);
    rest = rest.slice(match[0].length).trimStart();
  }
  return words;
}

function quoted(word: string): string {
  return `"${word}"`;
}

/** Where libmodsecurity wants none, no quotes: such words have no blanks. */
function plain(word: string): string {
  return /[\s"]/.test(word) ? quoted(word) : word;
}

/** Of `ARGS|!ARGS:x|&REQUEST_HEADERS:/^x-/|XML:/*`. */
function variablesMistake(text: string): string | undefined {
  if (text === '') return 'needs variables';
  let rest = text;
  for (;;) {
    const match = VARIABLE.exec(rest);
    if (match === null) return `cannot read the variables from ${JSON.stringify(rest.slice(0, 40))} on`;
    const name = match[1] ?? '';
    if (!VARIABLES.has(name.toUpperCase())) return `variable ${name} is not allowed`;
    if (match[2] !== undefined && /^xml$/i.test(name) && match[2].includes('('))
      return 'XPath functions are not allowed';
    rest = rest.slice(match[0].length);
    if (rest === '') return undefined;
    if (!rest.startsWith('|')) return `cannot read the variables from ${JSON.stringify(rest.slice(0, 40))} on`;
    rest = rest.slice(1);
  }
}

/** Name, and a selector: a plain one, or a regular expression, which needs quotes when it has a `|`. */
const VARIABLE = /^[!&]?([A-Za-z_]+)(?::('\/[^'"\s]+\/'|\/[^|'"\s/]+\/|\/\*|\/\/@\*|[A-Za-z0-9_.*$@[\]-]+))?(?=$|\|)/;

function operatorMistake(text: string): string | undefined {
  const match = /^!?\s*@([A-Za-z0-9]+)(?=\s|$)/.exec(text);
  if (match === null && /^!?\s*@/.test(text)) return `cannot read the operator ${JSON.stringify(text.slice(0, 40))}`;
  const name = match?.[1] ?? 'rx';
  if (!OPERATORS.has(name.toLowerCase())) return `operator @${name} is not allowed`;
  if (text === '') return 'needs an operator';
  if (/^rx(global)?$/i.test(name) && !text.includes('%{')) {
    // The library does not tell: a rule whose expression it cannot compile never matches.
    const verdict = checkRegex(text.replace(/^!?\s*(@[A-Za-z]+\s*)?/, '').replaceAll('\\"', '"'));
    if (verdict.dialect === 'invalid') return `operator @${name}: ${verdict.error}`;
  }
  return macroMistake(text);
}

interface Action {
  /** Lower case. */
  readonly name: string;
  /** Without single quotes. */
  readonly value: string | undefined;
}

/** Of `id:1,deny,msg:'a, b'`. */
function splitActions(text: string): readonly Action[] | string {
  const actions: Action[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const match = ACTION.exec(rest);
    if (match === null) return `cannot read the actions from ${JSON.stringify(rest.slice(0, 40))} on`;
    const [whole, name = '', quotedValue, plainValue] = match;
    if (quotedValue !== undefined && /\\\\'|\\$/.test(quotedValue)) return `${name}: a backslash before its last quote`;
    actions.push({ name: name.toLowerCase(), value: quotedValue ?? plainValue });
    rest = rest.slice(whole.length).trimStart();
    if (rest === '') break;
    if (!rest.startsWith(',')) return `cannot read the actions from ${JSON.stringify(rest.slice(0, 40))} on`;
    rest = rest.slice(1).trimStart();
  }
  return actions;
}

const ACTION = /^([A-Za-z]+)(?::(?:'((?:[^'\\]|\\.)*)'|([^,'"\s\\]+)))?(?=\s*(?:,|$))/;

function actionMistake(name: string, value: string | undefined): string | undefined {
  if (!Object.hasOwn(ACTIONS, name)) return `action ${name} is not allowed`;
  const form = ACTIONS[name];
  if (form === undefined ? value !== undefined : !form.test(value ?? '')) {
    return `action ${name}: invalid value ${JSON.stringify(value ?? '')}`;
  }
  if (name === 't' && !TRANSFORMATIONS.has((value ?? '').toLowerCase())) {
    return `transformation ${value} is not allowed`;
  }
  if (name === 'ctl') {
    const variable = /;!?([A-Za-z_]+)/.exec(value ?? '')?.[1];
    if (variable !== undefined && !VARIABLES.has(variable.toUpperCase())) return `variable ${variable} is not allowed`;
  }
  return macroMistake(value ?? '');
}

/** `%{...}` stands for a variable anywhere in a text: only for those that rules may look at. */
function macroMistake(text: string): string | undefined {
  for (const [macro, inner = ''] of text.matchAll(/%\{([^}]*)\}?/g)) {
    const name = /^([A-Za-z_]+)(?:[.:][A-Za-z0-9_.-]+)?$/.exec(inner)?.[1];
    if (name === undefined || !VARIABLES.has(name.toUpperCase())) return `variable ${macro} is not allowed`;
  }
  return undefined;
}
