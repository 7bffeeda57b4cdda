/** When a name is to be asked for again in DNS, as somebody who uses it wants it. */
export interface NameRefresh {
  /** After so long, in seconds. */
  readonly seconds: number;
  /** Earlier where the time of the answer is over. */
  readonly respectsTtl: boolean;
}
