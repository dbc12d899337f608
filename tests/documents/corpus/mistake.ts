/**
 * A realistic mistake: its name, a piece of the valid base, its replacement with ‸ at the expected position, and part of the
 * expected message. If something is missing, the position is given as `line:column` instead of ‸.
 */
export type Mistake = [what: string, from: string, to: string, says: string, at?: string]
