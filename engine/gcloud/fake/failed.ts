/** Ends a command as gcloud ends one that fails: its exit code and what it writes on stderr after `ERROR: (gcloud.x.y) `. */
export class Failed extends Error {
  readonly exitCode: 1 | 2
  /** Said in front of the error, as it is. */
  readonly before: string
  constructor(exitCode: 1 | 2, message: string, before = '') {
    super(message)
    this.exitCode = exitCode
    this.before = before
  }
}

/** gcloud's words for a failure that it didn't expect itself; they have no command in front. */
export class Crashed extends Error {
  constructor(kind: string, message: string) {
    super(`gcloud crashed (${kind}): ${message}`)
  }
}

/** What tells a person why something that the real gcloud knows may be refused here. */
const LIMITS = 'The stand-in for gcloud knows only the commands of the runbooks that come with Breakglass.'

/** A word that the stand-in doesn't know, in gcloud's own words for one that gcloud doesn't know. */
export const notKnown = (message: string): Failed => new Failed(2, `${message}\n${LIMITS}`)
