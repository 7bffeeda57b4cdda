import type { JsonObject, JsonValue } from '../schema/json.ts';

/*
 * Rules and what a kube-apiserver says about them. The messages were taken from Kubernetes 1.33's own validator, which ran
 * over these tables.
 */

/** The schema that the rules of `RULE_CASES` are about. */
export const SAMPLE: JsonObject = {
  type: 'object',
  properties: {
    s: { type: 'string' },
    s2: { type: 'string' },
    i: { type: 'integer' },
    j: { type: 'integer' },
    n: { type: 'number' },
    b: { type: 'boolean' },
    list: { type: 'array', maxItems: 20, items: { type: 'string', maxLength: 20 } },
    ints: { type: 'array', maxItems: 20, items: { type: 'integer' } },
    ints2: { type: 'array', maxItems: 20, items: { type: 'integer' } },
    set: { type: 'array', maxItems: 20, 'x-kubernetes-list-type': 'set', items: { type: 'string', maxLength: 20 } },
    set2: { type: 'array', maxItems: 20, 'x-kubernetes-list-type': 'set', items: { type: 'string', maxLength: 20 } },
    ports: {
      type: 'array',
      maxItems: 20,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string', maxLength: 20 }, port: { type: 'integer' } },
      },
    },
    map: { type: 'object', maxProperties: 20, additionalProperties: { type: 'string', maxLength: 20 } },
    counts: { type: 'object', maxProperties: 20, additionalProperties: { type: 'integer' } },
    o: { type: 'object', properties: { x: { type: 'integer' }, y: { type: 'string', maxLength: 20 } } },
    o2: { type: 'object', properties: { x: { type: 'integer' }, y: { type: 'string', maxLength: 20 } } },
    nothing: { type: 'string', nullable: true, maxLength: 20 },
    d: { type: 'string', format: 'duration' },
    t: { type: 'string', format: 'date-time' },
    day: { type: 'string', format: 'date' },
    bytes: { type: 'string', format: 'byte', maxLength: 40 },
    ios: { 'x-kubernetes-int-or-string': true },
    open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    embedded: {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      'x-kubernetes-preserve-unknown-fields': true,
    },
    namespace: { type: 'string', maxLength: 20 },
    'dashed-name': { type: 'string', maxLength: 20 },
    'dotted.name': { type: 'string', maxLength: 20 },
    'slashed/name': { type: 'string', maxLength: 20 },
    two__underscores: { type: 'string', maxLength: 20 },
  },
};

/** Rule, object, and what is refused: nothing, `false` for the usual message, or the message. */
export type RuleCase = readonly [rule: string, value: JsonObject, wrong?: false | string];

