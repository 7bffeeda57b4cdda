import type { TriedClient } from '../clients/tried.ts';
import type { Difference } from './differences.ts';

/** docs/apiserver.md: what differs on purpose, and how that is known. */
export function renderPage(differences: readonly Difference[], clients: readonly TriedClient[]): string {
  return `${[
    '# How the API server differs from Kubernetes',
    '',
    '<!-- Generated from conformance/apiserver/differences.ts by `npm run gen`; do not edit. -->',
    '',
    '`./causeway conformance apiserver` builds a real kube-apiserver and etcd, sends the same requests to them and to our API server, and compares',
    'status codes, bodies and event streams, once times, UIDs and versions are normalized. `./causeway test` compares with the recorded answers of the',
    'real server. These differences are deliberate, and the comparison knows them:',
    '',
    ...differences.map(({ title, reason }, index) => `${index + 1}. **${title}.** ${reason}`),
    '',
    'Steps of sequences that differ otherwise are listed in `conformance/apiserver/recorded/open.generated.json`, and are to be mended. What controllers do',
    '(garbage collection, deletion of namespaces, aggregated roles) is not compared: only the API server of Kubernetes is started.',
    '',
    'OpenAPI v3 documents are compared by paths, methods, fields, types, values and merging, those of a custom kind too; none differs in what is served.',
    'Descriptions are those of the npm packages that the schemas are made of (Kubernetes 1.30 and 1.34): some 80 of them are worded otherwise than in 1.33. Lines of the audit log are compared for 22 requests, and say the same; ours keeps silent about reading,',
    'unless it was refused.',
    '',
    '## Clients',
    '',
    '`./causeway conformance clients` runs programs that others wrote against our API server, and says what holds ([how](../conformance/clients/README.md)):',
    '',
    '| client | version | what holds |',
    '|---|---|---|',
    ...clients.map(({ name, version, result }) => `| ${name} | ${version} | ${result} |`),
  ].join('\n')}\n`;
}
