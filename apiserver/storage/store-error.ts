/** The disk refused a write (full, read-only, broken). Nothing of the batch is stored. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

/** What the file holds is not what was written. Nothing is served from it, since nobody knows what else is wrong. */
export class StoreDamagedError extends Error {
  override readonly name = 'StoreDamagedError';

  /** @param directory of the file */
  constructor(directory: string, what: string, options?: ErrorOptions) {
    super(
      `the store in ${directory} is damaged: ${what}. Restore a backup with \`causeway restore FILE --data-dir DIR\`, which keeps ` +
        'the damaged store beside the new one; without a backup, move it away to begin with an empty one',
      options,
    );
  }
}

/** The file was written by a later release. */
export class StoreVersionError extends Error {
  override readonly name = 'StoreVersionError';

  constructor(directory: string, found: string, known: number) {
    super(
      `the store in ${directory} has version ${found}, and this release knows versions up to ${known}: use the release that wrote it, ` +
        'a later one, or restore a backup that this release made',
    );
  }
}
