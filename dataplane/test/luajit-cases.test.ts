/** The case table of the rule engine, run by its LuaJIT build inside nginx; Node runs it in policy/rule-index.test.ts. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MATCH_CASES } from '../policy/match-cases.ts';
import { ask } from './http-client.ts';
import { freePorts, TestNginx } from './nginx.ts';

const LUA = `
  local decode, encode = require("cjson.safe").decode, require("cjson.safe").encode
  local compileRoute = require("policy.route").compileRoute
  local index = require("policy.rule-index")
  local values = require("policy.request-values")
  ngx.req.read_body()
  local case = decode(ngx.req.get_body_data())
  local rules = index.newRuleIndex()
  for _, record in ipairs(case.routes) do index.addRoute(rules, compileRoute(record)) end
  local got = {}
  for _, facts in ipairs(case.requests) do
    local headers = {}
    for name, list in pairs(facts.headers or {}) do headers[name:lower()] = table.concat(list, ", ") end
    local route = index.matchRoute(rules, {
      host = function() return facts.host or "" end,
      path = function() return facts.path or "/" end,
      method = function() return facts.method or "GET" end,
      header = function(name) return headers[name] end,
      query = function(name) return values.queryValues(facts.query or "", name) end,
      cookie = function(name) return values.cookieValue(headers.cookie or "", name) end,
      sourceAddress = function() return facts.sourceAddress or "" end,
    })
    got[#got + 1] = route and route.id or "none"
  end
  ngx.print(encode(got))
`;

let nginx: TestNginx;
let port: number;

beforeAll(async () => {
  const [probe = 0, traffic = 0] = await freePorts(2);
  port = probe;
  nginx = await TestNginx.start({
    ports: [{ port: traffic, protocol: 'http' }],
    edit: (conf) =>
      conf.replace(
        /\n\}\s*$/,
        `\nserver { listen 127.0.0.1:${port}; access_log off; client_body_buffer_size 1m; location / { content_by_lua_block {${LUA}} } }\n}\n`,
      ),
  });
});

afterAll(() => nginx?.stop());

for (const { name, routes, requests } of MATCH_CASES) {
  test(name, async () => {
    const { status, body } = await ask(port, '/', { method: 'POST', body: JSON.stringify({ routes, requests }) });
    expect(status, nginx.errorLog()).toBe(200);
    expect(JSON.parse(body), nginx.errorLog()).toEqual(requests.map(({ want }) => want ?? 'none'));
  });
}
