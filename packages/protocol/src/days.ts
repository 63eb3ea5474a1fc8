/** A day without a change of the clock. */
export const dayMs = 24 * 60 * 60 * 1000;
