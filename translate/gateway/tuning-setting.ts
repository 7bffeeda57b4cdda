import type { TuningIR } from '@causeway/ir/gateway';

/** Settings as they are collected. */
export type TuningDraft = { -readonly [K in keyof TuningIR]: TuningIR[K] };

/** Settings that are numbers. */
export type NumberSetting = {
  [K in keyof TuningIR]-?: Exclude<TuningIR[K], undefined> extends number ? K : never;
}[keyof TuningIR];

/** Settings that are switches. */
export type SwitchSetting = {
  [K in keyof TuningIR]-?: Exclude<TuningIR[K], undefined> extends boolean ? K : never;
}[keyof TuningIR];
