'use strict';

/**
 * The import table of the architecture: which top-level package may import
 * which (an entry `a/b` allows that subfolder only). Everything absent is refused.
 */
const ALLOWED = {
  apis: [],
  ir: [],
  dataplane: [],
  protocols: ['apis/meta'],
  resources: ['apis'],
  reconcile: ['apis', 'protocols'],
  sources: ['apis', 'resources', 'protocols'],
  translate: ['apis', 'resources', 'ir'],
  'translate/convert': ['apis', 'resources'],
  targets: ['ir', 'protocols', 'dataplane/policy'],
  'targets/nginx': ['ir', 'protocols', 'dataplane/policy', 'apis/meta'],
  'targets/infra': ['ir', 'protocols', 'dataplane/policy', 'apis'],
  'targets/objects': ['ir', 'protocols', 'dataplane/policy', 'apis'],
  'targets/status': ['ir', 'protocols', 'dataplane/policy', 'apis'],
  controllers: ['apis', 'protocols', 'resources', 'translate', 'ir', 'targets', 'reconcile'],
  admission: ['apis', 'resources', 'dataplane/policy'],
  explain: ['apis', 'resources', 'dataplane/policy', 'translate', 'ir', 'targets/nginx'],
  apiserver: ['apis', 'protocols', 'admission'],
};

/** Our own packages, so that an import of npm packages is never meant. */
const OURS = [
  'apis',
  'protocols',
  'sources',
  'resources',
  'translate',
  'ir',
  'targets',
  'dataplane',
  'reconcile',
  'controllers',
  'admission',
  'explain',
  'apiserver',
  'apps',
  'test',
  'bench',
  'conformance',
  'tools',
];

const TEST_FILE = '[.]test[.]ts$|/testdata/|/testing/';

const importTable = Object.entries(ALLOWED).map(([name, allowed]) => {
  const own = name.split('/')[0];
  const deeper = Object.keys(ALLOWED).filter((other) => other.startsWith(`${name}/`));
  return {
    name: `imports-of-${name.replace('/', '-')}`,
    comment: `${name} may import ${allowed.length === 0 ? 'nothing of ours' : allowed.join(', ')} (CONTRIBUTING.md, "Import table")`,
    severity: 'error',
    from: { path: `^${name}/`, pathNot: [TEST_FILE, ...deeper.map((other) => `^${other}/`)] },
    to: { path: `^(${OURS.join('|')})/`, pathNot: [own, ...allowed].map((folder) => `^${folder}/`) },
  };
});

module.exports = {
  forbidden: [
    ...importTable,
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'only-apps-and-tests-import-apps',
      severity: 'error',
      from: { pathNot: '^(apps|test|bench|conformance|tools)/' },
      to: { path: '^(apps|test|bench|tools)/', pathNot: '^test/golden/' },
    },
    {
      name: 'no-tests-in-products',
      severity: 'error',
      from: { pathNot: `${TEST_FILE}|^(test|bench|conformance)/` },
      to: { path: TEST_FILE },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: { path: `^(${OURS.join('|')})/`, pathNot: '^dataplane/(firewall|http|stream)/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependencies-in-products',
      comment: 'the bundles of apps/ may use only "dependencies"; types are erased',
      severity: 'error',
      from: {
        path: '^(apis|protocols|sources|resources|translate|ir|targets|reconcile|controllers|admission|explain|apiserver|apps)/',
        pathNot: TEST_FILE,
      },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules/[.]|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json', '.d.ts'],
    },
    moduleSystems: ['es6', 'cjs'],
  },
};
