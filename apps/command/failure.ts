/** Says why a command against a running `up` failed; a file that is missing is its kubeconfig. */
export function tellFailure(error: unknown): void {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`causeway: ${reason}${missing ? '; is `causeway up` running?' : ''}\n`);
}
