import { stringify } from 'yaml';

/** A kubeconfig for one user of one server. @param server `https://127.0.0.1:6443` */
export function kubeconfigText({
  server,
  caCertificate,
  token,
}: {
  server: string;
  caCertificate: string;
  token: string;
}): string {
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'causeway',
          cluster: { server, 'certificate-authority-data': Buffer.from(caCertificate).toString('base64') },
        },
      ],
      users: [{ name: 'admin', user: { token } }],
      contexts: [{ name: 'causeway', context: { cluster: 'causeway', user: 'admin', namespace: 'default' } }],
      'current-context': 'causeway',
    },
    { lineWidth: 0 },
  );
}
