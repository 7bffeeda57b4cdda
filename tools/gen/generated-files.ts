import { DIFFERENCES } from '../../conformance/apiserver/differences.ts';
import { renderPage } from '../../conformance/apiserver/page.ts';
import { TRIED_CLIENTS } from '../../conformance/clients/tried.ts';
import { CASES } from '../../test/ingress-nginx/compatibility/cases.ts';
import { renderCompatibility } from '../../test/ingress-nginx/compatibility/page.ts';
import { renderDashboard } from '../dashboard/dashboard.ts';
import { deployFiles } from '../deploy/manifests.ts';

/** Path in the repository to text, for every file that is generated and committed. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>(deployFiles());
  files.set('docs/ingress-nginx-compatibility.md', renderCompatibility(CASES));
  files.set('docs/apiserver.md', renderPage(DIFFERENCES, TRIED_CLIENTS));
  files.set('deploy/grafana/causeway-alb.generated.json', renderDashboard());
  return files;
}
