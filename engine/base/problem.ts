/** Something the person can mend: what is wrong, and what to do next. Nothing was changed. */
export class UserError extends Error {
  readonly hint: string
  /** 2: what was asked for can't be done as asked. 1: it could, but the world isn't ready for it. 4: nobody consented. 5: what is there is in doubt. */
  readonly exitCode: 1 | 2 | 4 | 5
  constructor(message: string, hint: string, exitCode: 1 | 2 | 4 | 5 = 2) {
    super(message)
    this.hint = hint
    this.exitCode = exitCode
  }
}
