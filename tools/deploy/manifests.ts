import { CAUSEWAY_KINDS } from '@causeway/apis/gateway/index';
import { crdOf } from '@causeway/apis/meta/crd';
import { stringify } from 'yaml';
import { accessObjects } from './access.ts';
import { LABELS, NAMESPACE } from './names.ts';
import { controllersBudget, controllersDeployment, webhookService } from './programs.ts';
import { webhookConfiguration } from './webhook.ts';

/** Path in the repository to text: what `kubectl apply -k deploy` installs on a cluster. */
export function deployFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const crds: string[] = [];
  for (const kind of CAUSEWAY_KINDS) {
    const { plural, group } = kind.names;
    const name = `crds/${group}_${plural}.yaml`;
    crds.push(name);
    files.set(`deploy/${name}`, manifest('apis/', [crdOf(kind)], true));
  }
  const parts = {
    'cluster/namespace.yaml': [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels: LABELS } }],
    'cluster/access.yaml': accessObjects(),
    'cluster/controllers.yaml': [controllersDeployment(), controllersBudget()],
    'cluster/webhook.yaml': [webhookService(), webhookConfiguration()],
  };
  for (const [name, objects] of Object.entries(parts)) files.set(`deploy/${name}`, manifest('tools/deploy', objects));
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [...crds, ...Object.keys(parts)],
  };
  files.set('deploy/kustomization.yaml', manifest('tools/deploy', [kustomization]));
  return files;
}

/** What is a string stays one for YAML 1.1 readers too: kubectl reads `yes` as true. */
function manifest(source: string, objects: readonly object[], aliasDuplicateObjects = false): string {
  const options = { version: '1.1', lineWidth: 120, aliasDuplicateObjects } as const;
  const texts = objects.map((object) => stringify(object, options));
  return `# Generated from ${source} by \`npm run gen\`; do not edit.\n${texts.join('---\n')}`;
}
