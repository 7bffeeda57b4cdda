import programs from '../../tools/runtime/client-programs.json' with { type: 'json' };

/** A line of docs/apiserver.md. */
export interface TriedClient {
  readonly name: string;
  readonly version: string;
  readonly result: string;
}

const versionOf = (name: keyof typeof programs): string => programs[name].module.split('@v')[1] ?? '';

/** What `causeway conformance clients` found when it ran last. */
export const TRIED_CLIENTS: readonly TriedClient[] = [
  {
    name: 'kubectl',
    version: '1.20 (Debian 12), 1.34, 1.37',
    result:
      'everything that was tried; `logs`, `exec`, `attach`, `port-forward` and `cp` are refused with the reason, since nothing runs containers',
  },
  {
    name: 'Helm',
    version: versionOf('helm'),
    result:
      'install, test, upgrade, `--atomic`, rollback, uninstall, hooks, CRDs; `--wait` gives up on workloads, which nothing runs',
  },
  {
    name: 'controller-runtime',
    version: versionOf('controller-runtime'),
    result: 'a program as kubebuilder makes them; built-in kinds in protobuf both ways',
  },
  {
    name: 'its own tests, of client and cache',
    version: versionOf('controller-runtime-client-tests'),
    result:
      '299 to 301 of 312 in two runs and 272 of 277; the others are about CertificateSigningRequests, whose approval is not served, empty values (difference 1), the end of namespaces, which the server brings about by itself while the tests do (how many of them meet varies, and what they leave may fail another), and the Node that the machine is. They were given a Service `kubernetes`, which our server does not make',
  },
  { name: '@kubernetes/client-node', version: '1.4.0', result: 'informers, over a restart of the server too' },
];
