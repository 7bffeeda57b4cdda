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
    for (const kind of KINDS) {
      for (const count of options.rules ?? (options.quick ? [1] : [1, 1000, 10_000, 100_000])) {
        const { nanoseconds, bytes, sum } = await measure(options, kind, count);
        rows.push([kind, String(count), nanoseconds, bytes, sum]);
      }
    }
    return table(['rules differ by', 'rules', 'ns per match', 'bytes per rule', 'sum'], rows);
  },
};

/** What rules differ by; everything else is the same for all. */
const KINDS = [
  'hosts',
  'wildcard hosts',
  'exact paths',
  'prefixes',
  'regexes',
  'headers',
  'cookies',
  'sources',
] as const;

/** The first argument is the number of rules, the second the kind, the third ten times the matches of one round, the fourth the seconds. */
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
    -- Patterns below mean the same to Lua.
    compileRegex = function(pattern) return pattern end,
    testRegex = function(pattern, text) return find(text, pattern) ~= nil end,
    emptyTable = function() return {} end,
    removeKey = function(entries, key) entries[key] = nil end,
    insertAt = function(list, i, value) table.insert(list, i + 1, value) end,
    removeAt = function(list, i) table.remove(list, i + 1) end,
  }
end
local compileRoute = require("policy.route").compileRoute
local index = require("policy.rule-index")
local count, kind, matches, seconds = tonumber(arg[1]), arg[2], tonumber(arg[3]), tonumber(arg[4])

local hosts, paths, values = {}, {}, {}
for i = 1, count do
  hosts[i] = (kind == "hosts" and "h" .. i .. ".example.com") or (kind == "wildcard hosts" and "a.h" .. i .. ".example.com")
    or "a.example.com"
  paths[i] = (kind == "exact paths" or kind == "prefixes" or kind == "regexes") and "/api/" .. i .. "/things"
    or "/api/v1/things"
  values[i] = kind == "sources" and "10." .. math.floor(i / 65536) .. "." .. math.floor(i / 256) % 256 .. "." .. i % 256
    or "v" .. i
end

local function equal(subject, name, value) return { subject = subject, name = name, tests = { { op = "equal", value = value } } } end
local function prefix(value) return { subject = "path", tests = { { op = "prefix", value = value } } } end

local function matchOf(i)
  if kind == "wildcard hosts" then
    return { { subject = "host", tests = { { op = "hostSuffix", value = ".h" .. i .. ".example.com", labels = "one" } } }, prefix("/") }
  end
  local host = equal("host", nil, hosts[i])
  if kind == "hosts" then return { host, prefix("/") } end
  if kind == "exact paths" then return { host, equal("path", nil, paths[i]) } end
  if kind == "prefixes" then return { host, prefix("/api/" .. i .. "/") } end
  if kind == "regexes" then
    return { host, { subject = "path", tests = { { op = "regex", pattern = "^/api/" .. i .. "/[a-z]+$" } } } }
  end
  if kind == "headers" then return { host, prefix("/api/"), equal("header", "x-tenant", values[i]) } end
  if kind == "cookies" then return { host, prefix("/api/"), equal("cookie", "tenant", values[i]) } end
  return { host, prefix("/api/"), equal("sourceAddress", nil, values[i]) }
end

collectgarbage() collectgarbage()
local before = collectgarbage("count")
local rules = index.newRuleIndex()
for i = 1, count do
  index.addRoute(rules, compileRoute({
    id = "r" .. i, name = "r" .. i, ports = { "80" }, priority = 5, specificity = { 51000 }, tie = "r" .. i,
    action = { type = "respond", status = i },
    match = matchOf(i),
  }))
end
collectgarbage() collectgarbage()
local bytes = (collectgarbage("count") - before) * 1024 / count

local at = 1
local function value() return values[at] end
local request = {
  host = function() return hosts[at] end, path = function() return paths[at] end,
  header = value, cookie = value, sourceAddress = value,
}
local turn = 0
local function run(times)
  local sum = 0
  for _ = 1, times do
    turn = turn + 1
    at = turn * 7919 % count + 1
    sum = sum + index.matchRoute(rules, request).action.status
  end
  return sum
end
-- As many as take a while; what they add up to is that of the first ones, whatever the machine.
local sum = run(matches / 10)
local done, start = 0, os.clock()
repeat
  run(matches / 10)
  done = done + matches / 10
until os.clock() - start > seconds
local nanoseconds = (os.clock() - start) / done * 1e9
print(string.format("%.0f %.0f %.0f", nanoseconds, bytes, sum))
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
  const [matches, seconds] = options.quick ? ['1000', '0.01'] : ['20000', '0.5'];
  const { stdout } = await promisify(execFile)(options.nginx.luajit, [program, String(count), kind, matches, seconds], {
    env: { LD_LIBRARY_PATH: options.nginx.libraryPath, LUA_PATH: path.join(options.dataplaneDirectory, '?.lua') },
  });
  const [nanoseconds = '', bytes = '', sum = ''] = stdout.trim().split(' ');
  return { nanoseconds, bytes, sum };
}
