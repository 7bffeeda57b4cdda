import type { Value } from './value.ts';

/**
 * The syntax tree of an expression. Macros are nodes of their own (`fold`, `optionalMap`, a `select` that only tests), not
 * the loops that CEL's definition expands them to: they are checked and run as what they are.
 *
 * `at` is where cel-go reports an error of the node: the operator, the dot, the opening parenthesis.
 */
export type Expression =
  | { readonly kind: 'literal'; readonly at: number; readonly value: Value }
  | { readonly kind: 'identifier'; readonly at: number; readonly name: string }
  | {
      readonly kind: 'select';
      readonly at: number;
      readonly operand: Expression;
      readonly field: string;
      /** `has(a.b)` */
      readonly test: boolean;
      /** `a.?b` */
      readonly optional: boolean;
    }
  | {
      readonly kind: 'call';
      readonly at: number;
      /** Operators have cel-go's names: `_+_`, `_[_]`. */
      readonly name: string;
      readonly target: Expression | undefined;
      readonly args: readonly Expression[];
    }
  | { readonly kind: 'list'; readonly at: number; readonly items: readonly ListItem[] }
  | { readonly kind: 'map'; readonly at: number; readonly entries: readonly MapEntry[] }
  | Fold
  | {
      /** `a.optMap(name, body)`; with `flat`, `a.optFlatMap(name, body)`. */
      readonly kind: 'optionalMap';
      readonly at: number;
      readonly target: Expression;
      readonly name: string;
      readonly body: Expression;
      readonly flat: boolean;
    };

export interface ListItem {
  readonly value: Expression;
  readonly optional: boolean;
}

export interface MapEntry {
  readonly at: number;
  readonly key: Expression;
  readonly value: Expression;
  readonly optional: boolean;
}

/** A macro that goes through a list or a map. */
export interface Fold {
  readonly kind: 'fold';
  readonly at: number;
  readonly macro: FoldMacro;
  readonly range: Expression;
  readonly name: string;
  /** The variable of the value where `name` is the index or key. */
  readonly name2: string | undefined;
  /** What an element must fulfil; for `all`, `exists` and `existsOne` the whole body. */
  readonly condition: Expression | undefined;
  /** What an element becomes. */
  readonly result: Expression | undefined;
}

export type FoldMacro = 'all' | 'exists' | 'existsOne' | 'list' | 'map' | 'mapEntry';
