import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALB_NAMESPACE, Installation } from '../acceptance/installation.ts';
import { frontend, group, rule, serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';

let home: Installation;

beforeAll(async () => {
  home = await Installation.join();
  await home.apply(...serviceTo({ name: 'app', port: 9 }));
  for (const project of ['p1', 'p2']) {
    await home.kubectl(['create', 'namespace', project]);
    await home.kubectl(['label', 'namespace', project, `cpaas.io/project=${project}`]);
  }
});
afterAll(() => home.stop());

const setConfig = (alb: string, config: object) =>
  home.tryKubectl([
    'patch',
    'alb2',
    alb,
    '-n',
    ALB_NAMESPACE,
    '--type=merge',
    '-p',
    JSON.stringify({ spec: { config } }),
  ]);

/** Projects in the labels of an object. */
async function projectsOf(kind: 'ALB2' | 'Frontend', name: string): Promise<readonly string[]> {
  const labels = (await home.read(kind, { namespace: ALB_NAMESPACE, name }))?.metadata.labels ?? {};
  return Object.keys(labels)
    .flatMap((label) => /^project\.cpaas\.io\/(.*)$/.exec(label)?.[1] ?? [])
    .sort();
}

const belongsTo = (kind: 'ALB2' | 'Frontend', name: string, projects: readonly string[]) =>
  eventually(async () => expect(await projectsOf(kind, name)).toEqual(projects));

const classProjects = async (alb: string) =>
  (await home.read('IngressClass', { namespace: '', name: alb }))?.metadata.annotations?.['alb.cpaas.io/project'];

describe('ALB-126 instance allocation', () => {
  test('config.projects become labels of the ALB2 and the project of its IngressClass', async () => {
    await home.addAlb('whole', { projects: ['p1', 'p2'] });
    await belongsTo('ALB2', 'whole', ['p1', 'p2']);
    await eventually(async () => expect(await classProjects('whole')).toBe('p1,p2'));
    await setConfig('whole', { projects: ['p2'] });
    await belongsTo('ALB2', 'whole', ['p2']);
    await eventually(async () => expect(await classProjects('whole')).toBe('p2'));
  });
});

describe('ALB-126 port allocation', () => {
  let port: number;
  let shared: number;
  const assign = (...entries: readonly (readonly [port: string, ...projects: readonly string[]])[]) =>
    setConfig('ports', {
      portProjects: JSON.stringify(entries.map(([each, ...projects]) => ({ port: each, projects }))),
    });
  const around = () => `${port - 1}-${port + 1}`;

  beforeAll(async () => {
    const { http, https } = await home.addAlb('ports', { enablePortProject: true });
    shared = http;
    do port = await freePort();
    while (Math.abs(port - shared) < 2 || Math.abs(port - https) < 2);
    await home.apply(frontend('ports', 'ranged', port), frontend('ports', 'shared', shared));
  });

  test("a Frontend has the labels of its port; changed, they swap; a port without entry is nobody's", async () => {
    await assign([around(), 'p1'], [String(shared), 'ALL_ALL']);
    await belongsTo('Frontend', 'ranged', ['p1']);
    await belongsTo('Frontend', 'shared', ['ALL_ALL']);
    await assign([around(), 'p2'], [String(shared), 'ALL_ALL']);
    await belongsTo('Frontend', 'ranged', ['p2']);
    await assign([around(), 'p2']);
    await belongsTo('Frontend', 'shared', []);
    expect(await projectsOf('Frontend', 'ranged')).toEqual(['p2']);
    const role = (await home.read('ALB2', { namespace: ALB_NAMESPACE, name: 'ports' }))?.metadata.labels;
    expect(role).toMatchObject({ 'cpaas.io/role': 'port' });
  });

  test('overlapping ranges add up; labels that a user wrote are put right', async () => {
    await assign([around(), 'p2'], [String(port), 'p1']);
    await belongsTo('Frontend', 'ranged', ['p1', 'p2']);
    await home.kubectl([
      'label',
      'frontend',
      'ranged',
      '-n',
      ALB_NAMESPACE,
      'project.cpaas.io/p9=true',
      'project.cpaas.io/p1-',
    ]);
    await belongsTo('Frontend', 'ranged', ['p1', 'p2']);
  });

  test('IngressClass: the projects of both Ingress ports, ALL_ALL counting as any', async () => {
    const https = (await home.read('ALB2', { namespace: ALB_NAMESPACE, name: 'ports' }))?.spec.config?.ingressHTTPSPort;
    await assign([String(shared), 'ALL_ALL'], [String(https), 'p1', 'p2']);
    await eventually(async () => expect(await classProjects('ports')).toBe('p1,p2'));
    await assign([String(shared), 'p3', 'p2'], [String(https), 'p1', 'p2']);
    await eventually(async () => expect(await classProjects('ports')).toBe('p2'));
  });

  const bad = [
    { text: '[{"port":"90-80","projects":["p1"]}]', names: 'spec.config.portProjects[0].port: Invalid value: "90-80"' },
    {
      text: '[{"port":"80","projects":["p1"]},{"port":"a","projects":["p1"]}]',
      names: 'portProjects[1].port: Invalid value: "a"',
    },
    { text: '[{"port":70000,"projects":["p1"]}]', names: 'spec.config.portProjects[0].port: Invalid value: 70000' },
    { text: '[{"port":"80"', names: 'spec.config.portProjects: Invalid value' },
    { text: '[{"port":"80","projects":["no label"]}]', names: 'portProjects[0].projects: Invalid value: ["no label"]' },
  ];
  test.each(bad)('$text is refused at admission', async ({ text, names }) => {
    const { code, stderr } = await setConfig('ports', { portProjects: text });
    expect(code).not.toBe(0);
    expect(stderr).toContain(names);
  });

  test('text that admission does not see (migrate-backup): old labels stay, the ALB2 is Warning and names the entry', async () => {
    await assign([around(), 'p2']);
    await belongsTo('Frontend', 'ranged', ['p2']);
    const alb = await home.read('ALB2', { namespace: ALB_NAMESPACE, name: 'ports' });
    const config = { ...alb?.spec.config, portProjects: '[{"port":"90-80","projects":["p1"]}]' };
    // One write: the config leaves spec for the annotation.
    const patch = {
      metadata: { annotations: { 'alb.cpaas.io/migrate-backup': JSON.stringify(config) } },
      spec: { config: null },
    };
    await home.kubectl(['patch', 'alb2', 'ports', '-n', ALB_NAMESPACE, '--type=merge', '-p', JSON.stringify(patch)]);
    await eventually(async () => {
      const status = (await home.read('ALB2', { namespace: ALB_NAMESPACE, name: 'ports' }))?.status;
      expect(status).toMatchObject({ state: 'Warning' });
      expect(status?.reason).toContain('spec.config.portProjects[0].port: "90-80"');
    });
    expect(await projectsOf('Frontend', 'ranged')).toEqual(['p2']);
  });
});

describe('LIM-33 what belongs to a project stays within it, at admission', () => {
  const of = (project: string, name: string, namespace: string, more: object = {}) => {
    const made = rule(
      { alb: 'mixed', frontend: 'mixed', name },
      {
        dslx: [{ type: 'URL', values: [['STARTS_WITH', `/${name}`]] }],
        serviceGroup: { services: [{ ...group({ app: 100 }).services?.[0], namespace, name: 'app', port: 80 }] },
        ...more,
      },
    );
    return {
      ...made,
      metadata: { ...made.metadata, labels: { ...made.metadata.labels, 'cpaas.io/project': project } },
    };
  };

  beforeAll(async () => {
    const { http } = await home.addAlb('mixed', { projects: ['p1', 'p2'] });
    await home.apply(frontend('mixed', 'mixed', http));
  });

  test('its own Services and certificates', async () => {
    const own = { domain: 'a.com', certificate_name: 'p1/tls' };
    expect((await home.tryApply(of('p1', 'own', 'p1', own))).code).toBe(0);
  });

  const cases = [
    {
      name: 'a Service of another project',
      object: of('p1', 'foreign', 'p2'),
      message:
        'spec.serviceGroup.services[0].namespace: Forbidden: namespace "p2" belongs to project "p2", not to project "p1"',
    },
    {
      name: 'a certificate of another project',
      object: of('p1', 'foreign', 'p1', { domain: 'a.com', certificate_name: 'p2/tls' }),
      message: 'spec.certificate_name: Forbidden: namespace "p2" belongs to project "p2", not to project "p1"',
    },
    {
      name: 'an ALB that does not serve the project',
      object: of('p3', 'foreign', 'default'),
      message: 'metadata.labels[cpaas.io/project]: Forbidden: ALB2 "mixed" does not serve project "p3"',
    },
  ];
  test.each(cases)('$name is refused', async ({ object, message }) => {
    const { code, stderr } = await home.tryApply(object);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });

  test('a Rule is not given to another project by its label', async () => {
    const { code, stderr } = await home.tryKubectl([
      'label',
      'rule',
      'own',
      '-n',
      ALB_NAMESPACE,
      '--overwrite',
      'cpaas.io/project=p2',
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('namespace "p1" belongs to project "p1", not to project "p2"');
  });
});
