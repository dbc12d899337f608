/** A command line with the global options that stood before the command's name set apart. */
export type Split = { before: string[]; name: string | undefined; rest: string[] }

/** Global options with a value; `--json` has none. */
const VALUED = ['--workspace', '--logs', '--inventory']

/** The options that may stand before a command's name. */
export const BEFORE_NAME = ['--json', ...VALUED]

/** Finds the command's name behind global options: `--json --logs DIR list` is `list --json --logs DIR`. */
export function splitGlobal(argv: string[]): Split {
  let at = 0
  while (at < argv.length) {
    const [flag = '', value] = (argv[at] ?? '').split('=', 2)
    if (flag === '--json' && value === undefined) at += 1
    else if (VALUED.includes(flag)) at += value === undefined ? 2 : 1
    else break
  }
  return { before: argv.slice(0, at), name: argv[at], rest: argv.slice(at + 1) }
}

/** Whether a command line asks for JSON; what comes after `--` is another program's. */
export function wantsJson(argv: string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? undefined : end).includes('--json')
}
