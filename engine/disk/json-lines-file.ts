import { closeSync, constants, writeSync } from 'node:fs'
import { UserError } from '../base/problem.ts'
import { describeTrouble, exitCodeOfTrouble } from './fs-errors.ts'
import { openRegular } from './regular-file.ts'

/**
 * Opens a file to which a sandbox's requests are appended, one JSON object a line; when it can't be written any more,
 * that is said once. Throws UserError.
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
      `the requests can't be written to ${path}: ${describeTrouble(error)}`,
      'name another file with --requests FILE',
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
      print(`No more requests are written to ${path}: ${describeTrouble(error)}.`)
    }
  }
}
