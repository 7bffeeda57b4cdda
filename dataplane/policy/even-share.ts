/** Of the golden ratio: multiples of no other number fill the interval from 0 to 1 as evenly. */
const STEP = (Math.sqrt(5) - 1) / 2;

/**
 * Numbers in [0, 1) that are as even as can be in every run of them: of 1,000 below 0.2 are 200, two more or less, where random ones
 * would be 25 off now and then. For one decision about a request: those of two such rows go with each other.
 *
 * @param start in [0, 1); random, so that workers do not begin alike
 */
export function evenNumbers(start: number): () => number {
  let position = start;
  return () => {
    position = (position + STEP) % 1;
    return position;
  };
}
