import { FrontendKind } from '@causeway/apis/gateway/frontend';
import { RuleKind } from '@causeway/apis/gateway/rule';
import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { ALB2, Frontend, Namespace } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import { describe, expect, test } from 'vitest';
import { review } from './review.ts';

const namespace = 'kube-system';
const snapshot = new Snapshot();
const albs: Readonly<Record<string, object>> = {
  shared: { projects: ['ALL_ALL'] },
  p1: { projects: ['p1'] },
  ports: {
    enablePortProject: true,
    portProjects: '[{"port":"80","projects":["p1","p2"]},{"port":"443","projects":["p1"]}]',
  },
};
for (const [name, config] of Object.entries(albs)) {
  snapshot.put('ALB2', { kind: 'ALB2', metadata: { name, namespace }, spec: { type: 'nginx', config } } as ALB2);
}
for (const [name, project] of Object.entries({ one: 'p1', two: 'p2', open: undefined })) {
  const labels = project === undefined ? {} : { 'cpaas.io/project': project };
  snapshot.put('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } } as Namespace);
}
snapshot.put('Frontend', frontend('ports', {}, 80));
const read = snapshot.view('test');

function labelled(alb: string, project: string): Record<string, string> {
  return { 'alb2.cpaas.io/name': alb, ...(project !== '' && { 'cpaas.io/project': project }) };
}

function frontend(alb: string, spec: object, port: number, project = ''): Frontend {
  return {
    apiVersion: 'crd.alauda.io/v1',
    kind: 'Frontend',
    metadata: { name: `${alb}-ft-${port}`, namespace, labels: labelled(alb, project) },
    spec: { port, protocol: 'http', ...spec },
  };
}

function rule(alb: string, project: string, backends: string, spec: object = {}): KubernetesObject {
  const services = [{ namespace: backends, name: 'app', port: 80 }];
  const dslx = [{ type: 'URL', values: [['STARTS_WITH', '/']] }];
  return {
    apiVersion: 'crd.alauda.io/v1',
    kind: 'Rule',
    metadata: { name: 'r', namespace, labels: { ...labelled(alb, project), 'alb2.cpaas.io/frontend': `${alb}-ft-80` } },
    ...{ spec: { dslx, serviceGroup: { services }, ...spec } },
  };
}

describe('LIM-33, ALB-126 what belongs to a project stays within it', () => {
  const secret = { domain: 'a.com', certificate_name: 'two/tls' };
  const foreign =
    'spec.serviceGroup.services[0].namespace: Forbidden: namespace "two" belongs to project "p2", not to project "p1"';
  const cases = [
    { name: 'its own namespace', object: rule('p1', 'p1', 'one'), want: [] },
    { name: 'an ALB for all', object: rule('shared', 'p2', 'two'), want: [] },
    { name: 'an administrator', object: rule('p1', '', 'two', secret), want: [] },
    { name: 'backends of another project', object: rule('shared', 'p1', 'two'), want: [foreign] },
    {
      name: 'backends of nobody',
      object: rule('shared', 'p1', 'open'),
      want: [
        'spec.serviceGroup.services[0].namespace: Forbidden: namespace "open" belongs to no project, not to project "p1"',
      ],
    },
    {
      name: 'an ALB of another project',
      object: rule('p1', 'p2', 'two'),
      want: ['metadata.labels[cpaas.io/project]: Forbidden: ALB2 "p1" does not serve project "p2"'],
    },
    {
      name: 'a certificate of another project',
      object: rule('shared', 'p1', 'one', secret),
      want: ['spec.certificate_name: Forbidden: namespace "two" belongs to project "p2", not to project "p1"'],
    },
    {
      name: 'a certificate of the platform',
      object: rule('shared', 'p1', 'one', { ...secret, certificate_name: 'kube-system_tls' }),
      want: [],
    },
    { name: 'a port of the project', object: rule('ports', 'p2', 'two'), want: [] },
    {
      name: 'a port of another project',
      object: rule('ports', 'p3', 'open'),
      want: [
        'metadata.labels[cpaas.io/project]: Forbidden: port 80 of ALB2 "ports" does not belong to project "p3"',
        'spec.serviceGroup.services[0].namespace: Forbidden: namespace "open" belongs to no project, not to project "p3"',
      ],
    },
    {
      name: 'a port made by a project, where administrators make them',
      object: frontend('ports', {}, 443, 'p1'),
      want: [
        'metadata.labels[cpaas.io/project]: Forbidden: ALB2 "ports" assigns ports to projects: its ports are made by administrators',
      ],
    },
    { name: 'a port made by a project of the ALB', object: frontend('p1', {}, 8080, 'p1'), want: [] },
  ];
  test.each(cases)('$name', ({ object, want }) => {
    const kind = object.kind === 'Rule' ? RuleKind.names : FrontendKind.names;
    const { causes } = review({ operation: 'CREATE', kind, object }, read);
    expect(causes.map(({ field, message }) => `${field}: ${message}`)).toEqual(want);
  });

  test('giving an object to another project, or to another ALB, is judged as a change', () => {
    const change = (before: KubernetesObject, object: KubernetesObject) =>
      review({ operation: 'UPDATE', kind: RuleKind.names, object, oldObject: before }, read).allowed;
    expect(change(rule('shared', '', 'two'), rule('shared', 'p1', 'two'))).toBe(false);
    expect(change(rule('shared', 'p2', 'two'), rule('p1', 'p2', 'two'))).toBe(false);
    // One that became wrong meanwhile can still be labelled otherwise.
    const wrong = rule('p1', 'p2', 'two');
    expect(change(wrong, { ...wrong, metadata: { ...wrong.metadata, annotations: { note: 'x' } } })).toBe(true);
  });
});

describe('LIM-33 an Ingress whose ALB does not serve its project', () => {
  const kind = BUILT_IN_KINDS.find((each) => each.kind === 'Ingress');
  const cases = [
    { className: 'p1', of: 'one', want: [] },
    {
      className: 'p1',
      of: 'two',
      want: ['spec.ingressClassName: ALB2 "p1" does not serve project "p2"; this Ingress has no effect'],
    },
    {
      className: 'p1',
      of: 'open',
      want: [
        'spec.ingressClassName: ALB2 "p1" does not serve namespace "open", which has no project; this Ingress has no effect',
      ],
    },
    { className: 'shared', of: 'open', want: [] },
    { className: 'ports', of: 'one', want: [] },
    {
      className: 'ports',
      of: 'two',
      want: ['spec.ingressClassName: ALB2 "ports" does not serve project "p2"; this Ingress has no effect'],
    },
    { className: 'somebody-elses', of: 'two', want: [] },
  ];
  test.each(cases)('class $className, namespace $of', ({ className, of, want }) => {
    const object = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'i', namespace: of },
      spec: { ingressClassName: className },
    };
    if (kind === undefined) throw new Error('Ingress is not a built-in kind');
    expect(review({ operation: 'CREATE', kind, object }, read)).toEqual({ allowed: true, causes: [], warnings: want });
  });
});
