/** How a text must be. */
export type TextTestIR =
  | { readonly op: 'equal' | 'prefix' | 'suffix'; readonly value: string }
  | { readonly op: 'regex'; readonly pattern: string };
