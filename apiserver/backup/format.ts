/**
 * A backup is one file: gzip over lines of JSON. The first line says what it is, then come the files of the server (keys, certificates,
 * the administrator's token) and the objects, and the last line says how many there were and the SHA-256 of all lines before it.
 * It does not depend on how the store lays out its file.
 */
export const BACKUP_VERSION = 1;
const KIND = 'causeway-backup';

export interface BackupHeader {
  readonly kind: typeof KIND;
  readonly version: number;
  /** RFC 3339. */
  readonly created: string;
  /** Of the newest change that it holds. */
  readonly revision: number;
}

export type BackupLine =
  | BackupHeader
  /** `file` is relative to the data directory, with `/`. */
  | { readonly file: string; readonly text: string }
  | { readonly key: string; readonly text: string }
  | { readonly end: true; readonly files: number; readonly objects: number; readonly sha256: string };

export function header(created: Date, revision: number): BackupHeader {
  return { kind: KIND, version: BACKUP_VERSION, created: created.toISOString(), revision };
}

/** A file that is no backup, not a whole one, or one that a later release made. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/** @throws BackupError */
export function readHeader(file: string, line: unknown): BackupHeader {
  const { kind, version, created, revision } = Object(line) as Partial<Record<keyof BackupHeader, unknown>>;
  if (kind !== KIND || typeof version !== 'number') throw new BackupError(`${file} is not a backup of Causeway`);
  if (version > BACKUP_VERSION) {
    throw new BackupError(
      `${file} is a backup of version ${version}, and this release reads versions up to ${BACKUP_VERSION}: use the release that made ` +
        'it, or a later one',
    );
  }
  if (typeof created !== 'string' || typeof revision !== 'number' || !Number.isSafeInteger(revision) || revision < 0) {
    throw new BackupError(`${file} is damaged: its first line is incomplete`);
  }
  return { kind: KIND, version, created, revision };
}
