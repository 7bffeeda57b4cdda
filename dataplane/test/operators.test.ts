/** The case table of operators, run by the LuaJIT build inside nginx; Node runs it in policy/operator.test.ts. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OPERATOR_CASES } from '../policy/operator-cases.ts';
import { ask } from './http-client.ts';
import { freePorts, TestNginx } from './nginx.ts';

const LUA = `
  local cjson = require("cjson.safe")
  local operator = require("policy.operator")
  ngx.req.read_body()
  local answers = {}
  for number, case in ipairs(cjson.decode(ngx.req.get_body_data())) do
    answers[number] = operator.operatorText(case.operator, function(name) return case.told[name] end)
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

test('what operators say', async () => {
  const { status, body } = await ask(port, '/', { method: 'POST', body: JSON.stringify(OPERATOR_CASES) });
  expect(status, nginx.errorLog()).toBe(200);
  const answers = JSON.parse(body) as string[];
  expect(OPERATOR_CASES.map(({ name }, index) => [name, answers[index]])).toEqual(
    OPERATOR_CASES.map(({ name, want }) => [name, want]),
  );
});
