/**
 * The rule sets that routes refer to, by id. The agent puts each into a file before any route refers to it and never changes one, so a
 * worker loads what it needs when it needs it: a small one takes less than a millisecond, and the core rules, which take 50, are loaded
 * before workers are forked and shared by all.
 *
 *   rules/<id>.conf    the rules of one set; of a set with core rules the id ends in `-core`
 *   rules/index        ids in use, a line each
 *   rules/problems     what the first worker could not load: `<id> <why>`, a line each
 */
import type { CData } from 'ffi';
import { loadLibrary, loadRules } from './modsecurity.ts';

export interface RuleSetSettings {
  readonly library: string;
  readonly coreRules: readonly string[];
  /** Folder of the rule sets. */
  readonly directory: string;
}

export type RuleSet = { readonly rules: CData } | { readonly problem: string };

const CORE = '-core';
const INDEX_SECONDS = 1;

let directory = '';
let core: CData | undefined;
let coreProblem: string | undefined;
const loaded: LuaTable<string, RuleSet> = new LuaTable();
let index: string | undefined;

/** Body of init_by_lua. */
export function initRuleSets(settings: RuleSetSettings): void {
  directory = settings.directory;
  loadLibrary(settings.library);
  const [rules, problem] = loadRules(settings.coreRules, undefined);
  core = rules;
  coreProblem = problem;
}

/** @returns undefined when there is no set of that id */
export function ruleSet(id: string): RuleSet | undefined {
  const known = loaded.get(id);
  if (known !== undefined) return known;
  const [safe] = string.match(id, '^[%w-]+$');
  const file = `${directory}/${id}.conf`;
  if (safe === undefined || readText(file) === undefined) return undefined;
  const found = loadSet(id, file);
  loaded.set(id, found);
  return found;
}

function loadSet(id: string, file: string): RuleSet {
  const withCore = string.sub(id, -CORE.length) === CORE;
  if (withCore && core === undefined) return { problem: coreProblem ?? 'no core rules' };
  const [rules, problem] = loadRules([file], withCore ? core : undefined);
  return rules === undefined ? { problem: problem ?? 'cannot be loaded' } : { rules };
}

/** Body of init_worker_by_lua: follows the index, forgets sets that are gone, and tells which cannot be loaded. */
export function followIndex(): void {
  if (!ngx.worker.exiting()) ngx.timer.at(INDEX_SECONDS, followIndex);
  const now = readText(`${directory}/index`);
  if (now === undefined || now === index) return;
  index = now;
  const wanted: LuaTable<string, true> = new LuaTable();
  for (const [id] of string.gmatch(now, '[^\n]+')) if (id !== undefined) wanted.set(id, true);
  for (const [id] of loaded) if (!wanted.has(id)) loaded.delete(id);
  if (ngx.worker.id() !== 0) return;
  let problems = '';
  for (const [id] of wanted) {
    const set = ruleSet(id);
    if (set !== undefined && 'problem' in set) problems = `${problems}${id} ${oneLine(set.problem)}\n`;
  }
  writeText(`${directory}/problems`, problems);
}

function oneLine(text: string): string {
  const [line] = string.gsub(text, '%s+', ' ');
  return line;
}

function readText(file: string): string | undefined {
  const [handle] = io.open(file, 'r');
  if (handle === undefined) return undefined;
  const text = handle.read('*a');
  handle.close();
  return text;
}

/** Complete or not at all. */
function writeText(file: string, text: string): void {
  const [handle] = io.open(`${file}.next`, 'w');
  if (handle === undefined) return;
  handle.write(text);
  handle.close();
  os.rename(`${file}.next`, file);
}
