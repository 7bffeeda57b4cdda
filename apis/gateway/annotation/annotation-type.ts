/**
 * How the text of an annotation is read. Each reader gives a value, or says what it wants instead; nobody uses the text
 * of an annotation any other way, so that nothing a user writes gets further than this (design D7).
 */
export interface AnnotationType<T> {
  /** The text without blanks around it, never empty: an empty annotation counts as absent. */
  readonly read: (text: string) => T | AnnotationMistake;
  /** What is other than in ingress-nginx, for its users; absent: it does the same. */
  readonly differs?: string;
}

/** @param differs what is other than in ingress-nginx */
export function differing<T>(type: AnnotationType<T>, differs: string): AnnotationType<T> {
  return { ...type, differs };
}

/** What the text must be: `must be true or false`. */
export class AnnotationMistake {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Longest text of an annotation that is looked at. */
const MAX_LENGTH = 8192;

/** `true` or `false`, in any case, as strconv.ParseBool of ingress-nginx also takes `1`, `t`, `0` and `f`. */
export const flag: AnnotationType<boolean> = {
  read: (text) => {
    if (/^(true|t|1)$/i.test(text)) return true;
    return /^(false|f|0)$/i.test(text) ? false : new AnnotationMistake('must be "true" or "false"');
  },
};

/** nginx's words `on` and `off`, or as {@link flag}. */
export const onOff: AnnotationType<boolean> = {
  read: (text) => {
    if (/^on$/i.test(text)) return true;
    if (/^off$/i.test(text)) return false;
    const read = flag.read(text);
    return read instanceof AnnotationMistake ? new AnnotationMistake('must be "on" or "off"') : read;
  },
};

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** A size as nginx writes it: a number of bytes, or with `k`, `m` or `g`; at least `min` and at most `max` bytes. */
export function bytes(min: number, max: number): AnnotationType<number> {
  return {
    read: (value) => {
      const match = /^([0-9]{1,16})([kmg]?)$/i.exec(value);
      const size =
        match === null ? Number.NaN : Number(match[1]) * (UNITS[(match[2] ?? '').toLowerCase()] ?? Number.NaN);
      return size >= min && size <= max
        ? size
        : new AnnotationMistake(`must be a size like 8m, from ${min} to ${max} bytes`);
    },
  };
}

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number): AnnotationType<number> {
  return {
    read: (text) => {
      const value = /^-?[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max
        ? value
        : new AnnotationMistake(`must be a whole number from ${min} to ${max}`);
    },
  };
}

/** One of some words, in any case. */
export function oneOf<const T extends string>(...values: readonly T[]): AnnotationType<T> {
  return {
    read: (text) =>
      values.find((value) => value.toLowerCase() === text.toLowerCase()) ??
      new AnnotationMistake(`supported values: ${values.map((value) => `"${value}"`).join(', ')}`),
  };
}

/** A text that a pattern describes. @param wanted completes `must be ...` */
export function text(pattern: RegExp, wanted: string, maxLength = MAX_LENGTH): AnnotationType<string> {
  return {
    read: (value) =>
      value.length <= maxLength && pattern.test(value) ? value : new AnnotationMistake(`must be ${wanted}`),
  };
}

/** Items between commas, blanks around them taken off; empty ones are left out. One bad item makes the whole list bad. */
export function list<T>(item: AnnotationType<T>): AnnotationType<readonly T[]> {
  return {
    read: (value) => {
      const items: T[] = [];
      for (const part of value.split(',').map((one) => one.trim())) {
        if (part === '') continue;
        const read = item.read(part);
        if (read instanceof AnnotationMistake) return new AnnotationMistake(`${JSON.stringify(part)} ${read.message}`);
        items.push(read);
      }
      return items;
    },
  };
}

const MAX_MS = 4_294_967_295;

/** Seconds, or a number with `s` or `ms`; as milliseconds, above 0 (spec ALB-80). */
export const milliseconds: AnnotationType<number> = {
  read: (value) => {
    const match = /^([0-9]+(?:\.[0-9]+)?)(ms|s)?$/.exec(value);
    const ms = match === null ? 0 : Math.round(Number(match[1]) * (match[2] === 'ms' ? 1 : 1000));
    return ms > 0 && ms <= MAX_MS
      ? ms
      : new AnnotationMistake(`must be seconds, or a number with s or ms, of at most ${MAX_MS} ms`);
  },
};
