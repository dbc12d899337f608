import type { Argument } from '../../gcloud-grammar/argument.ts'
import { commandOf } from '../../gcloud-grammar/command.ts'
import { isFullResourceName } from '../../gcloud-grammar/full-resource-names.ts'
import type { Finding, Path } from './findings.ts'

/** Flags that name a resource other than the command's own, possibly in another project. */
const ELSEWHERE = ['--role', '--network', '--subnet', '--vpc-connector', '--image', '--key', '--kms-key']

/** Returns the full resource names in a command, which override `--project`. Binding rejects those from expressions. */
export function lintResourceNames(path: Path, args: Argument[]): Finding[] {
  const { at } = commandOf(args)
  return args.flatMap((arg, index): Finding[] => {
    if (index <= at || typeof arg !== 'string') return []
    const before = args[index - 1]
    const [, own, given = arg] = /^(--[a-z][a-z0-9-]*)=([\s\S]*)$/.exec(arg) ?? []
    const flag = own ?? (typeof before === 'string' && /^--[a-z][a-z0-9-]*$/.test(before) ? before : undefined)
    if (!isFullResourceName(given) || isOthers(flag, given)) return []
    const start = arg.length - given.length
    return [
      {
        path: [...path, index],
        start,
        end: arg.length,
        message: 'a full resource name can refer to another project',
        hint: 'use only the ID; the project is that of the environment or `observe.project`',
      },
    ]
  })
}

/** Returns whether a flag's value may be a full name: a role always, a literal value if the flag names another resource or it is a URL. */
const isOthers = (flag: string | undefined, given: string): boolean =>
  flag !== undefined &&
  (flag === '--role' || (!given.includes('${{') && (ELSEWHERE.includes(flag) || /^https?:/i.test(given))))
