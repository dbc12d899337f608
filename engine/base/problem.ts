/** An error that the user can fix: what is wrong, and in `hint` what to do next. Nothing was changed. */
export class UserError extends Error {
  readonly hint: string
  /** 1: the environment is not ready. 2: the request is invalid. 4: declined or not approved. 5: a change is in doubt. */
  readonly exitCode: 1 | 2 | 4 | 5
  constructor(message: string, hint: string, exitCode: 1 | 2 | 4 | 5 = 2) {
    super(message)
    this.hint = hint
    this.exitCode = exitCode
  }
}
