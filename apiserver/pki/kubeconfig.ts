import { stringify } from 'yaml';

/** What proves who the user is; PEM texts. */
export type UserCredentials = { readonly token: string } | { readonly certificate: string; readonly key: string };

/** A kubeconfig for one user of one server. @param server `https://127.0.0.1:6443` */
export function kubeconfigText({
  server,
  caCertificate,
  user,
  credentials,
}: {
  server: string;
  caCertificate: string;
  user: string;
  credentials: UserCredentials;
}): string {
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'causeway',
          cluster: { server, 'certificate-authority-data': base64(caCertificate) },
        },
      ],
      users: [{ name: user, user: userOf(credentials) }],
      contexts: [{ name: 'causeway', context: { cluster: 'causeway', user, namespace: 'default' } }],
      'current-context': 'causeway',
    },
    { lineWidth: 0 },
  );
}

function userOf(credentials: UserCredentials): object {
  if ('token' in credentials) return { token: credentials.token };
  const { certificate, key } = credentials;
  return { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
