import { CAUSEWAY_KINDS } from '@causeway/apis/gateway/index';
import { crdOf } from '@causeway/apis/meta/crd';
import { stringify } from 'yaml';
import { DIFFERENCES } from '../../conformance/apiserver/differences.ts';
import { renderPage } from '../../conformance/apiserver/page.ts';
import { CASES } from '../../test/ingress-nginx/compatibility/cases.ts';
import { renderCompatibility } from '../../test/ingress-nginx/compatibility/page.ts';
import { renderDashboard } from '../dashboard/dashboard.ts';

/** Path in the repository to text, for every file that is generated and committed. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const kind of CAUSEWAY_KINDS) {
    const { plural, group } = kind.names;
    // What is a string stays one for YAML 1.1 readers too: kubectl reads `yes` as true.
    const text = stringify(crdOf(kind), { version: '1.1', lineWidth: 120 });
    files.set(
      `deploy/crds/${group}_${plural}.yaml`,
      `# Generated from apis/ by \`npm run gen\`; do not edit.\n${text}`,
    );
  }
  files.set('docs/ingress-nginx-compatibility.md', renderCompatibility(CASES));
  files.set('docs/apiserver.md', renderPage(DIFFERENCES));
  files.set('deploy/grafana/causeway-alb.generated.json', renderDashboard());
  return files;
}
