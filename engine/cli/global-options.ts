/** A command line, split at the command's name: the global options before it, and the rest. */
export type Split = { before: string[]; name: string | undefined; rest: string[] }

/** The global options that take a value; `--json` takes none. */
const VALUED = ['--workspace', '--logs', '--inventory']

/** The options that can come before a command's name. */
export const BEFORE_NAME = ['--json', ...VALUED]

/** Splits a command line at the command's name: `--json --logs DIR list` means `list --json --logs DIR`. */
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

/** Checks whether a command line asks for JSON; what follows `--` belongs to another program. */
export function wantsJson(argv: string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? undefined : end).includes('--json')
}
