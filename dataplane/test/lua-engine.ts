/** The rule engine as LuaJIT runs it inside nginx, asked with routes and requests as data. */
import type { RouteRecord } from '../policy/record.ts';
import type { RequestFacts } from '../policy/request-facts.ts';
import { ask } from './http-client.ts';
import { freePorts, TestNginx } from './nginx.ts';

export interface EngineQuestion {
  readonly routes: readonly RouteRecord[];
  /** Ids of routes that are removed again before the requests come. */
  readonly removed?: readonly string[];
  readonly requests: readonly RequestFacts[];
}

const LUA = `
  local decode, encode = require("cjson.safe").decode, require("cjson.safe").encode
  local compileRoute = require("policy.route").compileRoute
  local index = require("policy.rule-index")
  local values = require("policy.request-values")
  ngx.req.read_body()
  local answers = {}
  for number, question in ipairs(decode(ngx.req.get_body_data())) do
    local rules, compiled = index.newRuleIndex(), {}
    for _, record in ipairs(question.routes) do
      local route = compileRoute(record)
      compiled[record.id] = route
      index.addRoute(rules, route)
    end
    for _, id in ipairs(question.removed or {}) do index.removeRoute(rules, compiled[id]) end
    local got = {}
    for _, facts in ipairs(question.requests) do
      local headers, cookies = {}, ""
      for name, list in pairs(facts.headers or {}) do
        headers[name:lower()] = table.concat(list, ", ")
        if name:lower() == "cookie" then cookies = table.concat(list, "; ") end
      end
      local route = index.matchRoute(rules, {
        host = function() return facts.host or "" end,
        path = function() return facts.path or "/" end,
        method = function() return facts.method or "GET" end,
        header = function(name) return headers[name] end,
        query = function(name) return values.queryValues(facts.query or "", name) end,
        cookie = function(name) return values.cookieValue(cookies, name) end,
        sourceAddress = function() return facts.sourceAddress or "" end,
      })
      got[#got + 1] = route and route.id or "none"
    end
    answers[number] = got
  end
  ngx.print(encode(answers))
`;

export class LuaEngine {
  readonly #nginx: TestNginx;
  readonly #port: number;

  private constructor(nginx: TestNginx, port: number) {
    this.#nginx = nginx;
    this.#port = port;
  }

  static async start(): Promise<LuaEngine> {
    const [port = 0, traffic = 0] = await freePorts(2);
    const server = [
      `listen 127.0.0.1:${port};`,
      'access_log off; client_body_buffer_size 16m; client_max_body_size 16m;',
      `location / { content_by_lua_block {${LUA}} }`,
    ].join('\n');
    const nginx = await TestNginx.start({
      ports: [{ port: traffic, protocol: 'http' }],
      edit: (conf) => conf.replace(/\n\}\s*$/, `\nserver {\n${server}\n}\n}\n`),
    });
    return new LuaEngine(nginx, port);
  }

  /** @returns per question and request the id of the route that takes it, `none` without */
  async match(questions: readonly EngineQuestion[]): Promise<readonly (readonly string[])[]> {
    const { status, body } = await ask(this.#port, '/', { method: 'POST', body: JSON.stringify(questions) });
    if (status !== 200) throw new Error(`the engine failed: ${status} ${body} ${this.#nginx.errorLog()}`);
    return JSON.parse(body) as string[][];
  }

  stop(): Promise<void> {
    return this.#nginx.stop();
  }
}