export const RULE_CASES: readonly RuleCase[] = [
  // fields
  ["self.s == 'a'", { s: 'a' }],
  ["self.s == 'a'", { s: 'b' }, false],
  ['has(self.s)', {}, false],
  ['has(self.s)', { s: '' }],
  ['!has(self.s) || self.s.size() > 1', {}],
  ['self.s.size() > 1', {}, 'no such key: s evaluating rule: self.s.size() > 1'],
  ['has(self.nothing)', { nothing: null }, false],
  ['has(self.nothing)', { nothing: 'x' }],
  ['self.__namespace__ == "x"', { namespace: 'x' }],
  ['self.dashed__dash__name == "x"', { 'dashed-name': 'x' }],
  ['self.dotted__dot__name == "x"', { 'dotted.name': 'x' }],
  ['self.slashed__slash__name == "x"', { 'slashed/name': 'x' }],
  ['self.two__underscores__underscores == "x"', { two__underscores: 'x' }],
  ["self.o.x > 1 && self.o.y == 'a'", { o: { x: 2, y: 'a' } }],
  ['self.o == self.o', { o: { x: 2, y: 'a' } }],
  [
    "self.embedded.kind == 'A' && self.embedded.metadata.name == 'x'",
    {
      embedded: { apiVersion: 'v1', kind: 'A', metadata: { name: 'x' } },
    },
  ],
  // arithmetic and comparison
  ['self.i + 2 == 3', { i: 1 }],
  ['self.i / 0 == 1', { i: 1 }, 'division by zero evaluating rule: self.i / 0 == 1'],
  ['self.i % 0 == 1', { i: 1 }, 'modulus by zero evaluating rule: self.i % 0 == 1'],
  ['self.i + 9223372036854775807 > 0', { i: 1 }, 'integer overflow evaluating rule: self.i + 9223372036854775807 > 0'],
  ['-self.i == -3 && self.i * 2 == 6 && self.i - 4 == -1 && self.i % 2 == 1 && self.i / 2 == 1', { i: 3 }],
  ['self.n == 1.5 && self.n * 2.0 == 3.0 && self.n > 1', { n: 1.5 }],
  ['self.n < self.i', { n: 1.5, i: 2 }],
  ['double(self.i) == self.n', { n: 2, i: 2 }],
  ['self.i < 3u', { i: 2 }],
  ["self.s < 'b' && self.s >= 'a'", { s: 'a' }],
  ['self.b', { b: true }],
  ['!self.b', { b: true }, false],
  ['self.i == 1 ? self.b : !self.b', { i: 2, b: false }],
  ['self.i in [1, 2, 3]', { i: 2 }],
  ["!(self.s in ['a', 'b'])", { s: 'b' }, false],
  ['self.i > 0 || self.j > 0', { i: 1 }],
  ['self.j > 0 || self.i > 0', { i: 1 }],
  ['self.j > 0 || self.i > 1', { i: 1 }, 'no such key: j evaluating rule: self.j > 0 || self.i > 1'],
  ['self.j > 0 && self.i > 1', { i: 1 }, false],
  ['0x1F == 31 && 1e3 == 1000.0 && .5 == 0.5', {}],
  // conversions
  ["int('12') == 12 && int(3.9) == 3 && string(12) == '12' && double('1.5') == 1.5", {}],
  ['int(self.s) == 1', { s: 'x' }, `type conversion error from 'string' to 'int' evaluating rule: int(self.s) == 1`],
  ["string(1.0) == '1' && string(2.5) == '2.5' && string(true) == 'true' && bool('true')", {}],
  ['type(self.i) == int && type(self.s) == string && type(self.list) == list', { i: 1, s: '', list: [] }],
  ["bytes('abc') == b'abc' && string(b'abc') == 'abc'", {}],
  ['uint(3) == 3u', {}],
  // macros
  ['self.ints.all(i, i > 0)', { ints: [1, 2] }],
  ['self.ints.all(i, i > 1)', { ints: [1, 2] }, false],
  ['self.ints.exists(i, i == 2)', { ints: [1, 2] }],
  ['self.ints.exists_one(i, i > 1)', { ints: [1, 2] }],
  ['self.ints.exists_one(i, i > 0)', { ints: [1, 2] }, false],
  ['self.ints.map(i, i * 2) == [2, 4]', { ints: [1, 2] }],
  ['self.ints.map(i, i > 1, i * 2) == [4]', { ints: [1, 2] }],
  ['self.ints.filter(i, i > 1).size() == 1', { ints: [1, 2] }],
  ["self.map.all(k, k.startsWith('a'))", { map: { a1: '', a2: '' } }],
  ["self.map.exists(k, self.map[k] == 'x')", { map: { a: 'x' } }],
  ['self.ints.all(i, self.ints2.exists(j, i == j))', { ints: [1, 2], ints2: [2, 1] }],
  ['self.ints.all(i, 10 / i > 0)', { ints: [0, 20] }, false],
  ['self.ints.all(i, 10 / i > 0)', { ints: [0, 5] }, 'division by zero evaluating rule: self.ints.all(i, 10 / i > 0)'],
  ['self.ints.all(i, v, i < v)', { ints: [1, 2] }],
  ['self.ints.exists(i, v, i == 1 && v == 2)', { ints: [1, 2] }],
  ['self.ints.existsOne(i, v, i == 1 && v == 2)', { ints: [1, 2] }],
  ['self.ints.transformList(i, v, i * v) == [0, 2]', { ints: [1, 2] }],
  ['self.ints.transformList(i, v, i > 0, v) == [2]', { ints: [1, 2] }],
  ["self.map.transformMap(k, v, k + v) == {'a': 'ax'}", { map: { a: 'x' } }],
  ["self.map.transformMapEntry(k, v, {v: k}) == {'x': 'a'}", { map: { a: 'x' } }],
  [
    "self.map.transformMapEntry(k, v, {'same': k}).size() == 2",
    { map: { a: 'x', b: 'y' } },
    "insert failed: key same already exists evaluating rule: self.map.transformMapEntry(k, v, {'same': k}).size() == 2",
  ],
  // lists and maps
  ['self.list[0] == "a"', { list: ['a'] }],
  ['self.list[1] == "a"', { list: ['a'] }, 'index out of bounds: 1 evaluating rule: self.list[1] == "a"'],
  ['self.map["a"] == "x" && self.map.a == "x" && "a" in self.map', { map: { a: 'x' } }],
  ['self.map["b"] == "x"', { map: { a: 'x' } }, 'no such key: b evaluating rule: self.map["b"] == "x"'],
  ['size(self.map) == 1 && self.list.size() == 2 && size("äö") == 2', { map: { a: 'x' }, list: ['a', 'b'] }],
  ['self.set == ["b", "a"]', { set: ['a', 'b'] }],
  ['self.list == ["b", "a"]', { list: ['a', 'b'] }, false],
  ['self.set + self.set2 == ["a", "b", "c"]', { set: ['a', 'b'], set2: ['b', 'c'] }],
  ['(self.list + ["b"]).size() == 3', { list: ['a', 'b'] }],
  ['self.ports.exists(p, p.name == "a" && p.port > 80)', { ports: [{ name: 'a', port: 81 }] }],
  ['self.ints.isSorted() && self.ints.sum() == 6 && self.ints.min() == 1 && self.ints.max() == 3', { ints: [1, 2, 3] }],
  ['self.ints.isSorted()', { ints: [2, 1] }, false],
  ['self.ints.max() > 0', { ints: [] }, 'max called on empty list evaluating rule: self.ints.max() > 0'],
  ['self.ints.indexOf(2) == 1 && self.ints.lastIndexOf(2) == 2 && self.ints.indexOf(9) == -1', { ints: [1, 2, 2] }],
  [
    'sets.contains(self.ints, [1]) && sets.intersects(self.ints, [2, 9]) && sets.equivalent(self.ints, [2, 1, 1])',
    { ints: [1, 2] },
  ],
  // strings
  ["self.s.startsWith('ab') && self.s.endsWith('cd') && self.s.contains('bc')", { s: 'abcd' }],
  ["self.s.matches('^[a-z]+$')", { s: 'abc' }],
  ["self.s.matches('^[a-z]+$')", { s: 'aBc' }, false],
  ["self.s.matches('(?i)^ABC$')", { s: 'abc' }],
  ["self.s.charAt(1) == 'ö' && self.s.size() == 3", { s: 'aöc' }],
  ["self.s.charAt(9) == 'x'", { s: 'a' }, "index out of range: 9 evaluating rule: self.s.charAt(9) == 'x'"],
  ["self.s.indexOf('b') == 1 && self.s.indexOf('b', 2) == 3 && self.s.lastIndexOf('b') == 3", { s: 'abab' }],
  ["self.s.lastIndexOf('b', 2) == 1 && self.s.indexOf('') == 0", { s: 'abab' }],
  ["self.s.lowerAscii() == 'aÄb' && self.s.upperAscii() == 'AÄB'", { s: 'aÄB' }],
  ["self.s.replace('a', 'x') == 'xbxb' && self.s.replace('a', 'x', 1) == 'xbab'", { s: 'abab' }],
  ["self.s.replace('', '-') == '-a-b-'", { s: 'ab' }],
  ["self.s.split(',') == ['a', 'b', ''] && self.s.split(',', 2) == ['a', 'b,']", { s: 'a,b,' }],
  ["self.s.split('') == ['a', 'b'] && self.s.split(',', 0).size() == 0", { s: 'ab' }],
  ["self.s.substring(1) == 'bc' && self.s.substring(1, 2) == 'b'", { s: 'abc' }],
  [
    "self.s.substring(2, 1) == ''",
    { s: 'abc' },
    "invalid substring range. start: 2, end: 1 evaluating rule: self.s.substring(2, 1) == ''",
  ],
  ["self.s.trim() == 'a b'", { s: ' \\t a b\\n'.replaceAll('\\t', '\t').replaceAll('\\n', '\n') }],
  ["self.list.join('-') == 'a-b' && self.list.join() == 'ab'", { list: ['a', 'b'] }],
  ["'%s is %d, %.2f, %x, %e'.format([dyn('a'), 3, 1234.5, 255, 1234.5]) == 'a is 3, 1,234.50, ff, 1.234500×10⁰³'", {}],
  ["'%s %s'.format([dyn([1, 2]), {'a': 1.5}]) == '[1, 2] {\"a\":1.500000}'", {}],
  [
    "self.s.find('[0-9]+') == '12' && self.s.findAll('[0-9]+') == ['12', '34'] && self.s.findAll('[0-9]+', 1) == ['12']",
    {
      s: 'a12b34',
    },
  ],
  ["r'\\d' == '\\\\d' && '\\u00e4' == 'ä' && '''a'b''' == \"a'b\"", {}],
  // time
  ["self.d > duration('30m') && self.d.getMinutes() == 90", { d: '1h30m' }],
  ["self.t < timestamp('2024-01-01T00:00:00Z') && self.t.getFullYear() == 2023", { t: '2023-05-06T07:08:09Z' }],
  ["self.t + duration('1h') == timestamp('2023-05-06T08:08:09Z')", { t: '2023-05-06T07:08:09Z' }],
  [
    "self.t.getHours('+02:00') == 9 && self.t.getMonth() == 4 && self.t.getDate() == 6 && self.t.getDayOfWeek() == 6",
    {
      t: '2023-05-06T07:08:09Z',
    },
  ],
  ["self.t.getHours('America/New_York') == 3 && self.t.getDayOfYear() == 125", { t: '2023-05-06T07:08:09Z' }],
  ["self.day == timestamp('2023-05-06T00:00:00Z')", { day: '2023-05-06' }],
  [
    "string(self.d) == '5400s' && string(self.t) == '2023-05-06T07:08:09.5Z'",
    { d: '1h30m', t: '2023-05-06T07:08:09.500Z' },
  ],
  ["self.bytes == b'abc' && self.bytes.size() == 3", { bytes: 'YWJj' }],
  // int or string
  ["type(self.ios) == string ? self.ios == '50%' : self.ios == 5", { ios: '50%' }],
  ["type(self.ios) == string ? self.ios == '50%' : self.ios == 5", { ios: 5 }],
  [
    'self.ios > 4',
    { ios: 'a' },
    "'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self.ios > 4",
  ],
  // libraries of Kubernetes
  [
    "url(self.s).getScheme() == 'https' && url(self.s).getHost() == 'h.org:80' && url(self.s).getHostname() == 'h.org'",
    {
      s: 'https://h.org:80/a%20b?x=1&x=2',
    },
  ],
  [
    "url(self.s).getPort() == '80' && url(self.s).getEscapedPath() == '/a%20b' && url(self.s).getQuery() == {'x': ['1', '2']}",
    {
      s: 'https://h.org:80/a%20b?x=1&x=2',
    },
  ],
  ["isURL('https://a/b') && isURL('/a') && !isURL('a b') && !isURL('../x') && !isURL('https://a:b/')", {}],
  ["isQuantity('1.5Gi') && !isQuantity('1.5xi') && isQuantity('10e3')", {}],
  ["quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('500m').isLessThan(quantity('1'))", {}],
  ["quantity('1Ki').compareTo(quantity('1024')) == 0 && quantity('1').add(quantity('1')) == quantity('2')", {}],
  ["quantity('50k').sub(20000) == quantity('30k') && sign(quantity('-3')) == -1", {}],
  ["quantity('50k').isInteger() && quantity('50k').asInteger() == 50000 && !quantity('50m').isInteger()", {}],
  ["quantity('1.5').asApproximateFloat() == 1.5", {}],
  ["isIP('1.2.3.4') && isIP('::1') && !isIP('1.2.3.256') && !isIP('::ffff:1.2.3.4') && !isIP('fe80::1%en0')", {}],
  ["ip('127.0.0.1').isLoopback() && ip('::1').family() == 6 && ip('0.0.0.0').isUnspecified()", {}],
  [
    "ip('169.254.1.1').isLinkLocalUnicast() && ip('224.0.0.1').isLinkLocalMulticast() && ip('8.8.8.8').isGlobalUnicast()",
    {},
  ],
  [
    "string(ip('2001:DB8::0:1')) == '2001:db8::1' && ip.isCanonical('2001:db8::1') && !ip.isCanonical('2001:DB8::1')",
    {},
  ],
  ["cidr('10.0.0.0/8').containsIP('10.1.1.1') && !cidr('10.0.0.0/8').containsIP(ip('11.1.1.1'))", {}],
  ["cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.1.0.0/16').containsCIDR(cidr('10.0.0.0/8'))", {}],
  ["cidr('10.1.1.1/8').masked() == cidr('10.0.0.0/8') && cidr('10.1.1.1/8').prefixLength() == 8", {}],
  ["cidr('10.1.1.1/8').ip() == ip('10.1.1.1') && string(cidr('fd00::/8')) == 'fd00::/8'", {}],
  ["isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0') && !isCIDR('10.0.0.0/33') && !isCIDR('10.0.0.0/08')", {}],
  ['!format.dns1123Label().validate(self.s).hasValue()', { s: 'a-b' }],
  ["format.dns1123Label().validate(self.s).value()[0].contains('RFC 1123 label')", { s: 'A_b' }],
  ["format.named('qualifiedName').value().validate('a/b') == optional.none() && !format.named('none').hasValue()", {}],
  ["semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.2.3').minor() == 2 && !isSemver('1.2')", {}],
  ["isSemver('v1.2', true) && semver('1.0.0-alpha.1').compareTo(semver('1.0.0')) == -1", {}],
  // optionals
  ["self.?s.orValue('none') == 'none'", {}],
  ["self.?s.orValue('none') == 'a'", { s: 'a' }],
  ['self.?o.?y.hasValue()', { o: { x: 1 } }, false],
  ["self.?o.y.orValue('q') == 'q'", {}],
  ["self.map[?'b'].orValue('x') == 'x' && self.list[?3] == optional.none()", { map: {}, list: [] }],
  ['optional.of(1).value() == 1 && optional.ofNonZeroValue(0) == optional.none()', {}],
  ['optional.none().or(optional.of(2)).value() == 2', {}],
  ["self.?s.value() == 'a'", {}, "optional.none() dereference evaluating rule: self.?s.value() == 'a'"],
  ['self.?i.optMap(x, x + 1).orValue(0) == 2', { i: 1 }],
  ["self.?o.optFlatMap(o, o.?y).orValue('q') == 'q'", { o: { x: 1 } }],
  ["[1, ?optional.none(), ?optional.of(3)] == [1, 3] && {?'a': optional.none()}.size() == 0", {}],
];

