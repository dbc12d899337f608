import { closeSync, constants, writeSync } from 'node:fs'
import { UserError } from '../base/problem.ts'
import { describeTrouble, exitCodeOfTrouble } from './fs-errors.ts'
import { openRegular } from './regular-file.ts'

/**
 * Opens a file that a sandbox appends its requests to, one JSON object per line; if it can no longer be written, that is
 * reported once. Throws UserError.
 */
export function openJsonLines(path: string, print: (text: string) => void): (entry: object) => void {
  const { O_WRONLY, O_APPEND, O_CREAT } = constants
  const append = (text: string) => {
    const file = openRegular(path, O_WRONLY | O_APPEND | O_CREAT)
    try {
      writeSync(file, text)
    } finally {
      closeSync(file)
    }
  }
  try {
    append('')
  } catch (error) {
    throw new UserError(
      `cannot write the requests to ${path}: ${describeTrouble(error)}`,
      'choose another file with --requests FILE',
      exitCodeOfTrouble(error),
    )
  }
  let broken = false
  return (entry) => {
    if (broken) return
    try {
      append(`${JSON.stringify(entry)}\n`)
    } catch (error) {
      broken = true
      print(`Cannot write any more requests to ${path}: ${describeTrouble(error)}.`)
    }
  }
}
