import { createHash } from 'node:crypto'

/**
 * Returns the mark that a step's requests carry: the process's own, and a digest of the step's key. With it alone a call is known as
 * this step's, whatever the clocks say.
 */
export const markOf = (mark: string, step: string | undefined): string =>
  step === undefined ? mark : `${mark}-${createHash('sha256').update(step).digest('hex').slice(0, 8)}`
