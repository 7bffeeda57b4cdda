/** The case table of rewrites, run by the LuaJIT build inside nginx; Node runs it in policy/path-rewrite.test.ts. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REWRITE_CASES } from '../policy/path-rewrite-cases.ts';
import { ask } from './http-client.ts';
import { freePorts, TestNginx } from './nginx.ts';

const LUA = `
  local cjson = require("cjson.safe")
  local rewrite = require("policy.path-rewrite")
  ngx.req.read_body()
  local answers = {}
  for number, case in ipairs(cjson.decode(ngx.req.get_body_data())) do
    local compiled = rewrite.compilePathRewrite(case)
    answers[number] = compiled and rewrite.rewrittenPath(compiled, case.path) or cjson.null
  end
  ngx.print(cjson.encode(answers))
`;

let nginx: TestNginx;
let port: number;

beforeAll(async () => {
  const [own = 0, traffic = 0] = await freePorts(2);
  port = own;
  const server = `listen 127.0.0.1:${port}; access_log off; location / { content_by_lua_block {${LUA}} }`;
  nginx = await TestNginx.start({
    ports: [{ port: traffic, protocol: 'http' }],
    edit: (conf) => conf.replace(/\n\}\s*$/, `\nserver {\n${server}\n}\n}\n`),
  });
});
afterAll(() => nginx?.stop());

test('rewritten paths', async () => {
  const { status, body } = await ask(port, '/', { method: 'POST', body: JSON.stringify(REWRITE_CASES) });
  expect(status, nginx.errorLog()).toBe(200);
  const answers = JSON.parse(body) as (string | null)[];
  expect(answers).toEqual(REWRITE_CASES.map(({ want }) => want ?? null));
});
