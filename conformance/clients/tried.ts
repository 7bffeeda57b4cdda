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
      '312 of 312 and 277 of 277, with our server as envtest starts its own, without controllers (a real kube-apiserver, by `--real`: 312 and 275, two of them timing)',
  },
  { name: '@kubernetes/client-node', version: '1.4.0', result: 'informers, over a restart of the server too' },
];
