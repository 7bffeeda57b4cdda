import { describe, expect, test } from 'vitest';
import { isRulesMistake, readFirewallRules } from './rules.ts';

describe('readFirewallRules: what is taken', () => {
  const cases = [
    { name: 'nothing', text: '# only a comment\n\n', want: '' },
    {
      name: 'settings',
      text: 'secruleengine On\nSecRequestBodyLimit 100',
      want: 'secruleengine On\nSecRequestBodyLimit 100\n',
    },
    {
      name: 'lines joined by a backslash',
      text: 'SecRule ARGS:a|!ARGS:b \\\n   "@contains x" \\\n "id:1,\\\n   deny"',
      want: 'SecRule ARGS:a|!ARGS:b "@contains x" "id:1,deny"\n',
    },
    {
      name: 'quotes inside',
      text: String.raw`SecRule ARGS "@rx \"a\" b" "id:1,deny,msg:'it\'s, so'"`,
      want: `${String.raw`SecRule ARGS "@rx \"a\" b" "id:1,deny,msg:'it\'s, so'"`}\n`,
    },
    {
      name: 'a chain: those that continue it have no id',
      text: 'SecRule ARGS "a" "id:1,chain,deny"\nSecRule REMOTE_ADDR "@ipMatch 10.0.0.0/8"',
      want: 'SecRule ARGS "a" "id:1,chain,deny"\nSecRule REMOTE_ADDR "@ipMatch 10.0.0.0/8"\n',
    },
    {
      name: 'selectors by expression',
      text: String.raw`SecRule REQUEST_COOKIES:/^a\d/|&TX:'/a|b/'|XML:/* "@eq 1" "id:1,pass"`,
      want: `${String.raw`SecRule REQUEST_COOKIES:/^a\d/|&TX:'/a|b/'|XML:/* "@eq 1" "id:1,pass"`}\n`,
    },
    {
      name: 'what would write logs and files is left out',
      text: 'SecDebugLog /dev/stdout\nSecAuditLog /var/log/audit.log\nSecRuleEngine On',
      want: 'SecRuleEngine On\n',
    },
  ];
  for (const c of cases) {
    test(c.name, () => {
      const rules = readFirewallRules(c.text);
      expect(rules).toMatchObject({ text: c.want });
      // What is put together reads as itself.
      expect(readFirewallRules(c.want)).toMatchObject({ text: c.want });
    });
  }
});

describe('readFirewallRules: what is refused', () => {
  const rule = (variables: string, operator: string, actions: string) =>
    `SecRule ${variables} "${operator}" "${actions}"`;
  const cases: readonly { name: string; text: string; want: RegExp }[] = [
    { name: 'Include', text: 'Include /etc/passwd', want: /"Include" is not allowed: use useCoreRules/ },
    { name: 'remote rules', text: 'SecRemoteRules key https://a', want: /not allowed: use cmRef/ },
    { name: 'scripts', text: 'SecRuleScript /x.lua', want: /cannot run programs/ },
    { name: 'no directive', text: 'proxy_pass http://a;', want: /"proxy_pass" is not allowed/ },
    { name: 'a name of all objects', text: '__proto__ x', want: /not allowed/ },
    { name: 'exec', text: rule('ARGS', 'a', 'id:1,exec:/bin/sh'), want: /action exec/ },
    { name: 'setenv', text: rule('ARGS', 'a', 'id:1,setenv:A=b'), want: /action setenv/ },
    { name: 'initcol', text: 'SecAction "id:1,initcol:ip=%{REMOTE_ADDR}"', want: /action initcol/ },
    { name: 'a file operator', text: rule('ARGS', '@pmFromFile /etc/passwd', 'id:1'), want: /@pmFromFile/ },
    { name: 'an operator that asks hosts', text: rule('REMOTE_ADDR', '@rbl a.com', 'id:1'), want: /@rbl/ },
    { name: 'the environment', text: rule('ENV:PATH', 'a', 'id:1'), want: /variable ENV/ },
    { name: 'behind another variable', text: rule('ARGS|&ENV:PATH', 'a', 'id:1'), want: /variable ENV/ },
    { name: 'behind an expression', text: rule('ARGS:/a|ENV:PATH/', 'a', 'id:1'), want: /cannot read the variables/ },
    { name: 'the environment in a macro', text: rule('ARGS', 'a', "id:1,msg:'%{ENV.PATH}'"), want: /%{ENV.PATH}/ },
    { name: 'the same in an operator', text: rule('ARGS', '@streq %{env.PATH}', 'id:1'), want: /%{env.PATH}/ },
    { name: 'an unfinished macro', text: rule('ARGS', 'a', "id:1,msg:'%{ENV.PATH'"), want: /not allowed/ },
    { name: 'a target of ctl', text: 'SecAction "id:1,ctl:ruleRemoveTargetById=1;ENV:a"', want: /variable ENV/ },
    { name: 'no id', text: rule('ARGS', 'a', 'deny'), want: /needs an id/ },
    { name: 'an id twice', text: `${rule('ARGS', 'a', 'id:1')}\n${rule('ARGS', 'b', 'id:1')}`, want: /id 1 is taken/ },
    { name: 'an open chain', text: rule('ARGS', 'a', 'id:1,chain'), want: /no rule follows/ },
    {
      name: 'a chain that is left',
      text: `${rule('ARGS', 'a', 'id:1,chain')}\nSecRuleEngine On`,
      want: /SecRule must/,
    },
    { name: 'an expression nobody compiles', text: rule('ARGS', '@rx (', 'id:1'), want: /@rx/ },
    { name: 'quotes that do not match', text: 'SecRule ARGS "a', want: /quotes do not match/ },
    { name: 'an end that may be none', text: String.raw`SecRule ARGS "a\\" "id:1"`, want: /backslash/ },
    { name: 'more after quotes', text: 'SecRule ARGS "a""b" "id:1"', want: /quotes do not match/ },
    { name: 'control characters', text: 'SecRuleEngine On\u0000', want: /control characters/ },
    { name: 'a transformation', text: rule('ARGS', 'a', 'id:1,t:nosuch'), want: /transformation nosuch/ },
    { name: 'a status that is none', text: rule('ARGS', 'a', 'id:1,deny,status:200'), want: /status/ },
    { name: 'the second line', text: 'SecRuleEngine On\nSecRuleEngine Maybe', want: /invalid value Maybe/ },
  ];
  for (const c of cases) {
    test(c.name, () => {
      const rules = readFirewallRules(c.text);
      expect(isRulesMistake(rules) ? rules.message : 'taken').toMatch(c.want);
    });
  }

  test('lines are counted from 1, as they were written', () => {
    expect(readFirewallRules('# a\n\nSecRuleEngine On\nSecRule ARGS \\\n "@nosuch" "id:1"')).toMatchObject({ line: 4 });
  });
});

describe('readFirewallRules: 100,000 texts', () => {
  test('what is taken holds words of the vocabulary only, and reads as itself', () => {
    const random = mulberry(20_261_121);
    let taken = 0;
    for (let round = 0; round < 100_000; round += 1) {
      const text = randomText(random);
      const rules = readFirewallRules(text);
      if (isRulesMistake(rules)) continue;
      taken += 1;
      expect(harm(rules.text)).toEqual([]);
      expect(readFirewallRules(rules.text), text).toMatchObject({ text: rules.text });
    }
    expect(taken).toBeGreaterThan(2_000);
  });
});

/** What must not be in a place where it has an effect. */
function harm(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .filter((line) => {
      const [name = '', first = '', operator = '', actions = ''] = line.match(/"(?:[^"\\]|\\.)*"|[^\s"]+/g) ?? [];
      const isRule = name.toLowerCase() === 'secrule';
      return (
        !name.startsWith('Sec') ||
        /^Sec(RemoteRules|RuleScript|AuditLog|DebugLog|DataDir|TmpDir|UploadDir)/i.test(name) ||
        (isRule &&
          (/\bENV\b|FILES_TMP/i.test(first.replaceAll(/\/.*?\//g, '')) ||
            /^"!?@(\w*File|\w*F|rbl|geoLookup)\b/.test(operator))) ||
        /[",]\s*(exec|setenv|initcol|proxy|setsid|setuid|append|prepend)\b/i.test(isRule ? actions : first) ||
        /%\{ENV/i.test(line)
      );
    });
}

const PIECES = [
  ...[
    'SecRule',
    'SecAction',
    'SecRuleEngine',
    'SecMarker',
    'Include',
    'SecAuditLog',
    'SecRuleScript',
    'SecRuleRemoveById',
  ],
  ...[
    'ARGS',
    'ARGS:a',
    '!ARGS:/x|y/',
    "TX:'/a|b/'",
    'ENV:PATH',
    'REQUEST_URI|ENV',
    '&ARGS',
    'XML:/*',
    'FILES_TMPNAMES',
  ],
  ...[
    '"@rx a+"',
    '"@contains \\"x\\""',
    '"@pmFromFile /etc/passwd"',
    '"!@streq x"',
    '"@inspectFile /x"',
    '"a',
    '"a\\\\"',
    '"@rx ("',
  ],
  ...[
    '"id:1,deny"',
    '"id:2,pass,nolog"',
    '"id:3,exec:/bin/sh"',
    '"id:4,msg:\'a, b\'"',
    '"id:5,msg:\'%{ENV.A}\'"',
    '"id:6,chain"',
  ],
  ...[
    '"deny"',
    '"id:7,setvar:\'tx.a=%{MATCHED_VAR}\'"',
    '"id:8,t:lowercase,status:404,redirect:http://a/%{UNIQUE_ID}"',
    '"id:9,setenv:A=1"',
  ],
  ...['On', 'Off', '/etc/passwd', '1-5', '\\\n', '\n', '\n', '\n', '#', '\\', '"', "'", '\u0000', '%{', '}', ';', '{'],
];

const TEMPLATES: readonly (readonly string[])[] = [
  ['SecRule', 'ARGS', '"@rx a+"', '"id:1,deny"'],
  ['SecRule', 'ARGS:a', '"!@streq x"', '"id:2,pass,nolog"'],
  ['SecAction', '"id:7,setvar:\'tx.a=%{MATCHED_VAR}\'"'],
  ['SecRuleEngine', 'On'],
];

/** Directives that are right, of which a few words are others. */
function randomText(random: () => number): string {
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  const lines: string[] = [];
  for (let line = 0; line <= random() * 3; line += 1) {
    const words = [...(pick(TEMPLATES) ?? [])];
    for (let change = 0; change < random() * 2; change += 1) {
      words.splice(Math.floor(random() * (words.length + 1)), random() < 0.7 ? 1 : 0, pick(PIECES) ?? '');
    }
    lines.push(words.join(random() < 0.98 ? ' ' : ''));
  }
  const text = lines.join('\n');
  if (random() < 0.8) return text;
  const at = Math.floor(random() * text.length);
  return (
    text.slice(0, at) + String.fromCharCode(Math.floor(random() * 127)) + text.slice(at + Math.floor(random() * 2))
  );
}

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
