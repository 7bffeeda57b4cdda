/** Text is handed to the socket in pieces of this many characters. */
const PIECE_CHARACTERS = 128 * 1024;

/** Who asks so soon after another gets what was made for him. */
const SOON_MS = 1000;
/** Items of all lists whose pieces are kept: some 50 MB. Others are made for each reader. */
const KEPT_ITEMS = 40_000;

/** What lists are made of: entries with their text. */
export type ListItems = readonly { readonly json: string }[];

interface Asked {
  at: number;
  kept: ListPieces | undefined;
}

/** By what is listed, which is another array when anything has changed, and by how it is shown. */
const asked = new WeakMap<ListItems, Map<string, Asked>>();
let keptItems = 0;

/**
 * The items of a list as the bytes that are sent, each piece made when somebody first needs it. Those who read the same list at a time share
 * them: many programs list the same when they start, and again when they have lost the server.
 */
export class ListPieces {
  readonly #items: ListItems;
  readonly #render: (json: string) => string;
  readonly #kept: Buffer[] | undefined;
  readonly #drop: () => void;
  /** How many of the items were made. */
  #made = 0;
  #readers = 1;

  private constructor(items: ListItems, render: (json: string) => string, drop?: () => void) {
    this.#items = items;
    this.#render = render;
    this.#kept = drop === undefined ? undefined : [];
    this.#drop = drop ?? (() => {});
  }

  /**
   * For one reader, who calls {@link release} in the end. What is asked for once is not kept.
   *
   * @param form all that `render` depends on
   */
  static of(items: ListItems, form: string, render: (json: string) => string): ListPieces {
    const forms = asked.get(items) ?? new Map<string, Asked>();
    asked.set(items, forms);
    const now = performance.now();
    const before = forms.get(form);
    if (before?.kept !== undefined) {
      before.kept.#readers++;
      return before.kept;
    }
    const mine: Asked = { at: now, kept: undefined };
    forms.set(form, mine);
    if (before === undefined || now - before.at > SOON_MS || keptItems + items.length > KEPT_ITEMS) {
      return new ListPieces(items, render);
    }
    keptItems += items.length;
    mine.kept = new ListPieces(items, render, () => {
      if (mine.kept === undefined) return;
      mine.kept = undefined;
      keptItems -= items.length;
    });
    return mine.kept;
  }

  /** The piece after `index` others, with its leading comma; undefined: there is none. One that is not shared is read once, in order. */
  at(index: number): Buffer | undefined {
    return this.#kept?.[index] ?? this.#next();
  }

  /** Whether the first piece, once it was read, is all. */
  get isSingle(): boolean {
    return this.#made === this.#items.length && (this.#kept?.length ?? 1) <= 1;
  }

  release(): void {
    this.#readers--;
    if (this.#readers > 0 || this.#kept === undefined) return;
    setTimeout(() => {
      if (this.#readers === 0) this.#drop();
    }, SOON_MS).unref();
  }

  #next(): Buffer | undefined {
    const items = this.#items;
    if (this.#made === items.length) return undefined;
    let text = '';
    while (this.#made < items.length && text.length < PIECE_CHARACTERS) {
      const separator = this.#made === 0 ? '' : ',';
      text += separator + this.#render(items[this.#made]?.json ?? '');
      this.#made++;
    }
    const piece = Buffer.from(text);
    this.#kept?.push(piece);
    return piece;
  }
}
