/**
 * One realistic mistake: what it is, a piece of the valid base, what stands there instead with ‸ where the mistake must be
 * shown, and a piece of what must be said. Where something is missing, the place (`line:column`) is said and not marked.
 */
export type Mistake = [what: string, from: string, to: string, says: string, at?: string]
