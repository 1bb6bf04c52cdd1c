// Whether what a run is for has happened. What stands still gives no wrong answer, and does not grow.

/** How often each thing has happened until some moment; undefined: nobody has told. @typedef {Record<string, number | undefined>} Tally */

// A slow machine does less than it was asked for, what is broken does next to nothing: this tells them apart.
const LEAST_SHARE = 0.02;
// What has not happened for so long happens no more, however often it did before. Short runs have less time to see that.
const LONGEST_PAUSE = { seconds: 30, share: 1 / 3 };

/** @param {(number | undefined)[]} times one for each moment @returns {{ from: number, steps: number }} where they stay the same for longest; what is not known does, too */
function longestPauseOf(times) {
  let longest = { from: 0, steps: 0 };
  let from = 0;
  times.forEach((now, i) => {
    if (i > 0 && (now ?? NaN) > (times[i - 1] ?? NaN)) from = i;
    if (i - from > longest.steps) longest = { from, steps: i - from };
  });
  return longest;
}

/**
 * @param {(number | undefined)[]} times how often something had happened, in equal steps from the beginning of a run to its end
 * @param {number} asked how often it was asked for
 * @param {number} seconds of the run
 * @returns {string | null} what is wrong with that
 */
function shortcoming(times, asked, seconds) {
  const found = (times.at(-1) ?? NaN) - (times[0] ?? NaN);
  const least = Math.ceil(asked * LEAST_SHARE);
  // Not `<`: what is not known has not happened.
  if (!(found >= least)) return `${found} of ${asked}, at least ${least} were expected`;
  const { from, steps } = longestPauseOf(times);
  const ofStep = seconds / (times.length - 1);
  if (steps * ofStep <= Math.min(LONGEST_PAUSE.seconds, seconds * LONGEST_PAUSE.share)) return null;
  return `none for ${Math.round(steps * ofStep)} s, from second ${Math.round(from * ofStep)} on`;
}

/**
 * @param {Tally[]} tallies of a whole run, in equal steps
 * @param {Record<string, number>} rates how often each thing was asked for, per second
 * @param {number} seconds of the run
 * @returns {string[]} what did not happen
 */
export function missing(tallies, rates, seconds) {
  return Object.entries(rates).flatMap(([what, rate]) => {
    const wrong = shortcoming(tallies.map((tally) => tally[what]), rate * seconds, seconds);
    return wrong === null ? [] : [`MISSING: ${what}: ${wrong}`];
  });
}
