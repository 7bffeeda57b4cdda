import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

/*
 * Just enough of the ZIP format to take one file out of an archive: the end record gives the place of the central directory, which lists
 * every file with its place and sizes. No ZIP64, no encryption.
 *
 * Source: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16.
 */

const END_RECORD = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
/** The end record is followed by a comment of at most 64 KiB. */
const END_RECORD_MAX_BYTES = 22 + 65_535;

const inflate = promisify<Buffer, Buffer>(inflateRaw);

interface Entry {
  readonly method: number;
  readonly compressedBytes: number;
  readonly headerAt: number;
}

/** The contents of the file `name` of an archive. Fails when there is none. */
export async function readZipEntry(archive: string, name: string): Promise<Buffer> {
  const file = await open(archive, 'r');
  try {
    const entry = await findEntry(file, name);
    if (entry === undefined) throw new Error(`${archive} has no ${name}`);
    const header = await readAt(file, entry.headerAt, 30);
    if (header.readUInt32LE(0) !== LOCAL_HEADER) throw new Error(`${archive} is damaged at ${entry.headerAt}`);
    const dataAt = entry.headerAt + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    const data = await readAt(file, dataAt, entry.compressedBytes);
    if (entry.method === STORED) return data;
    if (entry.method === DEFLATED) return await inflate(data);
    throw new Error(`${archive} uses compression method ${entry.method}`);
  } finally {
    await file.close();
  }
}

async function findEntry(file: FileHandle, name: string): Promise<Entry | undefined> {
  const { size } = await file.stat();
  const tailBytes = Math.min(size, END_RECORD_MAX_BYTES);
  const tail = await readAt(file, size - tailBytes, tailBytes);
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== END_RECORD) end--;
  if (end < 0) throw new Error('not a zip archive');
  const directory = await readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === DIRECTORY_ENTRY; ) {
    const nameBytes = directory.readUInt16LE(at + 28);
    if (directory.toString('utf8', at + 46, at + 46 + nameBytes) === name) {
      return {
        method: directory.readUInt16LE(at + 10),
        compressedBytes: directory.readUInt32LE(at + 20),
        headerAt: directory.readUInt32LE(at + 42),
      };
    }
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return undefined;
}

async function readAt(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, position);
  if (bytesRead < bytes) throw new Error('the archive is cut short');
  return buffer;
}
