/** The text of a selector is wrong: HTTP 400, reason BadRequest, the message as it is. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}
