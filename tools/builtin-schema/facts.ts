import { DEFAULTS } from './defaults.ts';
import { ENUMS } from './enums.ts';
import { FORMATS } from './formats.ts';
import { LISTS } from './lists.ts';
import { REQUIRED } from './required.ts';
import { TEXTS } from './texts.ts';
import { TOLD_VALUES } from './told-values.ts';

/** Keywords to add to a definition or one of its fields. */
export type Facts = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * What the TypeScript declarations of the built-in kinds do not say and kubectl and its users notice: how lists are merged, defaults,
 * the values a field can take, wide and binary formats. Written by hand from the Kubernetes API reference (1.33).
 *
 * Keys are the end of a definition's name, and `/field`: `core.v1.Container/ports`. Each table has its own keywords, so they join.
 */
export const FACTS: readonly Facts[] = [LISTS, ENUMS, DEFAULTS, FORMATS, REQUIRED, TEXTS, TOLD_VALUES];
