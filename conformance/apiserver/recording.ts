import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Answer, EventsAnswer } from './answer.ts';
import type { OpenApiFactsByPath } from './openapi-facts.ts';

/** What the real server answered to the recorded sequences, normalized. */
export interface Recording {
  /** `v1.33.13` */
  readonly version: string;
  /** By name of the sequence; null where an answer is not compared. */
  readonly sequences: Readonly<Record<string, readonly (Answer | null)[]>>;
  /** Of the documents that our server has too. */
  readonly openApi: OpenApiFactsByPath;
  /** Lines of the audit log. */
  readonly audit: EventsAnswer;
}

const FILE = path.join(import.meta.dirname, 'recorded/kubernetes.json.gz');

export function readRecording(): Recording {
  const recording: Recording = JSON.parse(gunzipSync(readFileSync(FILE)).toString());
  return recording;
}

export function writeRecording(recording: Recording): void {
  writeFileSync(FILE, gzipSync(JSON.stringify(recording), { level: 9 }));
}
