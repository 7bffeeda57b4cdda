/**
 * Names under which the certificate for a server name may be listed, the most specific first: itself, one label as `*.`, and any
 * number of labels as `**.`, of longer suffixes before shorter ones. `dataplane/http/certificate.ts` tries them in this order too.
 *
 * Source: spec ALB-109; Gateway API v1, Listener.hostname.
 *
 * @param serverName lower case
 */
export function certificateHosts(serverName: string): readonly string[] {
  const labels = serverName.split('.');
  const suffixes = labels.slice(1).map((_, index) => `.${labels.slice(index + 1).join('.')}`);
  return [
    serverName,
    ...suffixes.slice(0, 1).map((suffix) => `*${suffix}`),
    ...suffixes.map((suffix) => `**${suffix}`),
  ];
}