/** Rules that a CRD may not have, and what is said about them. */
export const REFUSED_RULES: readonly (readonly [rule: string, message: string])[] = [
  [
    'self.missing == 1',
    "compilation failed: ERROR: <input>:1:5: undefined field 'missing'\n | self.missing == 1\n | ....^",
  ],
  [
    'other == 1',
    "compilation failed: ERROR: <input>:1:1: undeclared reference to 'other' (in container '')\n | other == 1\n | ^",
  ],
  [
    "self.i == 'a'",
    "compilation failed: ERROR: <input>:1:8: found no matching overload for '_==_' applied to '(int, string)'\n | self.i == 'a'\n | .......^",
  ],
  [
    'self.s + 1 == 2',
    "compilation failed: ERROR: <input>:1:8: found no matching overload for '_+_' applied to '(string, int)'\n | self.s + 1 == 2\n | .......^",
  ],
  ['self.i', 'cel expression must evaluate to a bool'],
  [
    'self.s.frobnicate()',
    "compilation failed: ERROR: <input>:1:18: undeclared reference to 'frobnicate' (in container '')\n | self.s.frobnicate()\n | .................^",
  ],
  [
    'self.s.charAt("a") == "a"',
    'compilation failed: ERROR: <input>:1:14: found no matching overload for \'charAt\' applied to \'string.(string)\'\n | self.s.charAt("a") == "a"\n | .............^',
  ],
  [
    'self.i.x == 1',
    "compilation failed: ERROR: <input>:1:7: type 'int' does not support field selection\n | self.i.x == 1\n | ......^",
  ],
  [
    'self.i.all(x, x > 0)',
    "compilation failed: ERROR: <input>:1:5: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)\n | self.i.all(x, x > 0)\n | ....^",
  ],
  [
    "[1, 'a'].size() == 2",
    "compilation failed: ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a'].size() == 2\n | ....^",
  ],
  ['has(self)', 'compilation failed: ERROR: <input>:1:5: invalid argument to has() macro\n | has(self)\n | ....^'],
  [
    'self.ints.all(1, true)',
    'compilation failed: ERROR: <input>:1:15: argument must be a simple name\n | self.ints.all(1, true)\n | ..............^',
  ],
  [
    'self.ints.all(x, x)',
    "compilation failed: ERROR: <input>:1:18: expected type 'bool' but found 'int'\n | self.ints.all(x, x)\n | .................^",
  ],
  [
    'self.o == self.o2',
    "compilation failed: ERROR: <input>:1:8: found no matching overload for '_==_' applied to '(selfType.o, selfType.o2)'\n | self.o == self.o2\n | .......^",
  ],
  [
    "self.s.matches('(')",
    "compilation failed: ERROR: <input>:1:16: invalid matches argument\n | self.s.matches('(')\n | ...............^",
  ],
  [
    "duration('1x') == self.d",
    "compilation failed: ERROR: <input>:1:10: invalid duration argument\n | duration('1x') == self.d\n | .........^",
  ],
  [
    "timestamp('x') == self.t",
    "compilation failed: ERROR: <input>:1:11: invalid timestamp argument\n | timestamp('x') == self.t\n | ..........^",
  ],
  [
    'self.i && self.b',
    "compilation failed: ERROR: <input>:1:5: expected type 'bool' but found 'int'\n | self.i && self.b\n | ....^",
  ],
  [
    'self.nothing == null',
    "compilation failed: ERROR: <input>:1:14: found no matching overload for '_==_' applied to '(string, null)'\n | self.nothing == null\n | .............^",
  ],
  [
    'self.open.x == 1',
    "compilation failed: ERROR: <input>:1:10: undefined field 'x'\n | self.open.x == 1\n | .........^",
  ],
  [
    'self.metadata.labels.size() > 0',
    "compilation failed: ERROR: <input>:1:5: undefined field 'metadata'\n | self.metadata.labels.size() > 0\n | ....^",
  ],
  [
    'self.s ==',
    "compilation failed: ERROR: <input>:1:10: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | self.s ==\n | .........^",
  ],
  [
    'self.a = 1',
    "compilation failed: ERROR: <input>:1:8: Syntax error: token recognition error at: '= '\n | self.a = 1\n | .......^\nERROR: <input>:1:10: Syntax error: extraneous input '1' expecting <EOF>\n | self.a = 1\n | .........^",
  ],
  ['(self.b', "compilation failed: ERROR: <input>:1:8: Syntax error: missing ')' at '<EOF>'\n | (self.b\n | .......^"],
  [
    "'abc",
    "compilation failed: ERROR: <input>:1:1: Syntax error: token recognition error at: ''abc'\n | 'abc\n | ^\nERROR: <input>:1:5: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | 'abc\n | ....^",
  ],
  ['for == 1', 'compilation failed: ERROR: <input>:1:1: reserved identifier: for\n | for == 1\n | ^'],
  [
    'self.s == "\\q"',
    "compilation failed: ERROR: <input>:1:11: Syntax error: token recognition error at: '\"\\q'\n | self.s == \"\\q\"\n | ..........^\nERROR: <input>:1:14: Syntax error: token recognition error at: '\"'\n | self.s == \"\\q\"\n | .............^\nERROR: <input>:1:15: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | self.s == \"\\q\"\n | ..............^",
  ],
  [
    'optional.of(self.s) == self.s',
    "compilation failed: ERROR: <input>:1:21: found no matching overload for '_==_' applied to '(optional_type(string), string)'\n | optional.of(self.s) == self.s\n | ....................^",
  ],
  [
    'self.missing == 1 || self.other == 2',
    "compilation failed: ERROR: <input>:1:5: undefined field 'missing'\n | self.missing == 1 || self.other == 2\n | ....^\nERROR: <input>:1:26: undefined field 'other'\n | self.missing == 1 || self.other == 2\n | .........................^",
  ],
];

