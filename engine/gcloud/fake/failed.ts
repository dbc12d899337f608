/** Ends a command as gcloud does on failure: an exit code and the text on stderr after `ERROR: (gcloud.x.y) `. */
export class Failed extends Error {
  readonly exitCode: 1 | 2
  /** Printed before the error, unchanged. */
  readonly before: string
  constructor(exitCode: 1 | 2, message: string, before = '') {
    super(message)
    this.exitCode = exitCode
    this.before = before
  }
}

/** gcloud's wording for an unexpected failure; it names no command. */
export class Crashed extends Error {
  constructor(kind: string, message: string) {
    super(`gcloud crashed (${kind}): ${message}`)
  }
}

/** Explains why a command that the real gcloud knows may be refused. */
const LIMITS = 'The fake gcloud supports only the commands of the runbooks that come with Breakglass.'

/** Refuses an unknown argument with gcloud's own wording. */
export const unsupported = (message: string): Failed => new Failed(2, `${message}\n${LIMITS}`)
