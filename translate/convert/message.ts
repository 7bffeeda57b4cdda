/**
 * What a conversion says about an object. `I`: information. `W`: the result behaves differently. `E`: not converted.
 *
 * Source: spec MG section 1.
 */
export interface Message {
  readonly level: Level;
  /** The level and three digits, by which documents and programs know it: `W104`. */
  readonly code: MessageCode;
  /** `namespace/name` of what was read. */
  readonly object: string;
  /** Of that object, as `spec.path` or `metadata.annotations[key]`. */
  readonly field: string;
  /** Never holds key material. */
  readonly text: string;
}

type Level = 'I' | 'W' | 'E';
export type MessageCode = `${Level}${number}`;

/** Takes a message about the object at hand. */
export type Tell = (code: MessageCode, field: string, text: string) => void;

export function message(code: MessageCode, object: string, field: string, text: string): Message {
  return { level: levelOf(code), code, object, field, text };
}

/** `W W104 shop/web spec.path: ends with /` */
export function messageText({ level, code, object, field, text }: Message): string {
  return `${level} ${code} ${object} ${field}: ${text}`;
}

export function annotationField(key: string): string {
  return `metadata.annotations[${key}]`;
}

function levelOf(code: MessageCode): Level {
  if (code.startsWith('E')) return 'E';
  return code.startsWith('W') ? 'W' : 'I';
}