/** A schema below `spec`, what is there before and after an update, and what is wrong with the update. */
export interface UpdateCase {
  readonly name: string;
  readonly schema: JsonObject;
  /** Absent: the object is created with `after`. */
  readonly before?: JsonValue;
  readonly after: JsonValue;
  /** Errors as `path: message`; the path begins below `spec`. */
  readonly wrong?: readonly string[];
}

function ruled(schema: JsonObject, rule: string, more: JsonObject = {}): JsonObject {
  return { ...schema, 'x-kubernetes-validations': [{ rule, ...more }] };
}

const COUNT: JsonObject = { type: 'integer' };
const NAMED_ITEM: JsonObject = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string', maxLength: 10 }, size: { type: 'integer' } },
};

function namedList(item: JsonObject): JsonObject {
  return {
    type: 'array',
    maxItems: 10,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    items: item,
  };
}

export const UPDATE_CASES: readonly UpdateCase[] = [
  { name: 'a transition rule is not asked on create', schema: ruled(COUNT, 'self == oldSelf'), after: 1 },
  { name: 'a value that may not change', schema: ruled(COUNT, 'self == oldSelf'), before: 1, after: 1 },
  {
    name: 'a value that changed',
    schema: ruled(COUNT, 'self == oldSelf', { message: 'is immutable' }),
    before: 1,
    after: 2,
    wrong: [': Invalid value: "integer": is immutable'],
  },
  { name: 'a value that may only grow', schema: ruled(COUNT, 'self >= oldSelf'), before: 1, after: 2 },
  {
    name: 'a value that may only grow shrinks',
    schema: ruled(COUNT, 'self >= oldSelf'),
    before: 2,
    after: 1,
    wrong: [': Invalid value: "integer": failed rule: self >= oldSelf'],
  },
  {
    name: 'items of a list of type map are compared by key',
    schema: namedList(ruled(NAMED_ITEM, 'self.size >= oldSelf.size')),
    before: [
      { name: 'a', size: 1 },
      { name: 'b', size: 5 },
    ],
    after: [
      { name: 'b', size: 4 },
      { name: 'c', size: 0 },
      { name: 'a', size: 1 },
    ],
    wrong: ['[0]: Invalid value: "object": failed rule: self.size >= oldSelf.size'],
  },
  {
    name: 'fields of items are compared too',
    schema: namedList({
      ...NAMED_ITEM,
      properties: { name: { type: 'string', maxLength: 10 }, size: ruled(COUNT, 'self == oldSelf') },
    }),
    before: [{ name: 'a', size: 1 }],
    after: [
      { name: 'a', size: 2 },
      { name: 'b', size: 1 },
    ],
    wrong: ['[0].size: Invalid value: "integer": failed rule: self == oldSelf'],
  },
  {
    name: 'entries of a map are compared by key',
    schema: { type: 'object', maxProperties: 10, additionalProperties: ruled(COUNT, 'self >= oldSelf') },
    before: { a: 2, b: 2 },
    after: { a: 1, c: 0 },
    wrong: ['[a]: Invalid value: "integer": failed rule: self >= oldSelf'],
  },
  {
    name: 'a list as a whole: nothing may be removed',
    schema: ruled(
      { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 10 } },
      'oldSelf.all(x, x in self)',
    ),
    before: ['a', 'b'],
    after: ['b', 'c'],
    wrong: [': Invalid value: "array": failed rule: oldSelf.all(x, x in self)'],
  },
  {
    name: 'a field that may not be removed',
    schema: ruled({ type: 'object', properties: { a: COUNT } }, '!has(oldSelf.a) || has(self.a)'),
    before: { a: 1 },
    after: {},
    wrong: [': Invalid value: "object": failed rule: !has(oldSelf.a) || has(self.a)'],
  },
  {
    name: 'optionalOldSelf on create',
    schema: ruled(COUNT, 'oldSelf.hasValue() ? self >= oldSelf.value() : self == 0', { optionalOldSelf: true }),
    after: 1,
    wrong: [': Invalid value: "integer": failed rule: oldSelf.hasValue() ? self >= oldSelf.value() : self == 0'],
  },
  {
    name: 'optionalOldSelf on update',
    schema: ruled(COUNT, 'oldSelf.hasValue() ? self >= oldSelf.value() : self == 0', { optionalOldSelf: true }),
    before: 0,
    after: 3,
  },
  {
    name: 'optionalOldSelf with orValue',
    schema: ruled(COUNT, 'oldSelf.orValue(0) <= self', { optionalOldSelf: true }),
    before: 3,
    after: 2,
    wrong: [': Invalid value: "integer": failed rule: oldSelf.orValue(0) <= self'],
  },
  {
    name: 'a message',
    schema: ruled(COUNT, 'self > 1', { message: '  must be more than one ' }),
    after: 1,
    wrong: [': Invalid value: "integer": must be more than one'],
  },
  {
    name: 'a message that is computed',
    schema: ruled(COUNT, 'self > 1', { messageExpression: "'was ' + string(self)", message: 'other' }),
    after: 1,
    wrong: [': Invalid value: "integer": was 1'],
  },
  {
    name: 'a computed message that is empty gives way',
    schema: ruled(COUNT, 'self > 1', { messageExpression: "' '", message: 'other' }),
    after: 1,
    wrong: [': Invalid value: "integer": other'],
  },
  {
    name: 'a computed message that fails gives way',
    schema: ruled(COUNT, 'self > 1', { messageExpression: 'string(1 / 0)' }),
    after: 1,
    wrong: [': Invalid value: "integer": failed rule: self > 1'],
  },
  {
    name: 'a computed message with line breaks gives way',
    schema: ruled(COUNT, 'self > 1', { messageExpression: "'a\\nb'", message: 'other' }),
    after: 1,
    wrong: [': Invalid value: "integer": other'],
  },
  {
    name: 'reason Forbidden',
    schema: ruled(COUNT, 'self > 1', { reason: 'FieldValueForbidden', message: 'no' }),
    after: 1,
    wrong: [': Forbidden: no'],
  },
  {
    name: 'reason Required',
    schema: ruled(COUNT, 'self > 1', { reason: 'FieldValueRequired', message: 'no' }),
    after: 1,
    wrong: [': Required value: no'],
  },
  {
    name: 'reason Duplicate',
    schema: ruled(COUNT, 'self > 1', { reason: 'FieldValueDuplicate', message: 'no' }),
    after: 1,
    wrong: [': Duplicate value: "integer"'],
  },
  {
    name: 'a path to another field',
    schema: ruled({ type: 'object', properties: { a: { type: 'object', properties: { 'b-c': COUNT } } } }, 'false', {
      fieldPath: ".a['b-c']",
    }),
    after: {},
    wrong: ['.a.b-c: Invalid value: "object": failed rule: false'],
  },
  {
    name: 'rules at several levels, all of them asked',
    schema: {
      ...ruled(
        { type: 'object', properties: { a: ruled(COUNT, 'self > 1'), b: ruled(COUNT, 'self > 2') } },
        'self.a == self.b',
      ),
    },
    after: { a: 1, b: 2 },
    wrong: [
      ': Invalid value: "object": failed rule: self.a == self.b',
      '.a: Invalid value: "integer": failed rule: self > 1',
      '.b: Invalid value: "integer": failed rule: self > 2',
    ],
  },
  {
    name: 'a rule of items',
    schema: { type: 'array', maxItems: 10, items: ruled({ type: 'string', maxLength: 9 }, "self.startsWith('a')") },
    after: ['a1', 'b', 'c'],
    wrong: [
      `[1]: Invalid value: "string": failed rule: self.startsWith('a')`,
      `[2]: Invalid value: "string": failed rule: self.startsWith('a')`,
    ],
  },
  {
    name: 'null is not asked about',
    schema: ruled({ type: 'string', nullable: true, maxLength: 9 }, "self == 'a'"),
    after: null,
  },
  {
    name: 'a rule of a value that is an integer or a text',
    schema: ruled({ 'x-kubernetes-int-or-string': true }, 'type(self) == int ? self > 1 : self == "all"'),
    after: 1,
    wrong: [': Invalid value: "": failed rule: type(self) == int ? self > 1 : self == "all"'],
  },
  {
    name: 'the rest of an embedded resource',
    schema: ruled(
      {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
        properties: { spec: { type: 'object', properties: { a: COUNT } } },
      },
      "self.kind == 'A' && self.metadata.name.startsWith('x') && self.spec.a == 1",
    ),
    after: { apiVersion: 'v1', kind: 'A', metadata: { name: 'y' }, spec: { a: 1 } },
    wrong: [
      ": Invalid value: \"object\": failed rule: self.kind == 'A' && self.metadata.name.startsWith('x') && self.spec.a == 1",
    ],
  },
  {
    name: 'a rule that would run for ever is stopped',
    schema: ruled(
      { type: 'array', maxItems: 100, items: COUNT },
      'self.all(a, self.all(b, self.all(c, self.all(d, a + b + c + d >= 0))))',
    ),
    after: Array.from({ length: 100 }, (_each, index) => index),
    wrong: [
      ': Invalid value: "array": \'operation cancelled: actual cost limit exceeded\': no further validation rules will be run due to call cost exceeds limit for rule: self.all(a, self.all(b, self.all(c, self.all(d, a + b + c + d >= 0))))',
    ],
  },
];
