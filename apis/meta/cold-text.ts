/**
 * Texts that are many, alike and seldom read, such as the JSON of thousands of objects of one kind: each is held as its differences
 * from an earlier one.
 */
import { Dictionary, packText, unpackText } from './packed-text.ts';

/** A dictionary serves at least so many texts: it must be worth its own size. */
const DICTIONARY_TEXTS = 64;
/** A text that stays longer than this share of its length would be a better dictionary. */
const POOR_SHARE = 1 / 3;

/** A text in little space. */
export class ColdText {
  readonly #dictionary: Dictionary;
  readonly #packed: string;

  /** Made by {@link ColdTexts}. */
  constructor(dictionary: Dictionary, packed: string) {
    this.#dictionary = dictionary;
    this.#packed = packed;
  }

  read(): string {
    return unpackText(this.#dictionary, this.#packed);
  }
}

/** Makes cold texts of one kind. */
export class ColdTexts {
  #dictionary = new Dictionary('');
  #texts = DICTIONARY_TEXTS;

  add(text: string): ColdText {
    const dictionary = this.#dictionary;
    const packed = packText(dictionary, text);
    this.#texts += 1;
    if (this.#texts >= DICTIONARY_TEXTS && packed.length > text.length * POOR_SHARE) {
      dictionary.retire();
      this.#dictionary = new Dictionary(text);
      this.#texts = 0;
    }
    return new ColdText(dictionary, packed);
  }
}
