/**
 * What does one match cost in LuaJIT, by number of rules and kind of rule? The compiled rule engine runs alone in the
 * interpreter of nginx's LuaJIT: no nginx, no reading of variables. Requests go round over all hosts, so that caches hold what
 * they would hold in earnest. The sum of what was matched is printed: it must not change.
 */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Benchmark, BenchmarkOptions } from '../benchmark.ts';
import { table } from '../measure/statistics.ts';

export const route: Benchmark = {
  name: 'route',
  question: 'What does one match cost in LuaJIT, by number and kind of rules?',
  run: async (options) => {
    const rows: string[][] = [];
    for (const kind of ['hosts', 'exact paths', 'prefixes'] as const) {
      for (const count of options.rules ?? (options.quick ? [1] : [1, 1000, 10_000, 100_000])) {
        const { nanoseconds, bytes, sum } = await measure(options, kind, count);
        rows.push([kind, String(count), nanoseconds, bytes, sum]);
      }
    }
    return table(['rules differ by', 'rules', 'ns per match', 'bytes per rule', 'sum'], rows);
  },
};

/** The first argument is the number of rules, the second the kind, the third the number of matches. */
const PROGRAM = `
-- Only what the engine needs without regexes; nginx's platform module cannot be loaded outside of nginx.
package.preload["http.platform"] = function()
  local find, sub = string.find, string.sub
  return {
    bytes = function(text) return text end,
    byteAt = function(text, i) return text:byte(i + 1) end,
    slice = function(text, from, to) return sub(text, from + 1, to) end,
    indexOf = function(text, needle, from) local at = find(text, needle, from + 1, true) return at and at - 1 or -1 end,
    byteText = string.char, lowerCase = string.lower,
    emptyTable = function() return {} end,
    removeKey = function(entries, key) entries[key] = nil end,
    insertAt = function(list, i, value) table.insert(list, i + 1, value) end,
    removeAt = function(list, i) table.remove(list, i + 1) end,
  }
end
local compileRoute = require("policy.route").compileRoute
local index = require("policy.rule-index")
local count, kind, matches = tonumber(arg[1]), arg[2], tonumber(arg[3])

local hosts, paths = {}, {}
for i = 1, count do
  hosts[i] = kind == "hosts" and "h" .. i .. ".example.com" or "a.example.com"
  paths[i] = kind == "hosts" and "/api/v1/things" or "/api/" .. i .. "/things"
end

collectgarbage() collectgarbage()
local before = collectgarbage("count")
local rules = index.newRuleIndex()
for i = 1, count do
  local test = kind == "exact paths" and { op = "equal", value = paths[i] }
    or { op = "prefix", value = kind == "hosts" and "/" or "/api/" .. i .. "/" }
  index.addRoute(rules, compileRoute({
    id = "r" .. i, name = "r" .. i, ports = { "80" }, priority = 5, specificity = { 51000 }, tie = "r" .. i,
    action = { type = "respond", status = i },
    match = {
      { subject = "host", tests = { { op = "equal", value = hosts[i] } } },
      { subject = "path", tests = { test } },
    },
  }))
end
collectgarbage() collectgarbage()
local bytes = (collectgarbage("count") - before) * 1024 / count

local at = 1
local request = { host = function() return hosts[at] end, path = function() return paths[at] end }
local function run(times)
  local sum = 0
  for i = 1, times do
    at = i * 7919 % count + 1
    sum = sum + index.matchRoute(rules, request).action.status
  end
  return sum
end
run(matches / 10)
local start = os.clock()
local sum = run(matches)
local seconds = os.clock() - start
print(string.format("%.0f %.0f %.0f", seconds / matches * 1e9, bytes, sum))
`;

async function measure(
  options: BenchmarkOptions,
  kind: string,
  count: number,
): Promise<{ nanoseconds: string; bytes: string; sum: string }> {
  const directory = path.join(options.workDirectory, 'route');
  await mkdir(directory, { recursive: true });
  const program = path.join(directory, 'route.lua');
  await writeFile(program, PROGRAM);
  const matches = options.quick ? '10000' : '2000000';
  const { stdout } = await promisify(execFile)(options.nginx.luajit, [program, String(count), kind, matches], {
    env: { LD_LIBRARY_PATH: options.nginx.libraryPath, LUA_PATH: path.join(options.dataplaneDirectory, '?.lua') },
  });
  const [nanoseconds = '', bytes = '', sum = ''] = stdout.trim().split(' ');
  return { nanoseconds, bytes, sum };
}
